using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>
/// What a pool is made of, as text that compares: the order of groups, and of disks in a group, makes no difference.
/// Pure.
/// </summary>
internal static class ZpoolShape
{
    /// <summary>Of a pool that is there; its disks carry the names of the inventory.</summary>
    public static string Of(Zpool pool) => string.Join("; ", Groups(pool));

    /// <summary>Of groups of disks that are wanted.</summary>
    public static string Of(IEnumerable<ZpoolGroup> groups) => string.Join(
        "; ",
        Single(groups)
            .Select(g => One(g.Role, g.Type, g.Disks.Select(d => d.Device)))
            .OrderBy(s => s, StringComparer.Ordinal));

    /// <summary>The groups of a pool.</summary>
    public static IEnumerable<string> Groups(Zpool pool) => pool.Vdevs
        .Select(v => One(v.Role, v.Type, ZpoolText.Disks(v).Select(d => d.Name)))
        .OrderBy(s => s, StringComparer.Ordinal);

    /// <summary>Single disks named together are a group each.</summary>
    public static IEnumerable<ZpoolGroup> Single(IEnumerable<ZpoolGroup> groups) =>
        groups.SelectMany(g => g.Type == "disk" ? g.Disks.Select(d => g with { Disks = [d] }) : [g]);

    /// <summary>The pool of this name.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolNotFound</c>.</exception>
    public static Zpool Find(string host, IReadOnlyList<Zpool> pools, string name) =>
        pools.FirstOrDefault(p => p.Name == name) ?? throw new ZfsEsxException(
            "PoolNotFound", FailureKind.NotFound, name,
            "There is no pool " + ShellQuote.Readable(name) + " on " + host
                + (pools.Count == 0 ? "." : "; it has " + string.Join(", ", pools.Select(p => p.Name)) + "."),
            "See Get-EncapsulatedZpool; one that is not imported yet can be found with Import-EncapsulatedZpool.");

    /// <summary>The refusal of a change to a pool that does not work.</summary>
    public static ZfsEsxException NotUsable(string host, Zpool pool) => new(
        "PoolNotUsable", FailureKind.InvalidState, pool.Name,
        "The pool " + pool.Name + " on " + host + " is " + pool.State + ".",
        pool.Advice.Length > 0 ? pool.Advice : null);

    private static string One(VdevRole role, string type, IEnumerable<string> disks) =>
        ZpoolDisks.Word(role) + " " + (type == "disk" ? "" : type + " of ")
        + string.Join(" ", disks.OrderBy(d => d, StringComparer.Ordinal));
}
