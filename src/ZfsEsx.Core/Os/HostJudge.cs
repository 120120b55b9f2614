using System.Globalization;

namespace ZfsEsx.Os;

/// <summary>From what was found on a storage VM to checks. Pure.</summary>
internal static class HostJudge
{
    private static readonly TimeSpan s_clockGood = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_clockBad = TimeSpan.FromMinutes(5);

    // What the article gives a storage VM without deduplication.
    private const long MemoryWanted = 4L << 30;

    /// <summary>
    /// The programs that ZfsEsx runs on a system: their names, and what for when they are not always needed.
    /// </summary>
    public static IReadOnlyList<(string Name, string? OnlyFor)> Programs(HostSystem system) =>
    [
        ("awk", null), ("mktemp", null), ("crontab", null), ("ssh", null), ("ssh-keygen", null), ("getent", null),
        .. system == HostSystem.Linux
            ? new (string, string?)[]
            {
                ("lsblk", null), ("blkid", null), ("ip", null), ("zdb", "disks of pools that are not imported"),
                ("showmount", "looking at shares from outside"),
            }
            : [],
        ("sudo", "replication as a user of its own"), ("visudo", "replication as a user of its own"),
        ("fio", "measuring"),
    ];

    /// <summary>All checks.</summary>
    public static IReadOnlyList<ZfsHostCheck> Judge(HostFacts facts)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(facts.Answer.Output);
        HostProbe probe = HostProbe.Parse(facts.Name, facts.Answer with { Output = parts.Get("detect") });
        ILookup<string, string> release = parts.Lines("release")
            .Select(l => l.Split(['='], 2))
            .Where(w => w.Length == 2)
            .ToLookup(w => w[0], w => w[1].Trim().Trim('"', '\''));
        string[] ids = [.. release["ID"].Concat(release["ID_LIKE"]).SelectMany(i => i.Split(' '))];
        HostPackages packages = new(
            release["MANAGER"].FirstOrDefault() ?? (ids.Contains("debian") ? "apt-get" : ""),
            release["INIT"].FirstOrDefault() ?? "", ids);
        List<ZfsHostCheck> checks = [];
        void Add(string check, ZfsHostCheckStatus status, string found, string wanted, string advice) => checks.Add(
            new(facts.Name, check, status, found, wanted, status == ZfsHostCheckStatus.Passed ? "" : advice));

        Add("Connection", ZfsHostCheckStatus.Passed, "answers as " + facts.UserName, "answers", "");
        Add(
            "System", Warn(probe.System == HostSystem.FreeBsd),
            (release["PRETTY_NAME"].FirstOrDefault() ?? probe.System.ToString()) + ", " + probe.Release,
            "Linux, illumos or OpenSolaris",
            "Pools and replication may work; disks, addresses and shares of FreeBSD are not known.");
        Rights(facts, probe, Add);
        Zfs(probe, parts, packages, Add);
        Clock(facts, parts, packages, Add);
        Nfs(probe, parts, packages, Add);
        Cron(parts, packages, Add);
        Memory(parts, Add);
        Missing(probe.System, parts, packages, Add);
        return checks;
    }

    private delegate void Adder(string check, ZfsHostCheckStatus status, string found, string wanted, string advice);

    private static void Rights(HostFacts facts, HostProbe probe, Adder add) => add(
        "Rights", Grade(facts.Elevation == Elevation.None, false),
        facts.Elevation switch
        {
            Elevation.Root => "is root",
            Elevation.None => "none" + (facts.Refusal.Length > 0 ? ": " + facts.Refusal.TrimEnd('.') : ""),
            _ => "root by " + facts.Elevation.ToString().ToLowerInvariant(),
        },
        "root, or a user with sudo, doas or pfexec",
        probe.AsksForPassword ? "Connect again with -SudoCredential."
            : "Connect as root, or let " + facts.UserName + " use sudo for everything (visudo there: "
                + facts.UserName + " ALL=(ALL) NOPASSWD: ALL).");

    private static void Zfs(
        HostProbe probe, IReadOnlyDictionary<string, string> parts, HostPackages packages, Adder add)
    {
        string[] versions = [.. parts.Lines("zfs").Where(l => l.StartsWith("zfs-", StringComparison.Ordinal))];
        string said = string.Join("; ", parts.Lines("zpool"));
        bool twoVersions = versions.Length == 2 && versions[1] != "zfs-kmod-" + versions[0].Substring(4);
        bool missing = !probe.Tools.Contains("zpool");
        bool answers = said.EndsWith("answers", StringComparison.Ordinal);
        add(
            "Zfs", Grade(missing || !answers, twoVersions),
            missing ? "not installed" : !answers ? "does not answer: " + said
                : twoVersions ? string.Join(", ", versions) : probe.ZfsVersion,
            "commands and kernel part of one version",
            missing ? packages.InstallZfs()
                : answers ? "Restart the system, so that the kernel takes the version that is installed."
                : probe.System == HostSystem.Linux ? "Run there: modprobe zfs" : "Look at the system's console.");
        foreach ((string check, bool has, string what, string without) in new[]
        {
            ("Resume", probe.Features.ResumeTokens, "zfs receive -s",
                "A broken transfer starts again. OpenZFS has it from 0.7 on."),
            ("Bookmarks", probe.Features.Bookmarks, "zfs bookmark",
                "What both sides have in common is kept as a snapshot, which holds space. "
                    + "OpenZFS has it from 0.6.4 on."),
            ("ChannelPrograms", probe.Features.ChannelPrograms, "zfs program",
                "Replication looks with several commands instead of one. OpenZFS has it from 0.8 on."),
            ("RawSend", probe.Features.RawSend, "zfs send -w",
                "Encrypted file systems cannot be replicated as they are. OpenZFS has it from 0.8 on."),
            ("Delegation", probe.Features.Delegation, "zfs allow",
                "Not needed here: replication gets its rights by a rule for one command."),
        })
        {
            add(check, Warn(!has), has ? what : "not on this system", what, without);
        }
    }

    private static void Clock(
        HostFacts facts, IReadOnlyDictionary<string, string> parts, HostPackages packages, Adder add)
    {
        if (facts.Clock is HostClock clock)
        {
            TimeSpan sure = clock.Offset.Duration() - clock.Uncertainty;
            add(
                "Time", Grade(sure > s_clockBad, sure > s_clockGood),
                string.Format(
                    CultureInfo.InvariantCulture, "{0:0.##} s {1} (±{2:0.00} s)", clock.Offset.Duration().TotalSeconds,
                    clock.Offset < TimeSpan.Zero ? "behind" : "ahead", clock.Uncertainty.TotalSeconds),
                "within 2 s of this machine",
                "One of both clocks is wrong. Where it is the storage VM's: let VMware Tools set it, "
                    + "or a time service. " + packages.Install("chrony"));
        }
        else
        {
            add(
                "Time", ZfsHostCheckStatus.Warning, "not told", "within 2 s of this machine",
                "Run date on the storage VM.");
        }

        ILookup<string, string> zone = Words(parts, "zone");
        if (TryTime(zone["local"], out DateTime local) && TryTime(zone["utc"], out DateTime utc))
        {
            // Zones differ by quarters of an hour; the second that may lie between both readings does not count.
            TimeSpan theirs = TimeSpan.FromMinutes(Math.Round((local - utc).TotalMinutes / 15) * 15);
            add(
                "TimeZone", Warn(theirs != facts.OurZone),
                (zone["name"].FirstOrDefault() ?? "") + " (" + Hours(theirs) + ")",
                "as here (" + Hours(facts.OurZone) + ")",
                "Schedules run in the storage VM's time: what is " + Midnight(facts.OurZone) + " here is "
                    + Midnight(theirs) + " there. That is in order where it is known.");
        }
    }

    private static void Nfs(
        HostProbe probe, IReadOnlyDictionary<string, string> parts, HostPackages packages, Adder add)
    {
        ILookup<string, string> nfs = Words(parts, "nfs");
        string boot = nfs["boot"].FirstOrDefault() ?? "";
        string versions = nfs["versions"].FirstOrDefault() ?? "";
        bool running = probe.NfsServer == NfsServerState.Running;
        bool off3 = versions.Split(' ').Contains("-3");
        string on = string.Join(
            " ", versions.Split(' ').Where(v => v.Length > 0 && v[0] == '+').Select(v => v.Substring(1)));
        add(
            "NfsServer", Grade(probe.NfsServer == NfsServerState.Missing || off3, !running || IsOff(boot)),
            probe.NfsServer == NfsServerState.Missing ? "not installed"
                : (running ? "running" : "stopped") + Boot(boot) + (versions.Length > 0 ? ", versions " + on : ""),
            "running, now and after a boot, with version 3",
            probe.NfsServer == NfsServerState.Missing ? packages.Install("nfs")
                : off3 ? "Allow version 3 in /etc/nfs.conf (vers3=y): ESXi mounts with it unless told otherwise."
                : packages.Enable("nfs-server", "network/nfs/server", packages.Init == "rc" ? "nfs_server" : "nfs"));
    }

    private static void Cron(IReadOnlyDictionary<string, string> parts, HostPackages packages, Adder add)
    {
        ILookup<string, string> cron = Words(parts, "cron");
        bool running = cron["state"].FirstOrDefault()?.StartsWith("online", StringComparison.Ordinal) == true;
        string boot = cron["boot"].FirstOrDefault() ?? "";
        string[]? answer = cron["crontab"].FirstOrDefault()?.Split([' '], 2);

        // An empty crontab is an error for crontab, and none for us.
        bool allowed = answer is not null && (answer[0] == "0" || (answer.Length == 2
            && (answer[1].IndexOf("no crontab", StringComparison.OrdinalIgnoreCase) >= 0
                || answer[1].IndexOf("can't open your crontab", StringComparison.Ordinal) >= 0)));
        add(
            "Cron", Grade(!allowed, !running || IsOff(boot)),
            answer is null ? "not installed"
                : (running ? "running" : "stopped") + Boot(boot)
                    + (allowed ? ", crontab allowed" : ", crontab refused: " + answer.Last()),
            "running, now and after a boot, for this user",
            answer is null ? packages.Install("crontab")
                : !allowed ? "Look at cron.allow and cron.deny there, on Solaris systems also at the authorisation "
                    + "solaris.jobs.user."
                : packages.Enable("cron", "system/cron", "cron"));
    }

    private static void Memory(IReadOnlyDictionary<string, string> parts, Adder add)
    {
        ILookup<string, string> memory = Words(parts, "memory");
        long total = Bytes(memory["memory"]);
        long free = Bytes(memory["available"]);
        if (total > 0)
        {
            // Virtual machines see a little less than they were given.
            bool small = total < MemoryWanted * 0.95;
            bool full = free > 0 && free < total / 10;
            add(
                "Memory", Warn(small || full),
                new ByteSize(total) + (free > 0 ? ", " + new ByteSize(free) + " free" : ""),
                "4 GB or more, a tenth of it free",
                small ? "ZFS keeps what is read in memory: give the VM more with Set-EncapsulatedStorageVm -Memory 4GB."
                    : "Look for what takes it; the ARC gives way only slowly "
                        + "(Test-EncapsulatedZpool tells its limits).");
        }

        static long Bytes(IEnumerable<string> values) => long.TryParse(
            values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
    }

    private static void Missing(
        HostSystem system, IReadOnlyDictionary<string, string> parts, HostPackages packages, Adder add)
    {
        string[] missing = parts.Lines("missing");
        (string Name, string? OnlyFor)[] lacking = [.. Programs(system).Where(p => missing.Contains(p.Name))];
        add(
            "Programs", Grade(lacking.Any(p => p.OnlyFor is null), lacking.Length > 0),
            lacking.Length == 0 ? "all there"
                : "missing: " + string.Join(
                    ", ", lacking.Select(p => p.Name + (p.OnlyFor is null ? "" : " (for " + p.OnlyFor + ")"))),
            "all that ZfsEsx runs", packages.Install([.. lacking.Select(p => p.Name)]));
    }

    private static ZfsHostCheckStatus Warn(bool wrong) => Grade(false, wrong);

    private static ZfsHostCheckStatus Grade(bool failed, bool warning) =>
        failed ? ZfsHostCheckStatus.Failed : warning ? ZfsHostCheckStatus.Warning : ZfsHostCheckStatus.Passed;

    private static bool TryTime(IEnumerable<string> found, out DateTime time) => DateTime.TryParseExact(
        found.FirstOrDefault(), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    // What a clock shows where that of UTC shows midnight.
    private static string Midnight(TimeSpan zone) =>
        zone.Add(TimeSpan.FromHours(24)).ToString("hh\\:mm", CultureInfo.InvariantCulture);

    private static ILookup<string, string> Words(IReadOnlyDictionary<string, string> parts, string part) =>
        parts.Lines(part)
            .Select(l => l.Split([' '], 2))
            .ToLookup(w => w[0], w => w.Length > 1 ? w[1].Trim() : "");

    private static bool IsOff(string boot) => boot is "disabled" or "false" or "NO" or "masked";

    private static string Boot(string boot) =>
        boot.Length == 0 ? "" : IsOff(boot) ? ", not after a boot" : ", also after a boot";

    private static string Hours(TimeSpan zone) =>
        "UTC" + (zone < TimeSpan.Zero ? "-" : "+") + zone.ToString("hh\\:mm", CultureInfo.InvariantCulture);
}
