namespace ZfsEsx.Zfs;

/// <summary>What a top-level virtual device of a pool is for.</summary>
public enum VdevRole
{
    /// <summary>Holds the data.</summary>
    Data,

    /// <summary>Intent log (ZIL).</summary>
    Log,

    /// <summary>Read cache (L2ARC).</summary>
    Cache,

    /// <summary>Hot spare.</summary>
    Spare,

    /// <summary>Special allocation class: metadata and small blocks.</summary>
    Special,

    /// <summary>Table of the deduplication.</summary>
    Dedup,
}

/// <summary>A virtual device of a pool: a disk, or a group of them.</summary>
/// <param name="Name">As the pool calls it: <c>mirror-0</c>, a disk's path.</param>
/// <param name="Type"><c>disk</c>, <c>mirror</c>, <c>raidz1</c>, <c>replacing</c>…</param>
/// <param name="Role">What it is for.</param>
/// <param name="State"><c>ONLINE</c>, <c>DEGRADED</c>…</param>
/// <param name="ReadErrors">Failed reads.</param>
/// <param name="WriteErrors">Failed writes.</param>
/// <param name="ChecksumErrors">Wrong checksums.</param>
/// <param name="Note">What the pool adds: <c>was /dev/…</c>, <c>(resilvering)</c>; empty otherwise.</param>
/// <param name="Children">What it consists of.</param>
public sealed record Vdev(
    string Name,
    string Type,
    VdevRole Role,
    string State,
    long ReadErrors,
    long WriteErrors,
    long ChecksumErrors,
    string Note,
    IReadOnlyList<Vdev> Children)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A pool of a storage VM.</summary>
public sealed record Zpool
{
    /// <summary>The storage VM.</summary>
    public required string ZfsHost { get; init; }

    /// <summary>The pool's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>ONLINE</c>, <c>DEGRADED</c>, <c>SUSPENDED</c>…</summary>
    public required string State { get; init; }

    /// <summary>Size of all data disks.</summary>
    public ByteSize Size { get; init; }

    /// <summary>Space in use.</summary>
    public ByteSize Allocated { get; init; }

    /// <summary>Space left.</summary>
    public ByteSize Free { get; init; }

    /// <summary>
    /// Space in use in percent: of the disks, or of what file systems may take where that is more. ZFS keeps a part of
    /// each pool back, so that a small pool can be full when 4 % of its disks are still free.
    /// </summary>
    public int Capacity { get; init; }

    /// <summary>What file systems may still take; null where the pool does not say.</summary>
    public ByteSize? Available { get; init; }

    /// <summary>Fragmentation of the free space in percent; null where the system does not say.</summary>
    public int? Fragmentation { get; init; }

    /// <summary>How often a block is used on average: 1.00 without deduplication.</summary>
    public double DedupRatio { get; init; }

    /// <summary>The top-level virtual devices, data first.</summary>
    public IReadOnlyList<Vdev> Vdevs { get; init; } = [];

    /// <summary>The disks of the intent log.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];

    /// <summary>What the last or present scrub or resilver says; empty when there was none.</summary>
    public string Scan { get; init; } = "";

    /// <summary>The same as values; null when there was none.</summary>
    public ZpoolScan? Progress { get; init; }

    /// <summary>What a removal of a device says, running or done; empty when there was none.</summary>
    public string Removal { get; init; } = "";

    /// <summary>What the pool says about its state beyond the word; empty when all is well.</summary>
    public string Status { get; init; } = "";

    /// <summary>What the pool says about data errors: <c>No known data errors</c>.</summary>
    public string Errors { get; init; } = "";

    /// <summary>Files that cannot be read any more, the first 20 of them.</summary>
    public IReadOnlyList<string> DamagedFiles { get; init; } = [];

    /// <summary>What to do about it, in words; empty when nothing is to be done.</summary>
    public string Advice { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
