using System.Globalization;
using System.Text.RegularExpressions;

namespace ZfsEsx.Zfs;

/// <summary>The table of a pool's deduplication, there or simulated.</summary>
/// <param name="Entries">Blocks in it.</param>
/// <param name="InCore">Its size in memory.</param>
/// <param name="OnDisk">Its size on disk; 0 where it is simulated or the system does not say.</param>
/// <param name="Ratio">How often a block is used on average.</param>
internal sealed record DedupTable(long Entries, ByteSize InCore, ByteSize OnDisk, double Ratio)
{
    /// <inheritdoc/>
    public override string ToString() => string.Format(
        CultureInfo.InvariantCulture, "{0} entries, {1} in memory{2}, ratio {3:0.00}", Entries, InCore,
        OnDisk.Bytes > 0 ? ", " + OnDisk + " on disk" : "", Ratio);
}

/// <summary>What deduplication costs. Pure.</summary>
internal static class DedupMemory
{
    /// <summary>The size of blocks where nothing else is said.</summary>
    public const long RecordSize = 128 << 10;

    /// <summary>Memory for one entry (ZFS's own rule of thumb, for systems that do not say theirs).</summary>
    public const int EntrySize = 320;

    // Old: "DDT entries 1024, size 311 on disk, 190 in core" (of one entry);
    // new: "size 156K on disk, 144K in core" (of all).
    private static readonly Regex s_table = new(
        "DDT entries ([0-9]+), size ([0-9.]+[BKMGTPE]?) on disk, ([0-9.]+[BKMGTPE]?) in core",
        RegexOptions.CultureInvariant);

    private static readonly Regex s_total = new("\\A *Total +([0-9.]+[KMGTPE]?) ", RegexOptions.CultureInvariant);
    private static readonly Regex s_ratio = new("\\Adedup = ([0-9.]+),", RegexOptions.CultureInvariant);

    /// <summary>The line behind "dedup:" of <c>zpool status -D</c>; null without a table.</summary>
    public static DedupTable? Table(string text, double ratio)
    {
        Match m = s_table.Match(text);
        if (!m.Success
            || !long.TryParse(m.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long entries)
            || entries == 0)
        {
            return null;
        }

        long disk = ZfsText.Number(m.Groups[2].Value);
        long core = ZfsText.Number(m.Groups[3].Value);

        // No entry is smaller than 64 bytes: less than that for all of them is the size of one.
        bool each = core < Math.Min(entries, long.MaxValue / 64) * 64 && core < 1024;
        return new DedupTable(entries, each ? Times(core, entries) : core, each ? Times(disk, entries) : disk, ratio);
    }

    /// <summary>The answer of <c>zdb -S</c>, which reads all data; null when it has none.</summary>
    public static DedupTable? Simulated(string text)
    {
        string[] lines = text.Split('\n');
        Match total = lines.Select(l => s_total.Match(l)).FirstOrDefault(m => m.Success) ?? Match.Empty;
        Match ratio = lines.Select(l => s_ratio.Match(l)).FirstOrDefault(m => m.Success) ?? Match.Empty;
        long entries = total.Success ? ZfsText.Number(total.Groups[1].Value) : 0;
        return entries <= 0
            ? null
            : new DedupTable(
                entries, Times(EntrySize, entries), 0, ratio.Success ? ZfsText.Ratio(ratio.Groups[1].Value) : 1);
    }

    /// <summary>A plain warning about switching deduplication on; null for off.</summary>
    public static string? Warning(string fileSystem, string value) => value == "off" ? null
        : "Deduplication of " + fileSystem + " keeps a table in memory: about 320 bytes for each block, which is "
            + "2.5 GB per TB of data in blocks of 128 KB, 20 GB in blocks of 16 KB. Without that memory every write "
            + "waits for disks. Test-EncapsulatedZpool shows the table's size and what is needed.";

    /// <summary>The same in figures of this storage VM.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="table">Its table now; null when it has none.</param>
    /// <param name="memory">The storage VM's memory.</param>
    /// <param name="size">How much data the pool can hold.</param>
    /// <param name="recordSize">The size of its blocks.</param>
    public static string Figures(
        string host, string pool, DedupTable? table, HostMemory memory, long size, long recordSize)
    {
        long full = Times(EntrySize, size / Math.Max(512, recordSize));
        return "The table of " + pool + " on " + host + " has " + (table?.ToString() ?? "no entries yet")
            + "; with the pool full of data that is all different, in blocks of " + new ByteSize(recordSize)
            + ", it takes " + memory.Wanted(full) + "."
            + (memory.ForTables is ByteSize room && full > room.Bytes ? " " + memory.Advice(host, full) : "");
    }

    /// <summary>What tables take in memory together.</summary>
    public static long InCore(IEnumerable<DedupTable?> tables) =>
        tables.Sum(t => Math.Min(t?.InCore.Bytes ?? 0, long.MaxValue / 1024));

    private static long Times(long one, long many) =>
        one > 0 && many > long.MaxValue / one ? long.MaxValue : one * many;
}
