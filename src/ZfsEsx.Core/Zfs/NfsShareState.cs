using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>What shares.sh found.</summary>
internal sealed record NfsShareState
{
    /// <summary>All file systems, shared or not.</summary>
    public required IReadOnlyList<ZfsNfsShare> Shares { get; init; }

    /// <summary>Names of pools with their state.</summary>
    public required IReadOnlyDictionary<string, string> Pools { get; init; }

    /// <summary>Properties of the file system asked for; empty when it does not exist.</summary>
    public required IReadOnlyDictionary<string, ZfsProperty> Properties { get; init; }

    /// <summary>Something that is in the directory at the mount point asked for; empty when there is nothing.</summary>
    public required string InDirectory { get; init; }

    /// <summary>What is mounted there, in the system's words; empty when nothing is.</summary>
    public required string MountedThere { get; init; }

    /// <summary>What the client names mean on the storage VM.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Names { get; init; }

    /// <summary>Reads the answer. Pure.</summary>
    public static NfsShareState Parse(string host, IOsDialect dialect, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        IReadOnlyDictionary<string, IReadOnlyList<string>> exports = dialect.ParseExports(parts.Get("exports"));
        return new NfsShareState
        {
            Shares =
            [
                .. ZfsText.Table(parts.Get("list"), 4).Select(f => new ZfsNfsShare(
                    host, f[0], f[2], f[1], dialect.ShareClients(f[1]),
                    exports.TryGetValue(f[2], out IReadOnlyList<string>? clients) && f[3] == "yes" ? clients : [],
                        f[3] == "yes")),
            ],
            Pools = ZfsText.Table(parts.Get("pools"), 2).ToDictionary(f => f[0], f => f[1]),
            Properties = ZfsText.Properties(parts.Get("properties")),
            InDirectory = parts.Lines("directory").FirstOrDefault() ?? "",
            MountedThere = parts.Lines("mounts").FirstOrDefault() ?? "",
            Names = HostNamesText.Resolved(parts.Lines("names")),
        };
    }
}
