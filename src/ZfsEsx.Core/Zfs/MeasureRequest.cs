using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>How runs with and without the log device are compared.</summary>
public enum LogComparison
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By the property of the scratch file system: nothing else notices.</summary>
    Logbias,

    /// <summary>The pool's log is taken offline for the runs without it: the whole pool works without it so
    /// long.</summary>
    Offline,
}

/// <summary>Requests of one kind, all at random places.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="BlockSize">Bytes of a request.</param>
/// <param name="ReadPercent">How many of a hundred are reads; the others are synchronous writes.</param>
public sealed record MeasureWorkload(string Name, int BlockSize, int ReadPercent)
{
    /// <summary>All that there are. The first two are the figures of the article that this is all about.</summary>
    public static IReadOnlyList<MeasureWorkload> All { get; } =
    [
        new("Read512", 512, 100), new("Write512", 512, 0), new("Mix4k", 4 << 10, 70), new("Mix8k", 8 << 10, 70),
        new("Mix64k", 64 << 10, 70), new("Mix1M", 1 << 20, 70), new("Write4k", 4 << 10, 0),
    ];

    /// <summary>The one of this name.</summary>
    /// <exception cref="ZfsEsxException"><c>WorkloadNotFound</c>.</exception>
    public static MeasureWorkload Find(string name) =>
        All.FirstOrDefault(w => string.Equals(w.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ZfsEsxException(
            "WorkloadNotFound", FailureKind.NotFound, name, "There is no workload " + ShellQuote.Readable(name) + ".",
            "There are " + string.Join(", ", All.Select(w => w.Name)) + ".");
}

/// <summary>What is to be measured.</summary>
public sealed record MeasureRequest
{
    /// <summary>
    /// Whose properties count: a file system or a pool. The storage VM's only pool when null.
    /// </summary>
    public string? FileSystem { get; init; }

    /// <summary>Ways, one after the other.</summary>
    public IReadOnlyList<MeasureVia> Via { get; init; } = [MeasureVia.Pool];

    /// <summary>Workloads, one after the other.</summary>
    public IReadOnlyList<MeasureWorkload> Workloads { get; init; } = [.. MeasureWorkload.All.Take(6)];

    /// <summary>How long one run is measured.</summary>
    public int Seconds { get; init; } = 10;

    /// <summary>Size of the file that is read and written.</summary>
    public ByteSize Size { get; init; } = 256L << 20;

    /// <summary>Requests under way at a time.</summary>
    public int QueueDepth { get; init; } = 8;

    /// <summary>How often all runs are made.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>How the log device is compared.</summary>
    public LogComparison CompareLog { get; init; }

    /// <summary>The NFS client; the storage VM itself when null.</summary>
    public ZfsHost? Client { get; init; }

    /// <summary>The storage VM's address for the NFS client.</summary>
    public string? Address { get; init; }

    /// <summary>After so many seconds without news from us everything is put away on the systems themselves.</summary>
    internal int Patience { get; init; } = 120;
}
