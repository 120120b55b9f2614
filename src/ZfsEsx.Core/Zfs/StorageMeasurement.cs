using System.Globalization;

namespace ZfsEsx.Zfs;

/// <summary>What stood between the measuring program and the pool.</summary>
public enum MeasureVia
{
    /// <summary>Nothing: it ran on the storage VM.</summary>
    Pool,

    /// <summary>NFS: it ran on an NFS client.</summary>
    Nfs,
}

/// <summary>What the log device did during a run.</summary>
public enum MeasureLog
{
    /// <summary>The pool has none.</summary>
    None,

    /// <summary>It took the synchronous writes.</summary>
    Used,

    /// <summary>By <c>logbias=throughput</c> the data went to the data disks.</summary>
    Bypassed,

    /// <summary>It was offline.</summary>
    Offline,
}

/// <summary>What was at its limit during a run.</summary>
public enum MeasureLimit
{
    /// <summary>The system does not say.</summary>
    Unknown,

    /// <summary>The processors of the storage VM.</summary>
    Processor,

    /// <summary>The processors of the NFS client.</summary>
    ClientProcessor,

    /// <summary>A data disk.</summary>
    DataDisk,

    /// <summary>A log disk.</summary>
    LogDisk,

    /// <summary>Nothing: requests waited for each other or for the network. More at a time would give more.</summary>
    Latency,
}

/// <summary>
/// One run. Plain numbers, because they are there to be exported and compared: rates per second, latencies in
/// milliseconds, loads in percent.
/// </summary>
public sealed record StorageMeasurement
{
    /// <summary>The storage VM.</summary>
    public required string ZfsHost { get; init; }

    /// <summary>What was measured like: a file system or a pool.</summary>
    public required string FileSystem { get; init; }

    /// <summary>What stood between.</summary>
    public required MeasureVia Via { get; init; }

    /// <summary>Where the requests came from: the storage VM itself, or another one.</summary>
    public required string Client { get; init; }

    /// <summary>The workload's name.</summary>
    public required string Workload { get; init; }

    /// <summary>Bytes of a request.</summary>
    public required int BlockSize { get; init; }

    /// <summary>How many of a hundred requests were reads.</summary>
    public required int ReadPercent { get; init; }

    /// <summary>Requests under way at a time.</summary>
    public required int QueueDepth { get; init; }

    /// <summary>The file system's <c>sync</c>; writes ask to be on disk in any case.</summary>
    public required string Sync { get; init; }

    /// <summary>What the log device did.</summary>
    public required MeasureLog Log { get; init; }

    /// <summary>Reads per second.</summary>
    public double ReadIops { get; init; }

    /// <summary>Writes per second.</summary>
    public double WriteIops { get; init; }

    /// <summary>Bytes read per second.</summary>
    public long ReadBytesPerSecond { get; init; }

    /// <summary>Bytes written per second.</summary>
    public long WriteBytesPerSecond { get; init; }

    /// <summary>Half of the reads took this long or less, in milliseconds; null without reads.</summary>
    public double? ReadMsP50 { get; init; }

    /// <summary>The same for 95 of 100.</summary>
    public double? ReadMsP95 { get; init; }

    /// <summary>The same for 99 of 100.</summary>
    public double? ReadMsP99 { get; init; }

    /// <summary>The same for 999 of 1000.</summary>
    public double? ReadMsP999 { get; init; }

    /// <summary>Half of the writes took this long or less, in milliseconds; null without writes.</summary>
    public double? WriteMsP50 { get; init; }

    /// <summary>The same for 95 of 100.</summary>
    public double? WriteMsP95 { get; init; }

    /// <summary>The same for 99 of 100.</summary>
    public double? WriteMsP99 { get; init; }

    /// <summary>The same for 999 of 1000.</summary>
    public double? WriteMsP999 { get; init; }

    /// <summary>How long was measured.</summary>
    public double Seconds { get; init; }

    /// <summary>When, by the clock of the system that the requests came from.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What was at its limit.</summary>
    public MeasureLimit LimitedBy { get; init; }

    /// <summary>Load of the storage VM's processors; null where the system does not say.</summary>
    public int? Processor { get; init; }

    /// <summary>Load of the NFS client's processors.</summary>
    public int? ClientProcessor { get; init; }

    /// <summary>How much of the time the busiest data disk was busy.</summary>
    public int? DataDisk { get; init; }

    /// <summary>Writes per second that all data disks did.</summary>
    public double? DataDiskWrites { get; init; }

    /// <summary>How much of the time the busiest log disk was busy.</summary>
    public int? LogDisk { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture,
            "{0} {1} by {2} of {3}: {4:0} reads and {5:0} writes a second, log {6}, limited by {7}",
        ZfsHost, Workload, Via, FileSystem, ReadIops, WriteIops, Log, LimitedBy);
}
