using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>
/// OpenSolaris (snv builds) and illumos: disks, network, and what sharing needs; the rest says that it is not there
/// yet.
/// </summary>
internal sealed class SolarisDialect(HostSystem system) : UnknownDialect(system)
{
    public override string DisksScript => Resource.Text("label.sh") + Resource.Text("disks-sunos.sh");

    public override DiskInventory ParseDisks(string host, string text) => SolarisDisks.Parse(host, text);

    public override string NetworkScript => Resource.Text("network-sunos.sh");

    public override string GuardScript => Resource.Text("guard-sunos.sh");

    public override NetworkState ParseNetwork(string host, string text) => SolarisNetwork.Parse(host, text);

    public override IReadOnlyList<NetworkStep> CompareNetwork(
        string host, NetworkState observed, HostNetworkRequest request) =>
        SolarisNetworkPlanner.Compare(host, observed, request);

    // share_nfs(1M): colon lists; root= takes the place of Linux's no_root_squash. A network has an @ in front.
    public override string ShareOptions(NfsShareRequest request)
    {
        string clients = string.Join(":", request.Clients.Select(c => ShareSyntax.Client(c.Name)));
        return (request.ReadWrite == false ? "ro=" : "rw=") + clients + ",root=" + clients;
    }

    public override IReadOnlyList<string> ShareClients(string options) => ShareSyntax.Clients(options);

    public override IReadOnlyDictionary<string, IReadOnlyList<string>> ParseExports(string text) =>
        ShareSyntax.Share(text);
}
