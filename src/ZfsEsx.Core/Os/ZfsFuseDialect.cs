using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>
/// How zfs-fuse shares: <c>client:options</c> for each client, with blanks between, handed to exportfs one by one. It
/// builds
/// command lines of a shell from that value, so nothing but names, addresses and networks may ever get there.
/// </summary>
internal sealed class ZfsFuseDialect : UnknownDialect
{
    public ZfsFuseDialect()
        : base(HostSystem.Linux)
    {
    }

    public override string ShareOptions(NfsShareRequest request) => string.Join(
        " ",
        request.Clients.Select(c =>
            c.Name + (request.ReadWrite == false ? ":ro" : ":rw") + ",no_root_squash,no_subtree_check"));

    public override IReadOnlyList<string> ShareClients(string options) => options is "off" or "-" or "" ? []
        : options == "on" ? ["*"]
        : [.. options.Split([' '], StringSplitOptions.RemoveEmptyEntries).Select(w => w.Split(':')[0]).Distinct()];

    public override IReadOnlyDictionary<string, IReadOnlyList<string>> ParseExports(string text) =>
        ShareSyntax.Exportfs(text);
}
