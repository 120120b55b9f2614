namespace ZfsEsx.Replication;

/// <summary>How a check of the ring ended.</summary>
public enum RingCheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>It works; something should be done.</summary>
    Warning,

    /// <summary>Replicas do not come, or are not what they should be.</summary>
    Failed,
}

/// <summary>One thing about an edge of the ring, what was found, and what should be.</summary>
/// <param name="ZfsHost">The storage VM that sends.</param>
/// <param name="Neighbour">The one that receives.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Found">What was found, with figures.</param>
/// <param name="Wanted">What should be.</param>
/// <param name="Advice">What to do; empty when passed.</param>
public sealed record ZfsRingCheck(
    string ZfsHost, string Neighbour, string Check, RingCheckStatus Status, string Found, string Wanted, string Advice);

/// <summary>All that was found out about one edge.</summary>
internal sealed record EdgeFacts(ReplicationEdge Edge, ReplicationState Here, ReplicationState There)
{
    /// <summary>What is missing for the trust.</summary>
    public required IReadOnlyList<string> TrustMissing { get; init; }

    /// <summary>What the neighbour answered to a real login with the source's key.</summary>
    public required ZfsReplicationTrustTest Login { get; init; }

    /// <summary>What else the key opened when it was tried; null when it could not be tried.</summary>
    public required IReadOnlyList<string>? Open { get; init; }

    /// <summary>By how much the neighbour's clock is ahead, and how well that is known.</summary>
    public required (TimeSpan Ahead, TimeSpan Within) Clock { get; init; }

    /// <summary>The state of each file system, compared by GUID.</summary>
    public required IReadOnlyList<ZfsRingReplication> FileSystems { get; init; }
}

/// <summary>Judges an edge. Pure.</summary>
internal static class RingCheck
{
    private const string Start = "Run Start-ZfsRingReplication again.";

    private static readonly TimeSpan s_clockLimit = TimeSpan.FromMinutes(1);

    public static IEnumerable<ZfsRingCheck> Of(EdgeFacts f)
    {
        ZfsRingCheck Check(string name, RingCheckStatus status, string found, string wanted, string advice) => new(
            f.Edge.Source,
            f.Edge.Neighbour,
            name,
            status,
            found,
            wanted,
            status == RingCheckStatus.Passed ? "" : advice);
        ZfsRingCheck Must(string name, bool good, string found, string wanted, string advice) =>
            Check(name, good ? RingCheckStatus.Passed : RingCheckStatus.Failed, found, wanted, advice);
        ZfsRingCheck Should(string name, bool good, string found, string wanted, string advice) =>
            Check(name, good ? RingCheckStatus.Passed : RingCheckStatus.Warning, found, wanted, advice);

        string[] config = [.. Configuration(f)];
        yield return Must("Configuration", config.Length == 0, Found(config), "the same on both sides", Start);
        yield return Must(
            "Trust", f.TrustMissing.Count == 0, Found(f.TrustMissing), "nothing missing",
            "Run New-ZfsReplicationTrust.");
        yield return Must(
            "Login", f.Login.Succeeded, f.Login.Answer, "the agent's greeting",
            "Look at the check Trust, and whether " + f.Edge.Neighbour + " can be reached at "
                + f.Edge.NeighbourAddress + ".");
        yield return Must(
            "Confined", f.Open is { Count: 0 },
            f.Open is null ? "could not be tried"
                : f.Open.Count == 0 ? "all else was refused"
                : "open: " + string.Join(", ", f.Open),
            "the key can only receive",
            "Run New-ZfsReplicationTrust; look for another line with this key in authorized_keys.");
        ReplicationSchedule? schedule =
            f.Here.Crontab is null ? null : CrontabBlock.Find(f.Here.Crontab, f.Edge.Neighbour);
        yield return Must(
            "Schedule", schedule is not null,
            schedule is null ? "not in root's crontab"
                : schedule + ", next " + Time(schedule.NextAfter(f.Here.Now, f.Here.Clocks)),
            "a line in root's crontab", Start);
        ReplicationFacts here = f.Here.Facts!;
        yield return Must(
            "Cron", here is { CronRuns: true, CronRefused: false },
            here.CronRefused ? "root may not use crontab" : here.CronRuns ? "running" : "not running",
            "running, and root may use it",
            here.CronRefused
                ? "Add root to cron.allow, or take it out of cron.deny."
                : "Start cron, and let it start at boot.");
        string? zone = CronZone(f.Here.Crontab ?? "", here);
        yield return Should(
            "TimeZone", zone is null,
            zone
                ?? "cron's is the system's ("
                    + f.Here.Now.ToString("zzz", System.Globalization.CultureInfo.InvariantCulture) + ")",
            "cron's is the system's",
            "Restart cron, or remove the line; until then cycles run at other times than shown.");
        yield return Should(
            "Clock", f.Clock.Ahead.Duration() - f.Clock.Within <= s_clockLimit, Skew(f), "within 60 s of each other",
            "Set both by NTP: ages are told by these clocks.");
        yield return Space(f, Check);
        CycleReport? last = f.Here.Report;
        yield return Must(
            "LastCycle", last?.Code == 0,
            last is null ? "none yet" : Time(last.Start) + (last.Code == 0 ? ", all delivered" : ": " + last.Trouble()),
            "all delivered", "Run Invoke-ZfsRingReplication, and look at what Get-ZfsRingReplication says.");
        ZfsRingReplication[] late =
            [.. f.FileSystems.Where(r => r.Late).OrderByDescending(r => r.Lag ?? TimeSpan.MaxValue)];
        TimeSpan? worst = f.FileSystems.Select(r => r.Lag).Max();
        yield return Must(
            "Lag", late.Length == 0 && f.FileSystems.Count > 0,
            late.Length > 0
                ? Names(late.Select(r => r.FileSystem + (r.Lag is { } l ? " " + Age(l) : " has no replica")))
                : worst is { } w ? Age(w) + " at most" : "nothing",
            f.FileSystems.Select(r => r.RecoveryPointObjective).FirstOrDefault() is { } most
                ? Age(most) + " at most"
                : "a schedule, or a recovery point objective",
            "See the checks before this one; a rate limit or a large change takes its time, too.");
        ZfsRingReplication[] other = [.. f.FileSystems.Where(r => r.Diverged || r.SnapshotGuid is null)];
        yield return Must(
            "Guids", other.Length == 0 && f.FileSystems.Count > 0,
            other.Length == 0
                ? f.FileSystems.Count + " equal on both sides"
                : Names(other.Select(r => r.FileSystem + ": " + (r.Error ?? "no common snapshot"))),
            "every file system's newest common snapshot is on both sides",
            "-DivergencePolicy Preserve keeps a changed replica aside and goes on without sending everything again.");
        string[] live = [.. f.There.Facts!.Replicas
            .Where(r => r[1] == "yes" || r[2] != "on" || r[3] is not ("off" or "-"))
            .Select(r => r[0])];
        yield return Should(
            "Replicas", live.Length == 0,
            live.Length == 0
                ? "unmounted, read-only, not shared"
                : Names(live.Select(n => n + " is mounted, writable or shared")),
            "unmounted, read-only, not shared",
            "Use New-ZfsReplicaClone to look into a replica; set readonly=on, and unmount it.");
    }

    /// <summary>Why cycles run at other times than the schedule says; null when they do not.</summary>
    public static string? CronZone(string crontab, ReplicationFacts facts) =>
        crontab.Split('\n').FirstOrDefault(l =>
            l.StartsWith("CRON_TZ", StringComparison.Ordinal) || l.StartsWith("TZ", StringComparison.Ordinal))
            is { } line
            ? "root's crontab says " + line
            : facts.CronZone is { } file ? file + " was changed after cron was started" : null;

    private static IEnumerable<string> Configuration(EdgeFacts f)
    {
        EdgeConfigText? here = f.Here.EdgeTo(f.Edge.Neighbour);
        EdgeConfigText? there = f.There.SourceFrom(f.Edge.Source);
        if (here is null)
        {
            yield return f.Edge.Source + " is not told to send to " + f.Edge.Neighbour;
        }
        else if (here["dataset"] != f.Edge.SourceDataset
            || here["root"] != f.Edge.TargetRoot
            || here["address"] != f.Edge.NeighbourAddress)
        {
            yield return f.Edge.Source + " sends " + here["dataset"] + " to " + here["address"] + ", " + here["root"];
        }

        if (there is null)
        {
            yield return f.Edge.Neighbour + " is not told to receive from " + f.Edge.Source;
        }
        else if (there["root"] != f.Edge.TargetRoot || (here is not null && there["plan"] != here["plan"]))
        {
            yield return f.Edge.Neighbour + " receives into " + there["root"];
        }
    }

    private static ZfsRingCheck Space(
        EdgeFacts f, Func<string, RingCheckStatus, string, string, string, ZfsRingCheck> check)
    {
        ByteSize? free = f.There.Facts!.Free;
        ByteSize? used = f.Here.Facts!.Used;

        // What has been delivered is there; a tenth of it again must fit, or the whole when nothing was delivered.
        long needed = f.Here.Delivered ? (used?.Bytes ?? 0) / 10 : used?.Bytes ?? 0;
        bool unknown = free is null || used is null;
        return check(
            "Space",
            unknown ? RingCheckStatus.Warning
                : free!.Value.Bytes >= needed ? RingCheckStatus.Passed
                : RingCheckStatus.Failed,
            unknown ? "not told" : free + " free on " + f.Edge.Neighbour + ", " + used + " used on " + f.Edge.Source,
            new ByteSize(needed) + " free on " + f.Edge.Neighbour,
            "Keep fewer snapshots there (Set-ZfsRingReplication -KeepOnReplica), or add disks.");
    }

    private static string Skew(EdgeFacts f)
    {
        int seconds = (int)Math.Round(f.Clock.Ahead.TotalSeconds);
        return (seconds == 0
                ? "equal"
                : f.Edge.Neighbour + " is " + Math.Abs(seconds) + " s " + (seconds > 0 ? "ahead" : "behind"))
            + ", to "
            + Math.Ceiling(f.Clock.Within.TotalSeconds)
                .ToString("0", System.Globalization.CultureInfo.InvariantCulture)
            + " s";
    }

    private static string Found(IReadOnlyList<string> missing) => missing.Count == 0 ? "in order" : Names(missing);

    private static string Names(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join("; ", all.Take(3)) + (all.Length > 3 ? "; and " + (all.Length - 3) + " more" : "");
    }

    private static string Time(DateTimeOffset t) =>
        t.ToString("yyyy-MM-dd HH:mm zzz", System.Globalization.CultureInfo.InvariantCulture);

    private static string Time(DateTime t) =>
        t.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture) + " UTC";

    private static string Age(TimeSpan t) => t.TotalMinutes < 2
        ? Math.Round(t.TotalSeconds) + " s"
        : t.TotalHours < 3 ? Math.Round(t.TotalMinutes) + " min" : Math.Round(t.TotalHours) + " h";
}
