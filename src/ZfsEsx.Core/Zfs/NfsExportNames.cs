using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>
/// Exports in the spelling of the shares' own options. Linux' exportfs knows a client once, by what it met first: an
/// address is listed by the name that another share has for it or the other way round, and an alias by the first name
/// of its line in the hosts file, or by that with its domain. Pure.
/// </summary>
internal static class NfsExportNames
{
    /// <summary>
    /// The names whose addresses tell which client is which; none where every client is listed as it is spelled.
    /// </summary>
    public static IReadOnlyList<string> Unclear(IEnumerable<ZfsNfsShare> shares) =>
    [
        .. shares.Where(s => s.Exported.Count > 0
                && !new HashSet<string>(s.Clients, StringComparer.OrdinalIgnoreCase).SetEquals(s.Exported))
            .SelectMany(s => s.Clients.Concat(s.Exported)).Where(HostRules.IsHostName)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The share, with each export by the spelling of the clients that it means.</summary>
    /// <param name="share">The share.</param>
    /// <param name="names">Names with their addresses.</param>
    public static ZfsNfsShare Spelled(ZfsNfsShare share, IReadOnlyDictionary<string, IReadOnlyList<string>> names)
    {
        string[] Clients(string export) =>
            [.. share.Clients.Where(c => Same(c, export) || Meaning(c, names).Intersect(Meaning(export, names)).Any())];
        return share with
        {
            Exported = [.. share.Exported.SelectMany(e => Clients(e) is { Length: > 0 } c ? c : [e]).Distinct()],
        };
    }

    private static IEnumerable<string> Meaning(
        string client, IReadOnlyDictionary<string, IReadOnlyList<string>> names) =>
        HostRules.IsAddress(client) ? [client]
            : names.TryGetValue(client, out IReadOnlyList<string>? found) ? found : [];

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
