using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>Linux with OpenZFS.</summary>
internal sealed class LinuxDialect : IOsDialect
{
    public string DisksScript => Resource.Text("label.sh") + Resource.Text("disks.sh");

    public DiskInventory ParseDisks(string host, string text) => LinuxDisks.Parse(host, text);

    public string NetworkScript => Resource.Text("network.sh");

    public string GuardScript => Resource.Text("guard-linux.sh");

    public IReadOnlyList<NetworkStep> CompareNetwork(string host, NetworkState observed, HostNetworkRequest request) =>
        LinuxNetworkPlanner.Compare(host, observed, request);

    public NetworkState ParseNetwork(string host, string text) => LinuxNetwork.Parse(host, text);

    // libzfs_share_nfs (Linux): rw= and ro= take host lists with colons, root= is rejected; networks have an @ in
    // front.
    // Never async: a datastore must be on disk when the server says so.
    public string ShareOptions(NfsShareRequest request) =>
        (request.ReadWrite == false ? "ro=" : "rw=")
        + string.Join(":", request.Clients.Select(c => ShareSyntax.Client(c.Name)))
        + ",no_root_squash,no_subtree_check";

    public IReadOnlyList<string> ShareClients(string options) => ShareSyntax.Clients(options);

    public IReadOnlyDictionary<string, IReadOnlyList<string>> ParseExports(string text) => ShareSyntax.Exportfs(text);
}
