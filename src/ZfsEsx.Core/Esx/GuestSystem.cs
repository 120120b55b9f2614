namespace ZfsEsx.Esx;

/// <summary>Names of systems for a storage VM, and what vSphere calls them: newest first, as hosts know them.</summary>
public static class GuestSystem
{
    private static readonly Dictionary<string, string[]> s_ids = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Debian"] =
        [
            "debian13_64Guest", "debian12_64Guest", "debian11_64Guest", "debian10_64Guest", "debian9_64Guest",
            "debian8_64Guest", "debian7_64Guest",
        ],
        ["Ubuntu"] = ["ubuntu64Guest"],
        ["Linux"] =
        [
            "other6xLinux64Guest", "other5xLinux64Guest", "other4xLinux64Guest", "other3xLinux64Guest",
            "otherLinux64Guest",
        ],
        ["FreeBSD"] =
        [
            "freebsd14_64Guest", "freebsd13_64Guest", "freebsd12_64Guest", "freebsd11_64Guest", "freebsd64Guest",
        ],
        ["Illumos"] = ["solaris11_64Guest", "solaris10_64Guest"],
        ["OpenSolaris"] = ["solaris11_64Guest", "solaris10_64Guest"],
        ["Solaris"] = ["solaris11_64Guest", "solaris10_64Guest"],
        ["Other"] = ["otherGuest64"],
    };

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names => [.. s_ids.Keys];

    /// <summary>The ids that a name stands for; an id stands for itself.</summary>
    internal static IReadOnlyList<string> Ids(string nameOrId) =>
        s_ids.TryGetValue(nameOrId, out string[]? ids) ? ids : [nameOrId];
}
