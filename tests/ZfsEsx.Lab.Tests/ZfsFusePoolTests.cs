using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>Pools of zfs-fuse, the older ZFS: what it has works, what it lacks is said.</summary>
public sealed class ZfsFusePoolTests() : FuseHostTest("fusepool")
{
    private const string Folder = "/mnt/disks/a \"b\" $(touch pwned) é";

    [Fact]
    public async Task What_it_has_works_and_what_it_lacks_is_said()
    {
        // Disks are files here, in a folder whose name a shell must not read.
        await RunAsync(
            "sh", "-c",
            "mkdir \"$1\" && cd \"$1\" && for f in 1 2 3 4; do head -c 100M /dev/zero >$f; done",
            "sh", Folder);
        ZpoolRequest wanted = new()
        {
            Name = "sp1", Data = [new("mirror", [File(1), File(2)])], Log = [new("disk", [File(3)])],
            AllowUneven = true,
        };
        await RefusedAsync("NotOnThisSystem", ct => Zpools.PlanNewAsync(
            Host, wanted with { Special = [new("mirror", [File(3), File(4)])], Log = [] }, ct));
        await RefusedAsync(
            "DiskNotFound", ct => Zpools.PlanNewAsync(Host, wanted with { Cache = [Folder + "/none\n"] }, ct));
        Zpool pool = await TwiceAsync(ct => Zpools.PlanNewAsync(Host, wanted, ct));
        Assert.Equal(("ONLINE", 1, (int?)null), (pool.State, pool.Log.Count, pool.Fragmentation));
        await RefusedAsync("DiskInUse", ct => Zpools.PlanNewAsync(
            Host, new() { Name = "sp2", Data = [new("disk", [File(1)])], Force = true }, ct));

        pool = await TwiceAsync(ct => Zpools.PlanAddAsync(Host, new() { Name = "sp1", Spare = [File(4)] }, ct));
        Assert.Equal([VdevRole.Data, VdevRole.Log, VdevRole.Spare], pool.Vdevs.Select(v => v.Role));
        pool = await TwiceAsync(ct => Zpools.PlanRemoveAsync(Host, "sp1", [File(3), File(4)], ct));
        Assert.Equal(["mirror-0"], pool.Vdevs.Select(v => v.Name));
        await RefusedAsync("NotOnThisSystem", ct => Zpools.PlanRemoveAsync(Host, "sp1", ["mirror-0"], ct));

        await RunAsync("sh", "-c", "head -c 20M /dev/urandom >/sp1/x; zpool offline sp1 \"$1\"", "sh", File(2));
        pool = Assert.Single(await Zpools.GetAsync(Host, CancellationToken.None));
        Assert.Equal("DEGRADED", pool.State);
        Assert.Contains("zpool online sp1", pool.Advice, StringComparison.Ordinal);
        await RunAsync("zpool", "online", "sp1", File(2));
        ZpoolScrub scrub = await (await ZpoolScrubs.PlanStartAsync(Host, "sp1", wait: true, CancellationToken.None))
            .RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal(
            (ZpoolScanKind.Scrub, ZpoolScanState.Finished, 0L),
            (scrub.Last!.Kind, scrub.Last.State, scrub.Last.Errors!.Value));
        ScrubSchedule schedule = ScrubSchedule.Monthly(1, TimeSpan.FromHours(2));
        Assert.Equal(
            schedule, (await TwiceAsync(ct => ZpoolScrubs.PlanScheduleAsync(Host, "sp1", schedule, ct))).Schedule);
        Assert.Contains(await ZpoolChecks.GetAsync(Host, null, CancellationToken.None),
            c => c is { Check: "Dedup", Status: ZpoolCheckStatus.Passed });

        await RunAsync("zpool", "export", "sp1");
        ImportableZpool found = Assert.Single(await ZpoolImports.GetAsync(Host, [Folder], CancellationToken.None));
        Assert.Equal(("sp1", "uss1"), (found.Name, found.LastHost));
        pool = await TwiceAsync(
            ct => ZpoolImports.PlanImportAsync(Host, new() { Name = "sp1", SearchPath = [Folder] }, ct));
        Assert.Equal("ONLINE", pool.State);
        Assert.Equal("", (await RunAsync("sh", "-c", "find / -xdev -name pwned")).Output);
    }

    private static string File(int number) => Folder + "/" + number;

    private Task<CommandResult> RunAsync(params string[] words) => MustAsync(Host, words);
}
