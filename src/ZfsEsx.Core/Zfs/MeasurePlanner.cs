using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>One run.</summary>
internal sealed record MeasureRun(MeasureVia Via, MeasureWorkload Workload, MeasureLog Log);

/// <summary>What is to be done to measure.</summary>
internal sealed record MeasureWork
{
    public required string Pool { get; init; }

    /// <summary>The file system whose properties the scratch file system gets, or the pool.</summary>
    public required string FileSystem { get; init; }

    /// <summary><c>name=value</c> of the scratch file system.</summary>
    public required IReadOnlyList<string> Properties { get; init; }

    public required string Sync { get; init; }

    public required IReadOnlyList<MeasureRun> Runs { get; init; }

    /// <summary>Ids of what dead measurements have left in this pool.</summary>
    public required IReadOnlyList<string> Left { get; init; }

    /// <summary>The disks of the log, as zpool calls them.</summary>
    public required IReadOnlyList<string> Log { get; init; }

    public required IReadOnlyList<string> DataDevices { get; init; }

    public required IReadOnlyList<string> LogDevices { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>Compares what was found with what is to be measured. Pure.</summary>
internal static class MeasurePlanner
{
    // What makes a difference to requests; where it is mounted and shared is our own. No quota: ZFS counts 24 times
    // what a write may take against it (spa_asize_inflation), and has writers wait where that does not fit. The one
    // file does not grow, so it bounds the space itself.
    private static readonly string[] s_alike =
    [
        "recordsize", "compression", "checksum", "atime", "sync", "logbias", "primarycache", "secondarycache", "dedup",
        "copies", "redundant_metadata", "special_small_blocks", "direct",
    ];

    private static readonly VdevRole[] s_data = [VdevRole.Data, VdevRole.Special, VdevRole.Dedup];

    /// <summary>Refuses what makes no sense in itself.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidDatasetName</c>, <c>InvalidMeasurement</c>,
    /// <c>InvalidAddress</c>.</exception>
    public static void Check(MeasureRequest request)
    {
        if (request.FileSystem is not null)
        {
            ZfsName.Dataset(request.FileSystem);
        }

        string? wrong = request.Seconds is < 1 or > 3600 ? "a run takes 1 to 3600 seconds"
            : request.QueueDepth is < 1 or > 256 ? "1 to 256 requests can be under way"
            : request.Repeat is < 1 or > 100 ? "runs are repeated 1 to 100 times"
            : request.Size < 4 << 20 ? "the file has 4 MB or more"
            : request.Workloads.Count == 0 || request.Via.Count == 0 ? "there is nothing to measure" : null;
        if (wrong is not null)
        {
            throw new ZfsEsxException(
                "InvalidMeasurement", FailureKind.InvalidArgument, "measurement",
                "This cannot be measured: " + wrong + ".",
                "Leave -Second, -QueueDepth, -Repeat, -Size and -Workload out for what is usual.");
        }

        if (request.Address is not null && !HostRules.IsAddress(request.Address))
        {
            throw new ZfsEsxException(
                "InvalidAddress", FailureKind.InvalidArgument, request.Address,
                Shell.ShellQuote.Readable(request.Address) + " is not an IPv4 address.",
                "Give the storage VM's address in the storage network, as in 10.99.0.11.");
        }
    }

    /// <summary>What is to be done.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>FioMissing</c>, <c>PoolNotFound</c>, <c>PoolUnknown</c>, <c>PoolNotUsable</c>, <c>FileSystemNotFound</c>,
    /// <c>NotEnoughSpace</c>, <c>MeasurementRuns</c>, <c>NoLogDevice</c>, <c>NotOnThisSystem</c>.
    /// </exception>
    public static MeasureWork Compare(string host, MeasureState observed, MeasureRequest request)
    {
        Zpool pool = FindPool(host, observed, request.FileSystem);
        string name = request.FileSystem ?? pool.Name;
        if (request.FileSystem is not null && observed.Properties.Count == 0)
        {
            throw new ZfsEsxException(
                "FileSystemNotFound", FailureKind.NotFound, name, "There is no file system " + name + " on " + host
                    + ".",
                "See Get-ZfsNfsShare and Get-EncapsulatedZpool for what there is.");
        }

        if (request.Via.Contains(MeasureVia.Pool))
        {
            RequireFio(host, observed.Tools);
        }

        CheckSpace(host, observed, pool.Name, request.Size);
        string[] left = [.. observed.Scratch.Where(s => IsScratch(pool.Name, s)).Select(s => s.Id)];
        Vdev[] logs = [.. pool.Vdevs.Where(v => v.Role == VdevRole.Log)];
        string[] logDisks =
        [
            .. ZpoolShape.Find(host, observed.Plain, pool.Name).Vdevs.Where(v => v.Role == VdevRole.Log)
                .SelectMany(ZpoolText.Disks).Select(d => d.Name),
        ];
        CheckLog(host, observed, pool, logs, request.CompareLog);
        string sync = observed.Properties.TryGetValue("sync", out ZfsProperty? p) ? p.Value : "standard";
        return new MeasureWork
        {
            Pool = pool.Name,
            FileSystem = name,
            Properties =
            [
                .. s_alike.Where(n => observed.Properties.TryGetValue(n, out ZfsProperty? v)
                    && v.Value is not ("-" or ""))
                    .Select(n => n + "=" + observed.Properties[n].Value),
            ],
            Sync = sync,
            Runs = Runs(request, logs.Length > 0, observed.Properties),
            Left = left,
            Log = logDisks,
            DataDevices = Devices(pool, s_data),
            LogDevices = Devices(pool, [VdevRole.Log]),
            Warnings = sync != "disabled" ? [] :
                [name + " on " + host + " has sync=disabled: writes are measured that are not safe on any disk."],
        };
    }

    /// <summary>Refuses a storage VM that cannot be the NFS client.</summary>
    /// <exception cref="ZfsEsxException"><c>FioMissing</c>, <c>ClientNotUsable</c>.</exception>
    public static void CheckClient(MeasureClientState client, string address)
    {
        RequireFio(client.Name, client.Tools);
        string? wrong = !client.Tools.Contains("mount.nfs") ? "it has no NFS client"
            : client.Address.Length == 0 ? "it has no way to " + address : null;
        if (wrong is not null)
        {
            throw new ZfsEsxException(
                "ClientNotUsable", FailureKind.NotSupported, client.Name,
                client.Name + " cannot be the NFS client: " + wrong + ".",
                "Install its NFS client (Debian: nfs-common) and connect both by the storage network, or name another "
                    + "one with -Client.");
        }
    }

    /// <summary>What is done, in words.</summary>
    public static string Describe(MeasureWork work, MeasureRequest request, string client)
    {
        int without = work.Runs.Count(r => r.Log == MeasureLog.Offline);
        string[] ways = [.. request.Via.Select(v => v == MeasureVia.Pool ? "on the pool" : "by NFS from " + client)];
        return "Measure " + string.Join(", ", request.Workloads.Select(w => w.Name)) + " " + string.Join(" and ", ways)
            + ", "
            + work.Runs.Count + (work.Runs.Count == 1 ? " run of " : " runs of ") + request.Seconds
            + " s, with a file of " + request.Size + " like " + work.FileSystem
            + (without == 0 ? "" : "; the log " + string.Join(", ", work.Log) + " is offline for " + without
                + " of them");
    }

    /// <summary>The arguments of fio for a run. The file has been written before.</summary>
    public static IReadOnlyList<string> Arguments(MeasureRun run, MeasureRequest request, string file) =>
    [
        .. Common(request, file), "--rw=randrw", "--rwmixread=" + run.Workload.ReadPercent,
        "--bs=" + run.Workload.BlockSize,
        "--sync=1", "--norandommap", "--numjobs=" + request.QueueDepth, "--thread", "--group_reporting", "--time_based",
        "--runtime=" + request.Seconds, "--ramp_time=1", "--percentile_list=50:95:99:99.9",

        // An NFS client may not answer from its own memory; the pool's own memory is part of what is measured.
        run.Via == MeasureVia.Nfs ? "--direct=1" : "--direct=0",
    ];

    /// <summary>The arguments of fio for writing the file once.</summary>
    public static IReadOnlyList<string> FillArguments(MeasureRequest request, string file) =>
        [.. Common(request, file), "--rw=write", "--bs=1048576", "--end_fsync=1"];

    private static string[] Common(MeasureRequest request, string file) =>
        ["--name=measure", "--filename=" + file, "--size=" + request.Size.Bytes, "--ioengine=psync",
            "--fallocate=none"];

    private static Zpool FindPool(string host, MeasureState observed, string? fileSystem)
    {
        if (fileSystem is null && observed.Disks.Pools.Count != 1)
        {
            throw new ZfsEsxException(
                "PoolUnknown", FailureKind.InvalidArgument, host,
                observed.Disks.Pools.Count == 0 ? host + " has no pool."
                    : host + " has several pools: " + string.Join(", ", observed.Disks.Pools.Select(p => p.Name)) + ".",
                "Say with -FileSystem which file system or pool is meant.");
        }

        Zpool pool = ZpoolShape.Find(
            host, observed.Disks.Pools, fileSystem is null ? observed.Disks.Pools[0].Name : ZfsName.PoolOf(fileSystem));
        return pool.State is "ONLINE" or "DEGRADED" ? pool : throw ZpoolShape.NotUsable(host, pool);
    }

    // What is ours has both the name and the property.
    private static bool IsScratch(string pool, (string Name, string Id, bool Runs) scratch) =>
        scratch.Name != pool + "/zfsesx-measure-" + scratch.Id ? false
        : !scratch.Runs ? true
        : throw new ZfsEsxException(
            "MeasurementRuns", FailureKind.InUse, pool, "Another measurement runs in the pool (" + scratch.Name + ").",
            "Wait for its end: two at a time say nothing. One whose PowerShell has died ends by itself within three "
                + "minutes.");

    private static void CheckSpace(string host, MeasureState observed, string pool, ByteSize size)
    {
        long free = observed.Space.TryGetValue(pool, out long found) ? found : 0;
        long needed = 2 * size.Bytes + (64 << 20);
        if (free < needed)
        {
            throw new ZfsEsxException(
                "NotEnoughSpace", FailureKind.LimitReached, pool,
                "Measuring with a file of " + size + " takes up to " + new ByteSize(needed) + "; the pool " + pool
                    + " on " + host
                    + " has " + new ByteSize(free) + " left.",
                "Give a smaller -Size, or make room.");
        }
    }

    private static void CheckLog(string host, MeasureState observed, Zpool pool, Vdev[] logs, LogComparison comparison)
    {
        if (comparison == LogComparison.None)
        {
            return;
        }

        if (logs.Length == 0)
        {
            throw new ZfsEsxException(
                "NoLogDevice", FailureKind.NotFound, pool.Name, "The pool " + pool.Name + " on " + host
                    + " has no log device to compare.",
                "Add one with Add-EncapsulatedZpool -Log, or leave out -CompareLog.");
        }

        if (comparison == LogComparison.Offline && (pool.State != "ONLINE" || logs.Any(l => l.State != "ONLINE")))
        {
            throw ZpoolShape.NotUsable(host, pool);
        }

        if (comparison == LogComparison.Logbias && observed.Properties.Count > 0
            && !observed.Properties.ContainsKey("logbias"))
        {
            throw ZpoolFeatures.Missing(host, "File systems that leave out the log (logbias)");
        }
    }

    // With and without follow each other; every second time the other way round, so that what warms up favours neither.
    private static IReadOnlyList<MeasureRun> Runs(
        MeasureRequest request, bool hasLog, IReadOnlyDictionary<string, ZfsProperty> properties)
    {
        bool bypassed = properties.TryGetValue("logbias", out ZfsProperty? bias) && bias.Value == "throughput";
        MeasureLog usual = !hasLog ? MeasureLog.None
            : bypassed && request.CompareLog != LogComparison.Logbias ? MeasureLog.Bypassed : MeasureLog.Used;
        MeasureLog? other = request.CompareLog switch
        {
            LogComparison.Logbias => MeasureLog.Bypassed,
            LogComparison.Offline => MeasureLog.Offline,
            _ => null,
        };
        return
        [
            .. from round in Enumerable.Range(0, request.Repeat)
               from via in request.Via
               from workload in request.Workloads
               let both = other is { } o && workload.ReadPercent < 100 ? new[] { usual, o } : [usual]
               from log in round % 2 == 0 ? both : both.Reverse()
               select new MeasureRun(via, workload, log),
        ];
    }

    private static string[] Devices(Zpool pool, VdevRole[] roles) =>
        [.. pool.Vdevs.Where(v => roles.Contains(v.Role)).SelectMany(ZpoolText.Disks).Select(d => d.Name)];

    private static void RequireFio(string host, IReadOnlyList<string> tools)
    {
        if (!tools.Contains("fio"))
        {
            throw new ZfsEsxException(
                "FioMissing", FailureKind.NotSupported, host, "The program fio, which measures, is not installed on "
                    + host + ".",
                "Install it there: " + (Installers.Where(i => tools.Contains(i.Tool)).Select(i => i.Command)
                    .FirstOrDefault()
                    ?? "build it from its sources") + ".");
        }
    }

    private static readonly (string Tool, string Command)[] Installers =
    [
        ("apt-get", "apt-get install fio"), ("dnf", "dnf install fio"), ("yum", "yum install fio"),
        ("zypper", "zypper install fio"),
        ("apk", "apk add fio"), ("pacman", "pacman -S fio"), ("pkg", "pkg install fio"),
    ];
}
