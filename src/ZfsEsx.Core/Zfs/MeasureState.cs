using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>What a storage VM answered before it is measured: disks, pools, and measure-look.sh.</summary>
internal sealed record MeasureState
{
    /// <summary>Disks and pools by present device names.</summary>
    public required DiskInventory Disks { get; init; }

    /// <summary>The pools with the names that zpool itself has for disks.</summary>
    public required IReadOnlyList<Zpool> Plain { get; init; }

    /// <summary>Programs that are there.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>Bytes left in each pool.</summary>
    public required IReadOnlyDictionary<string, long> Space { get; init; }

    /// <summary>Of the file system asked for; empty when it does not exist.</summary>
    public required IReadOnlyDictionary<string, ZfsProperty> Properties { get; init; }

    /// <summary>Scratch file systems: of measurements that run, and left by dead ones.</summary>
    public required IReadOnlyList<(string Name, string Id, bool Runs)> Scratch { get; init; }

    /// <summary>The command that asks.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="fileSystem">The file system that is measured like, or "".</param>
    public static RemoteCommand Command(ZfsHost host, string fileSystem) => RemoteCommand.Script(
        "zfsesx_fs=$1; shift\n" + host.Dialect.DisksScript + Resource.Text("measure-look.sh"), fileSystem);

    /// <summary>Reads the answer. Pure.</summary>
    public static MeasureState Parse(string host, IOsDialect dialect, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        Dictionary<string, long> space = new(StringComparer.Ordinal);
        foreach (string[] fields in ZfsText.Table(parts.Get("space"), 2))
        {
            space[fields[0]] = ZfsText.Number(fields[1]);
        }

        return new MeasureState
        {
            Disks = dialect.ParseDisks(host, text),
            Plain = ZpoolText.Pools(host, null, parts.Get("plain")),
            Tools = parts.Lines("tools"),
            Space = space,
            Properties = ZfsText.Properties(parts.Get("properties")),
            Scratch = [.. ZfsText.Table(parts.Get("scratch"), 3).Select(f => (f[0], f[1], f[2] == "runs"))],
        };
    }
}

/// <summary>What a storage VM answered that shall be the NFS client.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tools">Programs that are there.</param>
/// <param name="Address">Its address for the server; empty when it knows no way there.</param>
internal sealed record MeasureClientState(string Name, IReadOnlyList<string> Tools, string Address)
{
    /// <summary>Reads the answer of measure-client.sh. Pure.</summary>
    public static MeasureClientState Parse(string name, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        string[] words = parts.Get("route").Split([' ', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries);
        int at = Array.IndexOf(words, "src") + 1;
        string address = at > 0 && at < words.Length ? words[at] : "";
        return new MeasureClientState(name, parts.Lines("tools"), HostRules.IsAddress(address) ? address : "");
    }
}
