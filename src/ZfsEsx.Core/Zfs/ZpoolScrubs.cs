using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Scrubs: reading all data of a pool, and repairing what is wrong.</summary>
public static class ZpoolScrubs
{
    /// <summary>Reads when pools were scrubbed and will be, in one round trip.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolsNotRead</c>.</exception>
    public static async Task<IReadOnlyList<ZpoolScrub>> GetAsync(ZfsHost host, CancellationToken ct)
    {
        (IReadOnlyList<Zpool> pools, IReadOnlyDictionary<string, string> parts) =
            await ReadAsync(host, ct).ConfigureAwait(false);
        return Read(host.Name, pools, parts);
    }

    /// <summary>Plans to start a scrub, or to let a paused one go on. One that runs is left alone.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="name">The pool.</param>
    /// <param name="wait">Waits for its end, with progress.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException"><c>PoolNotFound</c>, <c>PoolNotUsable</c>, <c>ResilverRuns</c>.</exception>
    public static async Task<Plan<ZpoolScrub>> PlanStartAsync(
        ZfsHost host, string name, bool wait, CancellationToken ct)
    {
        Zpool pool = await PoolAsync(host, name, ct).ConfigureAwait(false);
        if (pool.State is not ("ONLINE" or "DEGRADED"))
        {
            throw ZpoolShape.NotUsable(host.Name, pool);
        }

        if (pool.Progress is { Kind: ZpoolScanKind.Resilver, State: ZpoolScanState.Running } resilver)
        {
            throw new ZfsEsxException(
                "ResilverRuns", FailureKind.InvalidState, name,
                "The pool " + name + " on " + host.Name + " cannot be scrubbed now: " + resilver + ".",
                "Wait for its end; Get-ZpoolScrub shows it.");
        }

        bool paused = pool.Progress?.State == ZpoolScanState.Paused;
        bool runs = Runs(pool);
        string activity = "Scrub pool " + name + " on " + host.Name;
        return runs && !wait ? Plan(host, name) : Plan(
            host, name,
            runs ? "Wait for the scrub of pool " + name
                : (paused ? "Go on with the scrub of pool " : "Scrub pool ") + name,
            async (reporter, token) =>
            {
                if (!runs)
                {
                    await ScrubAsync(host, [name], name, token).ConfigureAwait(false);
                }

                if (wait)
                {
                    await Zpools.WaitAsync(
                        host, name, activity,
                        p => Runs(p) ? (p.Progress!.ToString(), (int?)p.Progress.Percent) : null, reporter, token)
                            .ConfigureAwait(false);
                }
            });
    }

    /// <summary>Plans to stop a scrub, or to pause it. Where none runs, nothing is done.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolNotFound</c>, <c>NotOnThisSystem</c>.</exception>
    public static async Task<Plan<ZpoolScrub>> PlanStopAsync(
        ZfsHost host, string name, bool pause, CancellationToken ct)
    {
        Zpool pool = await PoolAsync(host, name, ct).ConfigureAwait(false);
        bool paused = pool.Progress is { Kind: ZpoolScanKind.Scrub, State: ZpoolScanState.Paused };
        if (!Runs(pool) && !(paused && !pause))
        {
            return Plan(host, name);
        }

        if (pause)
        {
            // By doing, on a name that no pool has here: who knows the option says that there is no such pool.
            CommandResult probe = await host.RunAsync(
                new RemoteCommand("zpool", "scrub", "-p", "zfsesx-none"), ct).ConfigureAwait(false);
            if (probe.Error.Contains("invalid option"))
            {
                throw ZpoolFeatures.Missing(host.Name, "Scrubs that can be paused");
            }
        }

        return Plan(
            host, name, (pause ? "Pause the scrub of pool " : "Stop the scrub of pool ") + name,
            (_, token) => ScrubAsync(host, [pause ? "-p" : "-s", name], name, token));
    }

    /// <summary>Plans when cron scrubs a pool; null takes our schedule away.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolNotFound</c>, <c>CronMissing</c>.</exception>
    public static async Task<Plan<ZpoolScrub>> PlanScheduleAsync(
        ZfsHost host, string name, ScrubSchedule? schedule, CancellationToken ct)
    {
        ZfsName.Pool(name);
        (IReadOnlyList<Zpool> pools, IReadOnlyDictionary<string, string> parts) =
            await ReadAsync(host, ct).ConfigureAwait(false);
        ZpoolShape.Find(host.Name, pools, name);
        string crontab = parts.Get("crontab");
        string program = parts.Lines("program").FirstOrDefault() ?? "zpool";
        if (schedule is not null && !host.Tools.Contains("crontab"))
        {
            throw new ZfsEsxException(
                "CronMissing", FailureKind.NotSupported, host.Name, host.Name + " has no crontab program.",
                "Install cron on the storage VM (Debian: cron) and connect again.");
        }

        string Edit(string text) => schedule is null
            ? CrontabText.Remove(text, Title(name))
            : CrontabText.Set(text, Title(name), Line(schedule, program, name));
        string[] elsewhere = schedule is null ? [] : parts.Lines("elsewhere");
        return new Plan<ZpoolScrub>(
            Edit(crontab) == crontab ? [] :
            [
                new Change(
                    host.Name + ": " + name,
                    schedule is null
                        ? "Scrub pool " + name + " no longer by schedule"
                        : "Scrub pool " + name + " " + schedule,
                    (_, token) => HostCrontab.EditAsync(host, Edit, token)),
            ],
            token => OneAsync(host, name, token),
            elsewhere.Length == 0 ? [] :
                ["The system of " + host.Name + " scrubs pools by itself too: " + string.Join(", ", elsewhere) + "."]);
    }

    /// <summary>
    /// The crontab line that scrubs a pool. Nothing in it means anything to cron: names have no percent sign.
    /// </summary>
    internal static string Line(ScrubSchedule schedule, string program, string pool) =>
        schedule.CronFields + " " + ShellQuote.Readable(program) + " scrub "
        + ShellQuote.Readable(pool) + " >/dev/null 2>&1";

    /// <summary>Reads the answer of scrubs.sh.</summary>
    internal static IReadOnlyList<ZpoolScrub> Read(
        string host, IReadOnlyList<Zpool> pools, IReadOnlyDictionary<string, string> parts)
    {
        DateTime? now = ZfsText.Time(parts.Get("now"));
        return
        [
            .. pools.Select(pool =>
            {
                ScrubSchedule? schedule =
                    ScrubSchedule.FromCronLine(CrontabText.Find(parts.Get("crontab"), Title(pool.Name)));
                return new ZpoolScrub(
                    host, pool.Name, pool.Progress, schedule, now is DateTime n ? schedule?.NextAfter(n) : null,
                    parts.Lines("elsewhere"));
            }),
        ];
    }

    private static bool Runs(Zpool pool) =>
        pool.Progress is { Kind: ZpoolScanKind.Scrub, State: ZpoolScanState.Running };

    private static string Title(string pool) => "scrub of " + pool;

    private static Plan<ZpoolScrub> Plan(
        ZfsHost host, string name, string? action = null, Func<IReporter, CancellationToken, Task>? apply = null) =>
        new(
            action is null || apply is null ? [] : [new Change(host.Name + ": " + name, action, apply)],
            token => OneAsync(host, name, token));

    private static Task<CommandResult> ScrubAsync(ZfsHost host, string[] words, string name, CancellationToken ct) =>
        host.CheckAsync(
            new RemoteCommand(["zpool", "scrub", .. words]),
            "ScrubRefused",
            name,
            "The scrub of the pool cannot be changed",
            null,
            ct);

    private static async Task<Zpool> PoolAsync(ZfsHost host, string name, CancellationToken ct)
    {
        ZfsName.Pool(name);
        return await Zpools.ReadOneAsync(host, name, ct).ConfigureAwait(false);
    }

    private static async Task<ZpoolScrub> OneAsync(ZfsHost host, string name, CancellationToken ct) =>
        (await GetAsync(host, ct).ConfigureAwait(false)).First(s => s.Name == name);

    private static async Task<(IReadOnlyList<Zpool> Pools, IReadOnlyDictionary<string, string> Parts)> ReadAsync(
        ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Resource.Text("pools.sh") + Resource.Text("scrubs.sh")), "PoolsNotRead", host.Name,
            "The pools cannot be listed", null, ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> parts = Sections.Split(answer.Output);
        return (ZpoolText.Pools(host.Name, parts.Get("list"), parts.Get("status")), parts);
    }
}
