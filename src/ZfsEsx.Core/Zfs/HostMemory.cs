using System.Globalization;

namespace ZfsEsx.Zfs;

/// <summary>What memory a storage VM has, and what of it the ARC may take. Pure.</summary>
/// <param name="Total">All of it; null where the system does not say.</param>
/// <param name="ArcMax">The most that the ARC may take now; null where the system does not say.</param>
/// <param name="ArcMin">The least that it keeps.</param>
/// <param name="ArcSize">What it takes now.</param>
internal sealed record HostMemory(long? Total, long? ArcMax, long? ArcMin = null, long? ArcSize = null)
{
    // The ARC keeps tables and other metadata in three quarters of itself by default.
    private const double MetadataShare = 0.75;

    // Beside the ARC: the kernel, NFS threads, ssh, cron; a VM with less swaps or kills.
    private const long System = 1L << 30;
    private const long Mega = 1L << 20;

    /// <summary>Reads the part "memory" of memory.sh.</summary>
    public static HostMemory Parse(IEnumerable<string> lines)
    {
        ILookup<string, long> values = lines.Select(l => l.Split(' ')).Where(w => w.Length == 2)
            .ToLookup(w => w[0], w => ZfsText.Number(w[1]));
        long? One(string key) => values[key].FirstOrDefault() is > 0 and long v ? v : null;
        return new HostMemory(One("memory"), One("arc_c_max"), One("arc_c_min"), One("arc_size"));
    }

    /// <summary>
    /// The limit of the ARC to take unless there is a reason for another: three quarters of the memory, but 1 GB at
    /// least is
    /// left for the kernel, NFS and ssh; half of it where that would leave the ARC less than half. Whole megabytes.
    /// </summary>
    public static long Recommended(long total) =>
        Math.Max(total / 2, Math.Min(total / 4 * 3, total - System)) / Mega * Mega;

    /// <summary>What the ARC has to leave at the very least.</summary>
    public static long LeastLeft(long total) => Math.Min(total / 4, System / 2);

    /// <summary>How large the ARC must be for tables of this size.</summary>
    public static long ForTable(long table) => (long)(table / MetadataShare);

    /// <summary>The room that tables have in it; null where the system does not say.</summary>
    public ByteSize? ForTables => ArcMax is long max ? new ByteSize((long)(max * MetadataShare))
        : Total is long total ? new ByteSize((long)(Math.Max(0, total - System) * MetadataShare)) : null;

    /// <summary>What a table of this size takes, in words.</summary>
    public string Wanted(long table) => new ByteSize(table) + " in memory"
        + (ForTables is ByteSize room ? "; " + room + " are there for it" : "");

    /// <summary>What to do so that a table of this size fits.</summary>
    public string Advice(string host, long table)
    {
        double all = (table / MetadataShare) + System;
        string advice = string.Format(
            CultureInfo.InvariantCulture,
            "Give the storage VM {0} GB of memory or more",
            Math.Ceiling(all / (1L << 30)));
        return advice
            + (Total is long total && ArcMax is long max && max < total - LeastLeft(total) && ForTable(table) > max
                ? ", or raise the limit of the ARC, now " + new ByteSize(max) + " of " + new ByteSize(total)
                    + " (Set-ZfsArc -ZfsHost " + host + (ForTable(table) <= total - LeastLeft(total)
                        ? " -Max " + Math.Ceiling((double)ForTable(table) / Mega) + "MB" : "") + ")."
                : ".");
    }
}
