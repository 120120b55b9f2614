using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Looks at pools with the eyes of somebody who has to rely on them.</summary>
public static class ZpoolChecks
{
    // Beside the ARC: the kernel, NFS threads, ssh; a VM with less swaps or kills.
    private const long System = 1L << 30;

    // The ARC keeps tables and other metadata in three quarters of itself by default.
    private const double MetadataShare = 0.75;

    // zdb reads every block pointer of the pool.
    private static readonly TimeSpan s_simulation = TimeSpan.FromHours(4);

    /// <summary>Checks all pools in one round trip.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="simulate">A pool whose data is read to tell what deduplication would cost and save; null for none.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException"><c>PoolsNotRead</c>, <c>InvalidPoolName</c>.</exception>
    public static async Task<IReadOnlyList<ZpoolCheck>> GetAsync(ZfsHost host, string? simulate, CancellationToken ct)
    {
        RemoteCommand ask = RemoteCommand.Script(
            Resource.Text("pools.sh") + Resource.Text("checks.sh"), simulate is null ? "" : ZfsName.Pool(simulate));
        CommandResult answer = await host.CheckAsync(
            simulate is null ? ask : new RemoteCommand(ask.Words) { Timeout = s_simulation },
            "PoolsNotRead", host.Name, "The pools cannot be listed", null, ct).ConfigureAwait(false);
        return Judge(host.Name, Sections.Split(answer.Output), simulate);
    }

    /// <summary>Judges the answer. Pure.</summary>
    internal static IReadOnlyList<ZpoolCheck> Judge(
        string host, IReadOnlyDictionary<string, string> parts, string? simulated)
    {
        Memory memory = Memory.Parse(parts.Lines("memory"));
        Dictionary<string, string> tables = [];
        foreach (Dictionary<string, string> block in ZpoolText.Blocks(parts.Get("dedup")))
        {
            tables[block["pool"]] = ZpoolText.Field(block, "dedup");
        }

        ILookup<string, string> deduplicated = ZfsText.Table(parts.Get("datasets"), 2).Where(f => f[1] is not ("off" or "-"))
            .ToLookup(f => ZfsName.PoolOf(f[0]), f => f[0]);
        IReadOnlyList<Zpool> pools =
            ZpoolText.Pools(host, parts.Get("list"), parts.Get("status"), parts.Get("damaged"));
        long needed = pools.Sum(p => Table(p, tables)?.InCore.Bytes ?? 0);
        List<ZpoolCheck> checks = [];
        foreach (Zpool pool in pools)
        {
            ZpoolCheck Make(string check, ZpoolCheckStatus status, string found, string wanted, string advice) =>
                new(host, pool.Name, check, status, found, wanted, status == ZpoolCheckStatus.Passed ? "" : advice);
            checks.Add(Make(
                "State", pool.State is not ("ONLINE" or "DEGRADED") ? ZpoolCheckStatus.Failed
                    : pool.State == "DEGRADED" ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
                pool.State, "ONLINE", pool.Advice));
            checks.Add(Make(
                "Errors", ZpoolAdvice.HasDataErrors(pool) ? ZpoolCheckStatus.Failed : ZpoolCheckStatus.Passed,
                pool.Errors, "No known data errors", pool.Advice));
            checks.Add(Make(
                "Capacity", pool.Capacity >= 95 ? ZpoolCheckStatus.Failed
                    : pool.Capacity >= 80 ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
                pool.Capacity + " %", "below 80 %", pool.Advice));
            checks.Add(Make(
                "Log", pool.Log.Count == 0 ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
                pool.Log.Count == 0 ? "none" : string.Join(", ", pool.Log), "a fast device of its own",
                "ESXi writes synchronously: a log device makes that fast. Add one with Add-EncapsulatedZpool -Log."));
            checks.Add(Scrubbed(pool, Make));
            checks.Add(Deduplication(pool, Table(pool, tables), [.. deduplicated[pool.Name]], needed, memory, Make));
            if (pool.Name == simulated)
            {
                checks.Add(Simulation(DedupMemory.Simulated(parts.Get("simulated")), needed, memory, Make));
            }
        }

        return checks;
    }

    private delegate ZpoolCheck Maker(string check, ZpoolCheckStatus status, string found, string wanted, string advice);

    private static DedupTable? Table(Zpool pool, Dictionary<string, string> tables) =>
        DedupMemory.Table(tables.TryGetValue(pool.Name, out string? text) ? text : "", pool.DedupRatio);

    private static ZpoolCheck Scrubbed(Zpool pool, Maker make) => make(
        "Scrub",
        pool.Progress is null or { State: ZpoolScanState.Canceled } ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
        pool.Progress?.ToString() ?? "never", "once a month",
        "Start one with Start-ZpoolScrub, and let cron repeat it with Set-ZpoolScrub.");

    private static ZpoolCheck Deduplication(
        Zpool pool, DedupTable? table, string[] fileSystems, long needed, Memory memory, Maker make)
    {
        if (table is null)
        {
            return fileSystems.Length == 0
                ? make("Dedup", ZpoolCheckStatus.Passed, "off", "off, or its table in memory", "")
                : make("Dedup", ZpoolCheckStatus.Passed, "on for " + string.Join(", ", fileSystems) + "; no entries yet",
                    "its table in memory", "");
        }

        bool fits = memory.ForTables is not ByteSize room || needed <= room.Bytes;
        return make(
            "Dedup", fits ? ZpoolCheckStatus.Passed : ZpoolCheckStatus.Failed,
            Describe(table) + (fileSystems.Length == 0 ? "; off for what is written now" : ""),
            memory.Wanted(needed),
            memory.Advice(needed) + " Or switch deduplication off (zfs set dedup=off on the storage VM); what is there stays in "
                + "the table until it is written anew.");
    }

    private static ZpoolCheck Simulation(DedupTable? table, long needed, Memory memory, Maker make) => table is null
        ? make("DedupSimulation", ZpoolCheckStatus.Warning, "no data to look at", "a table of all data",
            "Write data first; zdb -S on the storage VM says more.")
        : make(
            "DedupSimulation",
            memory.ForTables is ByteSize room && needed + table.InCore.Bytes > room.Bytes
                ? ZpoolCheckStatus.Failed : table.Ratio < 2 ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
            Describe(table), memory.Wanted(needed + table.InCore.Bytes) + ", and a ratio of 2 or more",
            "Leave deduplication off" + (table.Ratio < 2 ? ": it saves too little." : ", or: " + memory.Advice(needed + table.InCore.Bytes)));

    private static string Describe(DedupTable table) => string.Format(
        CultureInfo.InvariantCulture, "{0} entries, {1} in memory{2}, ratio {3:0.00}", table.Entries, table.InCore,
        table.OnDisk.Bytes > 0 ? ", " + table.OnDisk + " on disk" : "", table.Ratio);

    // What the VM has, and the ARC may take.
    private sealed record Memory(long? Total, long? ArcMax)
    {
        public static Memory Parse(IEnumerable<string> lines)
        {
            ILookup<string, long> values = lines.Select(l => l.Split(' ')).Where(w => w.Length == 2)
                .ToLookup(w => w[0], w => ZfsText.Number(w[1]));
            long? One(string key) => values[key].FirstOrDefault() is > 0 and long v ? v : null;
            return new Memory(One("memory"), One("arc_c_max"));
        }

        public ByteSize? ForTables => ArcMax is long max ? new ByteSize((long)(max * MetadataShare))
            : Total is long total ? new ByteSize((long)(Math.Max(0, total - System) * MetadataShare)) : null;

        public string Wanted(long table) => new ByteSize(table) + " in memory"
            + (ForTables is ByteSize room ? "; " + room + " are there for it" : "");

        public string Advice(long table)
        {
            double all = (table / MetadataShare) + System;
            return string.Format(
                CultureInfo.InvariantCulture,
                "Give the storage VM {0} GB of memory or more{1}.", Math.Ceiling(all / (1L << 30)),
                Total is long total && ArcMax is long max && max < total / 2
                    ? ", or raise the limit of the ARC (zfs_arc_max, now " + new ByteSize(max) + " of " + new ByteSize(total) + ")" : "");
        }
    }
}
