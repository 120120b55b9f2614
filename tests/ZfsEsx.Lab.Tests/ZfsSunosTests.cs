using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// A system that looks like OpenSolaris or illumos to us, by a real ssh: its sh is a real ksh93, its ZFS zfs-fuse,
/// which is of OpenSolaris' time, and there is no setsid. What it says of itself is written after the manuals uname(1),
/// prtconf(1M), kstat(1M) and svcadm(1M). Its disks are files. Not yet proven on the metal.
/// </summary>
public sealed class ZfsSunosTests() : FuseHostTest("sunos")
{
    private const long Mega = 1 << 20;
    private const string Folder = "/mnt/disks/a $(touch pwned) é";

    private const string SetUp = """
        set -e
        program() { printf '#!/bin/sh\n%s\n' "$2" >"/usr/local/bin/$1"; chmod 755 "/usr/local/bin/$1"; }
        program uname "case \$1 in -s) echo SunOS;; -r) echo 5.11;; -v) echo $2;; esac"
        program iostat :
        program prtconf 'echo "Memory size: 4096 Megabytes"'
        program kstat 'printf "zfs:0:arcstats:c_max\t3221225472\n"'
        program svcadm 'echo "svcadm $*" >>/var/log/svcadm'
        # it reads its standard input without an argument only: "-" is a file like others
        program crontab 'none() { echo "crontab: can'"'"'t open your crontab file." >&2; exit 1; }
          c=/usr/bin/crontab
          case $1 in "") exec $c -;; -) none;; -l) $c -l 2>/dev/null || none;; *) exec $c "$@";; esac'
        # a file that nobody may execute is no program
        : >/run/nothing && chmod 000 /run/nothing
        for t in setsid hostnamectl lsblk blkid ip; do
          p=$(command -v $t) && mount --bind /run/nothing "$(readlink -f "$p")"
        done
        rm -f /etc/hostname /etc/resolv.conf
        printf 'passwd: files\nhosts: files\nipnodes: files\n' >/etc/nsswitch.conf
        mount --bind "$(readlink -f "$(command -v ksh93)")" "$(readlink -f /bin/sh)"
        mkdir "$1" && cd "$1" && truncate -s 256M 1 2 3
        """;

    [Theory]
    [InlineData("snv_134", HostSystem.OpenSolaris)]
    [InlineData("omnios-r151050-1", HostSystem.Illumos)]
    public async Task Names_pools_and_figures(string build, HostSystem system)
    {
        await RunAsync(Host, SetUp, Folder, build);
        using ZfsHost sun = await ConnectAsync();
        Assert.Equal((system, "5.11"), (sun.System, sun.Release));
        Assert.NotEqual("", (await RunAsync(sun, "printf '%s' \"$KSH_VERSION\"; ! command -v setsid")).Trim());
        await NamesAsync(sun);
        await PoolAsync(sun);
        await FiguresAsync(sun);
        Assert.Equal("", await RunAsync(sun, "find / -xdev -name pwned"));
    }

    private static async Task NamesAsync(ZfsHost sun)
    {
        HostNameRequest wanted = new()
        {
            HostName = "sun1", Entries = [new("vh1-nas", "10.99.0.101")], NameServers = ["192.0.2.53"],
            SearchDomains = ["storage.example.org"],
        };
        ZfsHostName names = await TwiceAsync(ct => HostNames.PlanSetAsync(sun, wanted, ct));
        Assert.Equal(("sun1", "files dns"), (names.HostName, string.Join(' ', names.Lookup)));
        Assert.Equal("sun1\nsun1\n", await RunAsync(sun, "hostname; cat /etc/nodename"));
        string[] lookups = (await RunAsync(sun, "cat /etc/nsswitch.conf")).Split('\n');
        Assert.Equal("passwd: files", lookups[0]);
        Assert.All(
            lookups.Skip(1).Where(l => l.Length > 0), l => Assert.EndsWith(" files dns", l, StringComparison.Ordinal));
        Assert.Contains(
            "svcadm enable network/dns/client\n", await RunAsync(sun, "cat /var/log/svcadm"), StringComparison.Ordinal);
        Assert.Equal(["10.99.0.101"], (await HostNames.ResolveAsync(sun, ["vh1-nas"], default))["vh1-nas"]);
    }

    private static async Task PoolAsync(ZfsHost sun)
    {
        ZpoolRequest wanted = new()
        {
            Name = "sp1", Data = [new("mirror", [Folder + "/1", Folder + "/2"])], Log = [new("disk", [Folder + "/3"])],
            AllowUneven = true,
        };
        Zpool pool = await TwiceAsync(ct => Zpools.PlanNewAsync(sun, wanted, ct));
        Assert.Equal(("ONLINE", 1), (pool.State, pool.Log.Count));
        ZpoolScrub scrub = await (await ZpoolScrubs.PlanStartAsync(sun, "sp1", wait: true, default))
            .RunAsync(SilentReporter.Instance, default);
        Assert.Equal((ZpoolScanState.Finished, 0L), (scrub.Last!.State, scrub.Last.Errors!.Value));
        ScrubSchedule schedule = ScrubSchedule.Monthly(1, TimeSpan.FromHours(2));
        Assert.Equal(
            schedule, (await TwiceAsync(ct => ZpoolScrubs.PlanScheduleAsync(sun, "sp1", schedule, ct))).Schedule);
        Assert.Equal(
            "up to 3 GB of 4 GB", (await ZpoolChecks.GetAsync(sun, null, default)).Single(c => c.Check == "Arc").Found);
        await RunAsync(sun, "zpool export sp1");
        Assert.Equal("uss1", Assert.Single(await ZpoolImports.GetAsync(sun, [Folder], default)).LastHost);
        pool = await TwiceAsync(
            ct => ZpoolImports.PlanImportAsync(sun, new() { Name = "sp1", SearchPath = [Folder] }, ct));
        Assert.Equal("ONLINE", pool.State);
    }

    private static async Task FiguresAsync(ZfsHost sun)
    {
        const string Traces =
            "zfs list -H -o name; zpool status sp1 | grep -c ONLINE; ls -d /zfsesx* /var/run/zfsesx* 2>/dev/null; true";
        string before = await RunAsync(sun, Traces);
        MeasureRequest request = new()
        {
            FileSystem = "sp1", Seconds = 1, Size = 8 * Mega, QueueDepth = 2, CompareLog = LogComparison.Offline,
            Workloads = [MeasureWorkload.Find("Write512")],
        };
        IReadOnlyList<StorageMeasurement> runs = await (await StorageMeasures.PlanAsync(sun, request, default))
            .RunAsync(SilentReporter.Instance, default);
        Assert.Equal([MeasureLog.Used, MeasureLog.Offline], runs.Select(r => r.Log));
        Assert.All(runs, r => Assert.True(r.WriteIops > 0 && r.WriteMsP99 > 0, r.ToString()));
        Assert.Equal(before, await RunAsync(sun, Traces));
    }

    private static async Task<string> RunAsync(ZfsHost host, string script, params string[] arguments)
    {
        CommandResult result = await host.RunAsync(RemoteCommand.Script(script, arguments), CancellationToken.None);
        Assert.True(result.Succeeded, script + ": " + result.Complaint);
        return result.Output;
    }
}
