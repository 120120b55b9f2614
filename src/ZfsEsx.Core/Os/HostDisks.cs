using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>A disk of a storage VM.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Name">The stable name that pools are made with: <c>/dev/disk/by-id/…</c>, <c>c8t1d0</c>.</param>
/// <param name="Device">The system's present name: <c>vdb</c>.</param>
/// <param name="Size">Its size.</param>
/// <param name="Model">What the maker calls it.</param>
/// <param name="Serial">Serial number.</param>
/// <param name="Rotational">True for spinning disks; null where the system does not say.</param>
/// <param name="InUse">
/// What uses it, or null: <c>pool sp1</c>, <c>mounted on /</c>, <c>partition table</c>, <c>ext4 file system</c>.
/// </param>
/// <param name="PciAddress">
/// PCI address of its controller as the storage VM sees it: <c>0000:00:05.0</c>; empty where unknown.
/// </param>
/// <param name="Names">All names the system knows it by, the stable one and the present one among them.</param>
public sealed record ZfsDisk(
    string ZfsHost,
    string Name,
    string Device,
    ByteSize Size,
    string Model,
    string Serial,
    bool? Rotational,
    string? InUse,
    string PciAddress,
    IReadOnlyList<string> Names)
{
    /// <summary>Size of its physical sectors in bytes; 0 where the system does not say.</summary>
    public int SectorSize { get; init; }

    /// <summary>
    /// Vendor and device id of its controller as the storage VM sees it: <c>19e3:5801</c>, the same as in
    /// <c>VendorId</c> and <c>DeviceId</c> of a device passed through; empty where unknown.
    /// </summary>
    public string ControllerId { get; init; } = "";

    /// <summary>How firmly it is in use.</summary>
    internal DiskHold Hold { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>How firmly a disk is in use.</summary>
internal enum DiskHold
{
    /// <summary>Not at all.</summary>
    Free,

    /// <summary>Only by old content that nothing uses; the one use that gives way to Force.</summary>
    OldContent,

    /// <summary>By a pool that could be imported.</summary>
    PoolNotImported,

    /// <summary>By something that runs, or by content of unknown worth.</summary>
    Used,
}

/// <summary>All disks of a storage VM, and its pools with the disks (by present device name) they stand on.</summary>
/// <param name="Disks">The disks.</param>
/// <param name="Pools">Pools; their disks are devices of <paramref name="Disks"/> where known.</param>
internal sealed record DiskInventory(IReadOnlyList<ZfsDisk> Disks, IReadOnlyList<Zpool> Pools)
{
    /// <summary>What the system's ZFS can do.</summary>
    public ZpoolFeatures Features { get; init; } = ZpoolFeatures.Parse(new Dictionary<string, string>());

    /// <summary>The storage VM's memory, where it was asked for.</summary>
    public HostMemory Memory { get; init; } = HostMemory.Parse([]);

    /// <summary>What the labels of pools that are not imported say.</summary>
    public IReadOnlyList<PoolLabel> Labels { get; init; } = [];

    /// <summary>The disk that a name of any kind means, or null.</summary>
    public ZfsDisk? Find(string name) =>
        Disks.FirstOrDefault(d => d.Names.Contains(name, StringComparer.Ordinal));
}

/// <summary>The label of a pool on a disk or partition.</summary>
/// <param name="Device">Where it is: <c>/dev/vdb1</c>.</param>
/// <param name="State">0 in use, 1 exported, 2 destroyed, 3 a spare disk, 4 a cache disk.</param>
/// <param name="Guid">The pool's number; empty on spare and cache disks.</param>
/// <param name="HostId">Number of the system that had it last; empty where it does not say.</param>
/// <param name="HostName">Name of that system.</param>
/// <param name="Pool">The pool's name.</param>
internal sealed record PoolLabel(string Device, string State, string Guid, string HostId, string HostName, string Pool)
{
    /// <summary>Reads the part "labels".</summary>
    public static IReadOnlyList<PoolLabel> Parse(IEnumerable<string> lines) =>
        [.. lines.Select(l => l.Split('\t')).Where(f => f.Length >= 6)
            .Select(f => new PoolLabel(f[0], f[1].Trim(), f[2].Trim(), f[3].Trim(), Bare(f[4]), Bare(f[5])))];

    private static string Bare(string text) => text.Trim().Trim('\'');
}

/// <summary>Disks of a storage VM.</summary>
public static class HostDisks
{
    // Every slice of every disk that nothing explains is looked into.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    /// <summary>Lists the disks in one round trip.</summary>
    public static async Task<IReadOnlyList<ZfsDisk>> GetAsync(ZfsHost host, CancellationToken ct) =>
        (await ReadAsync(host, [], ct).ConfigureAwait(false)).Disks;

    /// <summary>Disks, pools and what the system's ZFS can do, in one round trip.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="names">Names of disks given by the user; paths outside of /dev may be files.</param>
    /// <param name="ct">Ends it.</param>
    internal static async Task<DiskInventory> ReadAsync(
        ZfsHost host, IEnumerable<string> names, CancellationToken ct) =>
        Parse(host, await AskAsync(host, names, "", ct).ConfigureAwait(false));

    /// <summary>The answer to the dialect's script with another one behind it.</summary>
    internal static async Task<string> AskAsync(
        ZfsHost host, IEnumerable<string> names, string more, CancellationToken ct)
    {
        string script = host.Dialect.DisksScript + more + Resource.Text("zpool-features.sh");
        string[] files = [.. names.Where(n => n.StartsWith("/", StringComparison.Ordinal)
            && !n.StartsWith("/dev/", StringComparison.Ordinal) && !n.Any(char.IsControl)).Distinct()];
        return (await host.CheckAsync(
            new RemoteCommand(RemoteCommand.Script(script, files).Words) { Timeout = s_timeout },
            "DisksNotRead", host.Name, "The disks cannot be listed", null, ct).ConfigureAwait(false)).Output;
    }

    internal static DiskInventory Parse(ZfsHost host, string answer)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(answer);
        return host.Dialect.ParseDisks(host.Name, answer) with
        {
            Features = ZpoolFeatures.Parse(parts),
            Memory = HostMemory.Parse(parts.Lines("memory")),
        };
    }
}
