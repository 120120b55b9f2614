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

    /// <summary>What the NFS server does now.</summary>
    public NfsServerState Server { get; init; }

    /// <summary>Whether it is started with the system; null where that cannot be told.</summary>
    public bool? AtBoot { get; init; }

    /// <summary>ZFS is zfs-fuse, which has its own syntax of <c>sharenfs</c>.</summary>
    public bool Fuse { get; init; }

    /// <summary>
    /// What the pool of the file system asked for has left for file systems; null when it was not said.
    /// </summary>
    public long? PoolAvailable { get; init; }

    /// <summary>What this ZFS says of the values that properties may have; empty when it says nothing.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>The storage VM's own addresses with prefix.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

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
        ILookup<string, string> server = parts.Lines("server").Select(l => l.Split(' ')).Where(w => w.Length == 2)
            .ToLookup(w => w[0], w => w[1]);
        bool fuse = server["fuse"].Any();
        dialect = fuse ? new ZfsFuseDialect() : dialect;
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
            Pools = Pairs(ZfsText.Table(parts.Get("pools"), 2)),
            Server = server["state"].FirstOrDefault() switch
            {
                "running" => NfsServerState.Running,
                "stopped" => NfsServerState.Stopped,
                _ => NfsServerState.Missing,
            },
            AtBoot = server["boot"].FirstOrDefault() switch { "yes" => true, "no" => false, _ => null },
            Fuse = fuse,
            Properties = ZfsText.Properties(parts.Get("properties")),
            PoolAvailable = ZfsText.Properties(parts.Get("pool")).TryGetValue("available", out ZfsProperty? left)
                ? ZfsText.Number(left.Value) : null,
            Values = ZfsText.PropertyValues(parts.Get("values")),
            Addresses = [.. parts.Lines("addresses").Select(HostRules.Prefixed).OfType<string>()],
            InDirectory = parts.Lines("directory").FirstOrDefault() ?? "",
            MountedThere = parts.Lines("mounts").FirstOrDefault() ?? "",
            Names = HostNamesText.Resolved(parts.Lines("names")),
        };
    }

    // The same name twice is no answer of zpool, but no reason to fall over.
    private static Dictionary<string, string> Pairs(IEnumerable<string[]> rows)
    {
        Dictionary<string, string> pairs = [];
        foreach (string[] row in rows)
        {
            pairs[row[0]] = row[1];
        }

        return pairs;
    }
}
