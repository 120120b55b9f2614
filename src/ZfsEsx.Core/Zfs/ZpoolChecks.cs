using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Looks at pools with the eyes of somebody who has to rely on them.</summary>
public static class ZpoolChecks
{
    // A month of 31 days, and a scrub that takes longer than the last one.
    private const int ScrubDays = 36;

    /// <summary>The check that the simulation of deduplication gives.</summary>
    internal const string Simulated = "DedupSimulation";

    // zdb reads every block pointer of the pool.
    private static readonly TimeSpan s_simulation = TimeSpan.FromHours(4);

    /// <summary>
    /// Checks all pools in one round trip. A storage VM without any fails a check with no pool's name.
    /// </summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="simulate">
    /// A pool whose data is read to tell what deduplication would cost and save; null for none.
    /// </param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException"><c>PoolsNotRead</c>, <c>InvalidPoolName</c>.</exception>
    public static async Task<IReadOnlyList<ZpoolCheck>> GetAsync(
        ZfsHost host, string? simulate, CancellationToken ct) =>
        Judge(host.Name, await ReadAsync(host, simulate, ct).ConfigureAwait(false), simulate);

    /// <summary>What deduplication has and takes in a pool, in figures; null when there is no such pool.</summary>
    internal static async Task<string?> DedupAsync(ZfsHost host, string name, long recordSize, CancellationToken ct)
    {
        IReadOnlyDictionary<string, string> parts = await ReadAsync(host, null, ct).ConfigureAwait(false);
        return Pools(host.Name, parts).FirstOrDefault(p => p.Name == name) is not Zpool pool ? null
            : DedupMemory.Figures(
                host.Name, name, Table(pool, Tables(parts)), HostMemory.Parse(parts.Lines("memory")), pool.Size.Bytes,
                recordSize);
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        ZfsHost host, string? simulate, CancellationToken ct)
    {
        RemoteCommand ask = RemoteCommand.Script(
            Resource.Text("pools.sh") + Resource.Text("memory.sh") + Resource.Text("checks.sh"),
            simulate is null ? "" : ZfsName.Pool(simulate));
        CommandResult answer = await host.CheckAsync(
            simulate is null ? ask : new RemoteCommand(ask.Words) { Timeout = s_simulation },
            "PoolsNotRead", host.Name, "The pools cannot be listed", null, ct).ConfigureAwait(false);
        return Sections.Split(answer.Output);
    }

    /// <summary>The error about a pool that is to be checked and is not there.</summary>
    internal static ZfsEsxException NotFound(string host, string name) => new(
        "PoolNotFound", FailureKind.NotFound, name,
        "There is no pool " + ShellQuote.Readable(name) + " on " + host + ".",
        "See Get-EncapsulatedZpool; with -Importable it shows those that Import-EncapsulatedZpool takes.");

    /// <summary>Judges the answer. Pure.</summary>
    internal static IReadOnlyList<ZpoolCheck> Judge(
        string host, IReadOnlyDictionary<string, string> parts, string? simulated)
    {
        HostMemory memory = HostMemory.Parse(parts.Lines("memory"));
        Dictionary<string, string> tables = Tables(parts);
        ILookup<string, string> deduplicated = ZfsText.Table(parts.Get("datasets"), 2)
            .Where(f => f[1] is not ("off" or "-"))
            .ToLookup(f => ZfsName.PoolOf(f[0]), f => f[0]);
        IReadOnlyList<Zpool> pools = Pools(host, parts);
        long needed = DedupMemory.InCore(pools.Select(p => Table(p, tables)));
        List<ZpoolCheck> checks = pools.Count > 0 ? [] :
        [
            new(
                host, "", "Pool", ZpoolCheckStatus.Failed, "no pool", "a pool",
                "Get-EncapsulatedZpool -Importable shows those that are not imported, as after a restart without their "
                    + "disks: Import-EncapsulatedZpool takes them. New-EncapsulatedZpool creates one."),
        ];
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
                pool.Capacity + " %" + (pool.Available is ByteSize left ? ", " + left + " left for file systems" : ""),
                "below 80 %", pool.Advice));
            checks.Add(Make(
                "Log", pool.Log.Count == 0 ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
                pool.Log.Count == 0 ? "none" : string.Join(", ", pool.Log), "a fast device of its own",
                "ESXi writes synchronously: a log device makes that fast. Add one with Add-EncapsulatedZpool -Log."));
            checks.Add(Scrubbed(pool, ZfsText.Time(parts.Get("now")), Make));
            checks.Add(Deduplication(pool, Table(pool, tables), [.. deduplicated[pool.Name]], needed, memory, Make));
            if (memory.Total is long total && memory.ArcMax is long arc)
            {
                checks.Add(Arc(host, total, arc, Make));
            }

            if (pool.Name == simulated)
            {
                checks.Add(
                    Simulation(pool.ZfsHost, DedupMemory.Simulated(parts.Get("simulated")), needed, memory, Make));
            }
        }

        return checks;
    }

    private delegate ZpoolCheck Maker(
        string check, ZpoolCheckStatus status, string found, string wanted, string advice);

    private static IReadOnlyList<Zpool> Pools(string host, IReadOnlyDictionary<string, string> parts) =>
        ZpoolText.Pools(host, parts.Get("list"), parts.Get("status"), parts.Get("damaged"), parts.Get("space"));

    private static Dictionary<string, string> Tables(IReadOnlyDictionary<string, string> parts)
    {
        Dictionary<string, string> tables = [];
        foreach (Dictionary<string, string> block in ZpoolText.Blocks(parts.Get("dedup")))
        {
            tables[block["pool"]] = ZpoolText.Field(block, "dedup");
        }

        return tables;
    }

    private static DedupTable? Table(Zpool pool, Dictionary<string, string> tables) =>
        DedupMemory.Table(tables.TryGetValue(pool.Name, out string? text) ? text : "", pool.DedupRatio);

    // A pool tells of its last scan only, and a resilver has not read what other disks have.
    private static ZpoolCheck Scrubbed(Zpool pool, DateTime? now, Maker make)
    {
        ZpoolScan? scan = pool.Progress;
        int? days = now - scan?.Time is TimeSpan age ? (int)age.TotalDays : null;
        bool good = scan is { Kind: ZpoolScanKind.Scrub, State: ZpoolScanState.Finished or ZpoolScanState.Running }
            && days < ScrubDays;
        return make(
            "Scrub", good ? ZpoolCheckStatus.Passed : ZpoolCheckStatus.Warning,
            scan is null ? "never"
                : scan + (scan.State == ZpoolScanState.Running ? ", begun " : ", ")
                    + (days is int n ? n > 0 ? n + (n == 1 ? " day ago" : " days ago") : "today"
                        : "at a time that it does not tell"),
            "once a month",
            (scan is { Kind: ZpoolScanKind.Resilver }
                ? "The pool tells of its last scan only: when it was scrubbed is not known. " : "")
                + "Start one with Start-ZpoolScrub, and let cron repeat it with Set-ZpoolScrub.");
    }

    private static ZpoolCheck Deduplication(
        Zpool pool, DedupTable? table, string[] fileSystems, long needed, HostMemory memory, Maker make)
    {
        if (table is null)
        {
            return fileSystems.Length == 0
                ? make("Dedup", ZpoolCheckStatus.Passed, "off", "off, or its table in memory", "")
                : make(
                    "Dedup", ZpoolCheckStatus.Passed, "on for " + string.Join(", ", fileSystems) + "; no entries yet",
                    "its table in memory", "");
        }

        bool fits = memory.ForTables is not ByteSize room || needed <= room.Bytes;
        return make(
            "Dedup", fits ? ZpoolCheckStatus.Passed : ZpoolCheckStatus.Failed,
            table + (fileSystems.Length == 0 ? "; off for what is written now" : ""),
            memory.Wanted(needed),
            memory.Advice(pool.ZfsHost, needed)
                + " Or switch deduplication off (zfs set dedup=off on the storage VM); what is there stays in "
                + "the table until it is written anew.");
    }

    private static ZpoolCheck Arc(string host, long total, long max, Maker make)
    {
        bool starves = max > total - HostMemory.LeastLeft(total);
        long recommended = HostMemory.Recommended(total);
        return make(
            "Arc", starves || max < recommended - (total / 8) ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
            "up to " + new ByteSize(max) + " of " + new ByteSize(total), "about " + new ByteSize(recommended),
            (starves ? "Too little is left for the kernel, NFS and ssh. " : "It may have more of the memory. ")
                + "Set-ZfsArc -ZfsHost " + host + " sets it, now and for all restarts.");
    }

    private static ZpoolCheck Simulation(
        string host, DedupTable? table, long needed, HostMemory memory, Maker make) => table is null
        ? make(Simulated, ZpoolCheckStatus.Warning, "no data to look at", "a table of all data",
            "Write data first; zdb -S on the storage VM says more.")
        : make(
            Simulated,
            memory.ForTables is ByteSize room && needed + table.InCore.Bytes > room.Bytes
                ? ZpoolCheckStatus.Failed : table.Ratio < 2 ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
            table.ToString(), memory.Wanted(needed + table.InCore.Bytes) + ", and a ratio of 2 or more",
            "Leave deduplication off"
                + (table.Ratio < 2
                    ? ": it saves too little."
                    : ", or: " + memory.Advice(host, needed + table.InCore.Bytes)));
}
