using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>What is measured, what is refused, and what was at its limit.</summary>
public class MeasurePlannerTests
{
    private static readonly MeasureState s_observed =
        MeasureState.Parse("uss1", new LinuxDialect(), ZfsFixture.Text("openzfs-2.3.9/measure.txt"));

    private static readonly MeasureRequest s_request = new() { FileSystem = "sp1/nas/vol0", Size = 32 << 20 };

    [Fact]
    public void A_real_answer_is_read()
    {
        MeasureWork work = MeasurePlanner.Compare("uss1", s_observed, s_request);
        Assert.Equal(("sp1", "sp1/nas/vol0", "standard"), (work.Pool, work.FileSystem, work.Sync));
        Assert.Equal("vdc", Assert.Single(work.DataDevices));
        Assert.Equal(("vdd", "vdd"), (Assert.Single(work.LogDevices), Assert.Single(work.Log)));
        Assert.Contains("recordsize=65536", work.Properties);
        Assert.Contains("logbias=latency", work.Properties);
        string[] own = ["mountpoint", "sharenfs", "quota", "refquota", "reservation", "refreservation"];
        Assert.DoesNotContain(work.Properties, p => own.Contains(p.Split('=')[0]));
    }

    /// <summary>Only what has our name and our property in the right place is ever removed.</summary>
    [Fact]
    public void What_a_dead_measurement_left_is_told_from_what_only_looks_like_it()
    {
        Assert.Equal(
            ["sp1/nas/zfsesx-measure-other", "sp1/zfsesx-measure-abc0"], s_observed.Scratch.Select(s => s.Name));
        Assert.Equal(["abc0"], MeasurePlanner.Compare("uss1", s_observed, s_request).Left);
    }

    [Fact]
    public void With_and_without_the_log_take_turns()
    {
        MeasureRequest request = s_request with
        {
            Via = [MeasureVia.Pool, MeasureVia.Nfs], CompareLog = LogComparison.Logbias, Repeat = 2,
            Workloads = [MeasureWorkload.Find("read512"), MeasureWorkload.Find("Write4k")],
        };
        string once = "Pool Read512 Used, Pool Write4k Used, Pool Write4k Bypassed, "
            + "Nfs Read512 Used, Nfs Write4k Used, Nfs Write4k Bypassed";
        string other = "Pool Read512 Used, Pool Write4k Bypassed, Pool Write4k Used, "
            + "Nfs Read512 Used, Nfs Write4k Bypassed, Nfs Write4k Used";
        MeasureWork work = MeasurePlanner.Compare("uss1", s_observed, request);
        Assert.Equal(
            once + ", " + other, string.Join(", ", work.Runs.Select(r => $"{r.Via} {r.Workload.Name} {r.Log}")));
        Assert.Equal(
            "Measure Read512, Write4k on the pool and by NFS from uss2, 12 runs of 10 s, "
                + "with a file of 32 MB like sp1/nas/vol0",
            MeasurePlanner.Describe(work, request, "uss2"));
        MeasureRequest offline =
            request with { CompareLog = LogComparison.Offline, Via = [MeasureVia.Pool], Repeat = 1 };
        Assert.EndsWith(
            "; the log vdd is offline for 1 of them",
            MeasurePlanner.Describe(MeasurePlanner.Compare("uss1", s_observed, offline), offline, "uss1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Writes_are_synchronous_and_a_client_has_no_memory()
    {
        IReadOnlyList<string> words = MeasurePlanner.Arguments(
            new(MeasureVia.Nfs, MeasureWorkload.Find("Write512"), MeasureLog.Used), s_request, "/x/file");
        Assert.Superset(
            new HashSet<string> { "--sync=1", "--direct=1", "--bs=512", "--rwmixread=0", "--rw=randrw" },
            new HashSet<string>(words));
        Assert.Contains("--direct=0", MeasurePlanner.Arguments(
            new(MeasureVia.Pool, MeasureWorkload.Find("Mix1M"), MeasureLog.Used), s_request, "/x/file"));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "FioMissing", "tools" }, { "NotEnoughSpace", "space" }, { "MeasurementRuns", "runs" },
        { "NoLogDevice", "log" }, { "FileSystemNotFound", "properties" }, { "PoolUnknown", "pools" },
        { "PoolNotFound", "pool" }, { "PoolNotUsable", "state" }, { "PoolNotUsable", "degraded" },
        { "NotOnThisSystem", "logbias" },
    };

    [Theory, MemberData(nameof(Refused))]
    public void What_cannot_be_measured_is_refused(string id, string what)
    {
        Zpool pool = s_observed.Disks.Pools[0];
        MeasureState With(params Zpool[] pools) => s_observed with { Disks = s_observed.Disks with { Pools = pools } };
        MeasureState observed = what switch
        {
            "tools" => s_observed with { Tools = ["apt-get"] },
            "space" => s_observed with { Space = new Dictionary<string, long> { ["sp1"] = 100 << 20 } },
            "runs" => s_observed with { Scratch = [("sp1/zfsesx-measure-abc0", "abc0", true)] },
            "log" => With(pool with { Vdevs = [.. pool.Vdevs.Where(v => v.Role != VdevRole.Log)] }),
            "properties" => s_observed with { Properties = new Dictionary<string, ZfsProperty>() },
            "logbias" => s_observed with
            {
                Properties = s_observed.Properties
                    .Where(p => p.Key != "logbias")
                    .ToDictionary(p => p.Key, p => p.Value)
            },
            "pools" => With(pool, pool with { Name = "sp2" }),
            "pool" => With(pool with { Name = "sp2" }),
            "state" => With(pool with { State = "SUSPENDED" }),
            _ => With(pool with { State = "DEGRADED" }),
        };
        MeasureRequest request = s_request with
        {
            CompareLog = what == "degraded" ? LogComparison.Offline : LogComparison.Logbias,
            FileSystem = what == "pools" ? null : s_request.FileSystem,
        };
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => MeasurePlanner.Compare("uss1", observed, request));
        Assert.Equal(id, e.Id);
        Assert.True(id != "FioMissing" || e.Advice!.Contains("apt-get install fio", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sp1; touch /tmp/pwned", "InvalidDatasetName")]
    [InlineData("$(id)", "InvalidDatasetName")]
    public void Names_are_checked_before_anything_is_asked(string name, string id) => Assert.Equal(
        id, Assert.Throws<ZfsEsxException>(() => MeasurePlanner.Check(s_request with { FileSystem = name })).Id);

    [Fact]
    public void Bounds_are_checked()
    {
        MeasureRequest[] wrong =
        [
            s_request with { Seconds = 0 }, s_request with { Seconds = 3601 }, s_request with { QueueDepth = 0 },
            s_request with { Repeat = 101 }, s_request with { Size = 1 << 20 }, s_request with { Workloads = [] },
        ];
        Assert.All(wrong, r => Assert.Equal(
            "InvalidMeasurement", Assert.Throws<ZfsEsxException>(() => MeasurePlanner.Check(r)).Id));
        Assert.Equal(
            "InvalidAddress",
            Assert.Throws<ZfsEsxException>(() => MeasurePlanner.Check(s_request with { Address = "-o x" })).Id);
    }

    [Theory]
    [InlineData("10.2 dev eth0 src 10.99.0.12 uid 0", "fio mount.nfs", null)]
    [InlineData("local 10.99.0.11 dev lo src 10.99.0.11 uid 0 \\    cache <local>", "fio mount.nfs", null)]
    [InlineData("RTNETLINK answers: Network is unreachable", "fio mount.nfs", "ClientNotUsable")]
    [InlineData("x src $(id) y", "fio mount.nfs", "ClientNotUsable")]
    [InlineData("x src 10.99.0.12", "fio", "ClientNotUsable")]
    [InlineData("x src 10.99.0.12", "mount.nfs", "FioMissing")]
    public void A_client_needs_a_way_and_its_programs(string route, string tools, string? id)
    {
        MeasureClientState client = MeasureClientState.Parse(
            "uss2", "\u001etools\n" + tools.Replace(' ', '\n') + "\n\u001eroute\n" + route + "\n");
        Exception? e = Record.Exception(() => MeasurePlanner.CheckClient(client, "10.99.0.11"));
        Assert.Equal(id, (e as ZfsEsxException)?.Id);
    }

    [Theory]
    [InlineData(95, 10, 5, null, MeasureLimit.Processor)]
    [InlineData(85, 98, 5, null, MeasureLimit.DataDisk)]
    [InlineData(20, 40, 90, 50, MeasureLimit.LogDisk)]
    [InlineData(82, 40, 10, 90, MeasureLimit.ClientProcessor)]
    [InlineData(50, 40, 10, 60, MeasureLimit.Latency)]
    [InlineData(null, null, null, null, MeasureLimit.Unknown)]
    [InlineData(50, null, null, 40, MeasureLimit.Unknown)]
    [InlineData(90, null, null, null, MeasureLimit.Processor)]
    public void The_fullest_is_the_limit(int? processor, int? data, int? log, int? client, MeasureLimit expected) =>
        Assert.Equal(
            expected, new MeasureLoad(processor, data, log, null).LimitedBy(new MeasureLoad(client, null, null, null)));

    [Fact]
    public void Loads_are_differences()
    {
        MeasureLoad load = MeasureLoad.Between(
            Sample("100.00", "cpu  100 0 100 800 0 0 0 0 0 0", 1000, 5000),
            Sample("110.00", "cpu  500 0 300 1100 100 0 0 0 0 0", 1800, 14500),
            ["vdc", "gone"], []);
        Assert.Equal(new MeasureLoad(60, 95, null, 80), load);
        Assert.Equal(
            new MeasureLoad(null, null, null, null),
            MeasureLoad.Between(null, Sample("1", "cpu 1 1 1 1 1", 1, 1), [], []));
        Assert.Null(MeasureSample.Parse(new Dictionary<string, string>()));
    }

    private static MeasureSample? Sample(string uptime, string cpu, int writes, int busy) =>
        MeasureSample.Parse(new Dictionary<string, string>
        {
            ["uptime"] = uptime + " 50.00\n", ["cpu"] = cpu + "\n",
            ["disks"] = $"254 32 vdc 1 0 8 1 {writes} 0 10 10 0 {busy} 20 0 0 0 0 1 1\n254 33 vdc1 1\n",
        });
}
