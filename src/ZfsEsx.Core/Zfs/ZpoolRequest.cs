namespace ZfsEsx.Zfs;

/// <summary>Disks that form one virtual device.</summary>
/// <param name="Type">
/// <c>disk</c> (every disk by itself), <c>mirror</c>, <c>raidz1</c>, <c>raidz2</c> or <c>raidz3</c>.
/// </param>
/// <param name="Disks">
/// Names of disks: any of <see cref="Os.ZfsDisk.Names"/>, or the full path of a file that shall serve as one.
/// </param>
public sealed record VdevSpec(string Type, IReadOnlyList<string> Disks);

/// <summary>What a pool is made of, or gets in addition.</summary>
public record ZpoolLayout
{
    /// <summary>The pool's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the data goes.</summary>
    public IReadOnlyList<VdevSpec> Data { get; init; } = [];

    /// <summary>Intent log: one device, or a mirror.</summary>
    public IReadOnlyList<VdevSpec> Log { get; init; } = [];

    /// <summary>Special allocation class: metadata and small blocks. Lost with it is the pool.</summary>
    public IReadOnlyList<VdevSpec> Special { get; init; } = [];

    /// <summary>Table of the deduplication. Lost with it is the pool.</summary>
    public IReadOnlyList<VdevSpec> Dedup { get; init; } = [];

    /// <summary>Read cache disks.</summary>
    public IReadOnlyList<string> Cache { get; init; } = [];

    /// <summary>Hot spares.</summary>
    public IReadOnlyList<string> Spare { get; init; } = [];

    /// <summary>
    /// Takes disks that carry an old label, partition table or file system. Never a disk of a pool or a mounted one.
    /// </summary>
    public bool Force { get; init; }

    /// <summary>
    /// Takes layouts that surprise later: groups that differ in kind, width or size of disks, and log, special or dedup
    /// disks with less redundancy than the data.
    /// </summary>
    public bool AllowUneven { get; init; }

    /// <summary>All groups with their roles, in the order in which zpool wants them.</summary>
    internal IEnumerable<(VdevRole Role, VdevSpec Vdev)> Groups() =>
        Data.Select(v => (VdevRole.Data, v))
            .Concat(Special.Select(v => (VdevRole.Special, v)))
            .Concat(Dedup.Select(v => (VdevRole.Dedup, v)))
            .Concat(Log.Select(v => (VdevRole.Log, v)))
            .Concat(Cache.Count == 0 ? [] : new[] { (VdevRole.Cache, new VdevSpec("disk", Cache)) })
            .Concat(Spare.Count == 0 ? [] : new[] { (VdevRole.Spare, new VdevSpec("disk", Spare)) });
}

/// <summary>A pool that is wanted.</summary>
public sealed record ZpoolRequest : ZpoolLayout
{
    /// <summary>Properties of the pool (<c>ashift</c>…).</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Properties of its root file system (<c>compression</c>, <c>atime</c>…).</summary>
    public IReadOnlyDictionary<string, string> FileSystemProperties { get; init; } = new Dictionary<string, string>();
}
