using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Pools of a real OpenZFS: layouts, real states, scrubs, import; every step also proves that it is idempotent.
/// </summary>
[Collection(LabTests.Name)]
public sealed class ZfsPoolTests(LabFixture fixture) : IAsyncLifetime
{
    private const string Vm = "pool1";
    private const long Mega = 1 << 20;
    private readonly JsonObject _vm = Machine();
    private ZfsHost? _host;

    private ZfsHost Host => _host!;

    public async Task InitializeAsync()
    {
        CommandResult result = await fixture.Lab.EventAsync("power-on", _vm, CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
        await fixture.Lab.WaitReadyAsync(Vm, CancellationToken.None);
        SshOptions options = new()
        {
            HostName = "127.0.0.1", Name = Vm, Port = fixture.Lab.SshPortOf(Vm), UserName = "root",
            ConfigFile = "/dev/null", IdentityFile = fixture.Lab.SshKeyPath,
            KnownHostsFile = fixture.Lab.KnownHostsPath,
        };
        _host = await ZfsHost.OpenAsync(
            await OpenSshShell.ConnectAsync(options, CancellationToken.None), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        _host?.Dispose();
        await fixture.Lab.EventAsync("power-off", _vm, CancellationToken.None);
    }

    [Fact]
    public async Task Layouts_states_scrubs_and_import()
    {
        await DisksAsync();
        await LayoutAsync();
        await StatesAsync();
        await ImportAsync();
        await SuspendedAsync();
    }

    private async Task DisksAsync()
    {
        // Swap, a file system that the kernel holds out of sight, and a disk below another device.
        await RunAsync(
            "sh", "-c",
            "mkswap $0 >/dev/null && swapon $0 && echo '0 2048 linear '$1' 0' | dmsetup create held",
            Id(6), Id(7));
        IReadOnlyList<ZfsDisk> disks = await HostDisks.GetAsync(Host, CancellationToken.None);
        string[] use = [.. "root sys vmdk2001 vmdk2006 vmdk2007".Split(' ')
            .Select(s => disks.Single(d => d.Serial == s).InUse ?? "")];
        Assert.Equal(
            ["mounted out of sight (erofs)", "mounted out of sight (ext4)", "", "swap space", "used by held"], use);
        ZfsDisk disk = disks.Single(d => d.Serial == "vmdk2001");
        Assert.Equal((Id(1), 512, "1af4:1001"), (disk.Name, disk.SectorSize, disk.ControllerId));
        foreach (int taken in new[] { 6, 7 })
        {
            await RefusedAsync(
                "DiskInUse", ct => Zpools.PlanNewAsync(Host, New("no", "disk", taken) with { Force = true }, ct));
        }

        await RunAsync("sh", "-c", "dmsetup remove held; swapoff $0", Id(6));
    }

    private async Task LayoutAsync()
    {
        ZpoolRequest wanted = New("hp", "mirror", 1, 2) with
        {
            Log = [new("disk", [Id(3)])],
            Cache = [Id(4)],
            FileSystemProperties = new Dictionary<string, string> { ["compression"] = "off" },
        };
        await RefusedAsync("InvalidLayout", ct => Zpools.PlanNewAsync(Host, wanted, ct));
        Zpool pool = await TwiceAsync(ct => Zpools.PlanNewAsync(Host, wanted with { AllowUneven = true }, ct));
        Assert.Equal(("ONLINE", "", "12"), (pool.State, pool.Advice, await ValueAsync("zpool", "ashift", "hp")));
        ZpoolLayout more = new() { Name = "hp", Special = [new("mirror", [Id(5), Id(6)])], Spare = [Id(7)] };
        pool = await TwiceAsync(ct => Zpools.PlanAddAsync(Host, more with { Force = true }, ct));
        Assert.Equal(
            "Data mirror 2, Log disk 0, Cache disk 0, Spare disk 0, Special mirror 2",
            string.Join(", ", pool.Vdevs.Select(v => $"{v.Role} {v.Type} {v.Children.Count}")));
        await RefusedAsync("DiskInGroup", ct => Zpools.PlanRemoveAsync(Host, "hp", [Id(5)], ct));
        await RefusedAsync("DeviceNotRemovable", ct => Zpools.PlanRemoveAsync(Host, "hp", ["mirror-0"], ct));

        // A mirror of metadata leaves too: its blocks are moved first.
        string[] leaving = [Id(3), "virtio-vmdk2004", Id(5), Id(6), Id(7)];
        pool = await TwiceAsync(ct => Zpools.PlanRemoveAsync(Host, "hp", leaving, ct));
        Assert.Equal(["mirror-0"], pool.Vdevs.Select(v => v.Name));
    }

    private async Task StatesAsync()
    {
        await RunAsync("sh", "-c", "head -c 40M /dev/urandom >'/hp/a b'; sync; zpool offline hp virtio-vmdk2002");
        Zpool pool = await PoolAsync("hp");
        Assert.Equal("DEGRADED", pool.State);
        Assert.Contains("zpool online hp virtio-vmdk2002", pool.Advice, StringComparison.Ordinal);
        await RunAsync("sh", "-c", "zpool online hp virtio-vmdk2002; zpool wait -t resilver hp");

        // One side of the mirror is overwritten: a scrub repairs it. A file on both sides: it is lost, and is named.
        Task<ZpoolScrub> Scrub() => RunPlanAsync(ct => ZpoolScrubs.PlanStartAsync(Host, "hp", wait: true, ct));
        await OverwriteAsync(Id(2));
        ZpoolScrub scrub = await Scrub();
        Assert.Equal((ZpoolScanState.Finished, 0L), (scrub.Last!.State, scrub.Last.Errors!.Value));
        pool = await PoolAsync("hp");
        Assert.True(pool.Vdevs[0].Children.Sum(d => d.ChecksumErrors) > 0);
        Assert.Contains("Errors were counted on virtio-vmdk2002", pool.Advice, StringComparison.Ordinal);
        await RunAsync("zpool", "clear", "hp");
        await DamageFileAsync(Id(1), Id(2));
        await RunAsync("sh", "-c", "echo 3 >/proc/sys/vm/drop_caches");
        Assert.True((await Scrub()).Last!.Errors > 0);
        pool = await PoolAsync("hp");
        Assert.Contains(pool.DamagedFiles, f => f.EndsWith("/a b", StringComparison.Ordinal));
        Assert.Contains(await ZpoolChecks.GetAsync(Host, null, CancellationToken.None),
            c => c is { Check: "Errors", Status: ZpoolCheckStatus.Failed });
        await RunAsync("sh", "-c", "rm '/hp/a b'; zpool clear hp");

        await StopAsync();

        // Nothing runs: nothing is stopped. A schedule is ours alone in the crontab.
        Assert.Empty((await ZpoolScrubs.PlanStopAsync(Host, "hp", pause: false, CancellationToken.None)).Changes);
        await RunAsync("sh", "-c", "echo '1 1 * * * true' | crontab -");
        ScrubSchedule schedule = ScrubSchedule.Weekly(DayOfWeek.Sunday, TimeSpan.FromHours(3));
        scrub = await TwiceAsync(ct => ZpoolScrubs.PlanScheduleAsync(Host, "hp", schedule, ct));
        Assert.Equal((schedule, DayOfWeek.Sunday), (scrub.Schedule, scrub.Next!.Value.DayOfWeek));
        scrub = await TwiceAsync(ct => ZpoolScrubs.PlanScheduleAsync(Host, "hp", null, ct));
        Assert.Equal((null, "1 1 * * * true\n"), (scrub.Schedule, (await RunAsync("crontab", "-l")).Output));
    }

    // A scrub that stands still is paused, goes on and is stopped.
    private async Task StopAsync()
    {
        const string Hold = "echo $0 >/sys/module/zfs/parameters/zfs_scan_suspend_progress";
        await RunAsync("sh", "-c", Hold, "1");
        ZpoolScrub scrub = await TwiceAsync(ct => ZpoolScrubs.PlanStartAsync(Host, "hp", wait: false, ct));
        Assert.Equal(ZpoolScanState.Running, scrub.Last!.State);
        scrub = await TwiceAsync(ct => ZpoolScrubs.PlanStopAsync(Host, "hp", pause: true, ct));
        Assert.Equal(ZpoolScanState.Paused, scrub.Last!.State);
        Plan<ZpoolScrub> on = await ZpoolScrubs.PlanStartAsync(Host, "hp", wait: false, CancellationToken.None);
        Assert.Equal("Go on with the scrub of pool hp", Assert.Single(on.Changes).Action);
        scrub = await on.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal(ZpoolScanState.Running, scrub.Last!.State);
        scrub = await TwiceAsync(ct => ZpoolScrubs.PlanStopAsync(Host, "hp", pause: false, ct));
        Assert.Equal(ZpoolScanState.Canceled, scrub.Last!.State);
        await RunAsync("sh", "-c", Hold, "0");
    }

    private async Task ImportAsync()
    {
        await RunAsync("zpool", "export", "hp");
        ImportableZpool pool = Assert.Single(await ZpoolImports.GetAsync(Host, [], CancellationToken.None));
        Assert.Equal(("hp", false, Vm), (pool.Name, pool.OtherSystem, pool.LastHost));
        await RefusedAsync(
            "DiskInUse", ct => Zpools.PlanNewAsync(Host, New("no", "disk", 1) with { Force = true }, ct));
        Zpool back = await TwiceAsync(ct => ZpoolImports.PlanImportAsync(Host, new() { Name = "hp" }, ct));
        Assert.Equal("ONLINE", back.State);
        await RunAsync("zpool", "export", "hp");

        // Two pools of one name; one leaves under another name.
        await RunPlanAsync(ct => Zpools.PlanNewAsync(Host, New("hp", "disk", 3) with { Force = true }, ct));
        await RunAsync("zpool", "export", "hp");
        await RefusedAsync("PoolNameAmbiguous", ct => ZpoolImports.PlanImportAsync(Host, new() { Name = "hp" }, ct));
        await RefusedAsync(
            "InvalidPoolName", ct => ZpoolImports.PlanImportAsync(Host, new() { Name = "hp; touch /tmp/pwned" }, ct));
        await TwiceAsync(ct => ZpoolImports.PlanImportAsync(Host, new() { Name = pool.Id, NewName = "hp2" }, ct));

        // Written on another system and not given back.
        await RunAsync("sh", "-c", """
            echo "0 $(blockdev --getsz $0) linear $0 0" | dmsetup create crash
            zpool create -f far /dev/mapper/crash && zpool sync far && dmsetup suspend crash && dd if=$0 of=$1 bs=1M 2>/dev/null
            dmsetup resume crash; zpool destroy far && dmsetup remove crash && dd if=/dev/zero of=$0 bs=1M 2>/dev/null
            blockdev --rereadpt $0 $1; udevadm settle; printf '\001\002\003\004' >/etc/hostid
            """, Id(4), Id(5));
        ZfsEsxException e = await RefusedAsync(
            "PoolOfAnotherSystem", ct => ZpoolImports.PlanImportAsync(Host, new() { Name = "far" }, ct));
        Assert.Contains("last used by", e.Message, StringComparison.Ordinal);
        Plan<Zpool> forced =
            await ZpoolImports.PlanImportAsync(Host, new() { Name = "far", Force = true }, CancellationToken.None);
        Assert.Equal(ChangeRisk.DataLoss, Assert.Single(forced.Changes).Risk);
        Assert.Equal("ONLINE", (await forced.RunAsync(SilentReporter.Instance, CancellationToken.None)).State);
        await RunAsync("zpool", "destroy", "far");
    }

    // The disk below a pool is gone for a while: everything that we ask still answers.
    private async Task SuspendedAsync()
    {
        await RunAsync("sh", "-c", """
            echo "0 $(blockdev --getsz $0) linear $0 0" | dmsetup create yank
            zpool create -f 'a pool' /dev/mapper/yank
            dmsetup suspend --noflush --nolockfs yank; echo "0 $(blockdev --getsz $0) error" | dmsetup load yank; dmsetup resume yank
            (head -c 1M /dev/urandom >'/a pool/x'; sync) >/dev/null 2>&1 </dev/null &
            """, Id(6));
        Zpool pool = await PoolAsync("a pool");
        for (int i = 0; i < 60 && pool.State != "SUSPENDED"; i++)
        {
            await Task.Delay(1000);
            pool = await PoolAsync("a pool");
        }

        Assert.Equal("SUSPENDED", pool.State);
        Assert.Contains("zpool clear 'a pool'", pool.Advice, StringComparison.Ordinal);
        Assert.NotEmpty(await HostDisks.GetAsync(Host, CancellationToken.None));
        await RefusedAsync("PoolNotUsable", ct => ZpoolScrubs.PlanStartAsync(Host, "a pool", wait: false, ct));
        await RefusedAsync(
            "PoolNotUsable", ct => Zpools.PlanAddAsync(Host, new() { Name = "a pool", Cache = [Id(7)] }, ct));
        await RunAsync("sh", "-c", """
            dmsetup suspend --noflush --nolockfs yank; echo "0 $(blockdev --getsz $0) linear $0 0" | dmsetup load yank; dmsetup resume yank
            zpool clear 'a pool'
            """, Id(6));
        Assert.Equal("ONLINE", (await PoolAsync("a pool")).State);
        Assert.False(
            (await Host.RunAsync(new RemoteCommand("test", "-e", "/tmp/pwned"), CancellationToken.None)).Succeeded);
    }

    private static string Id(int number) => "/dev/disk/by-id/virtio-vmdk200" + number;

    private static ZpoolRequest New(string name, string type, params int[] disks) =>
        new() { Name = name, Data = [new VdevSpec(type, [.. disks.Select(Id)])] };

    // Everything but the labels at both ends.
    private Task<CommandResult> OverwriteAsync(string disk) => RunAsync(
        "sh", "-c",
        "zpool sync hp; dd if=/dev/urandom of=$0 bs=1M seek=12 count=60 conv=notrunc oflag=direct 2>/dev/null",
        disk);

    // The first blocks of the file, and nothing else: zdb tells where they are. 4 MB of labels come before the first.
    private Task<CommandResult> DamageFileAsync(params string[] disks) => RunAsync(
        ["sh", "-c", """
            zpool sync hp
            zdb -ddddd hp/ "$(ls -i '/hp/a b' | awk '{ print $1 }')" | awk '$2 == "L0" { split($3, at, ":"); print at[2] }' | head -n 8 |
            while read -r at; do
                for disk; do
                    [ ! -e "$disk-part1" ] || disk=$disk-part1
                    dd if=/dev/urandom of="$disk" bs=4096 seek=$(((0x$at + 0x400000) / 4096)) count=1 conv=notrunc oflag=direct 2>/dev/null
                done
            done
            """, "sh", .. disks]);

    private async Task<Zpool> PoolAsync(string name) =>
        (await Zpools.GetAsync(Host, CancellationToken.None)).Single(p => p.Name == name);

    private async Task<string> ValueAsync(string program, string property, string name) =>
        (await RunAsync(program, "get", "-H", "-o", "value", property, name)).Output.Trim();

    private static async Task<T> RunPlanAsync<T>(Func<CancellationToken, Task<Plan<T>>> plan) =>
        await (await plan(CancellationToken.None)).RunAsync(SilentReporter.Instance, CancellationToken.None);

    // Does it, and proves that a second run has nothing to do.
    private Task<CommandResult> RunAsync(params string[] words) => MustAsync(Host, words);

    private static JsonObject Machine() => new()
    {
        ["vm"] = Vm,
        ["uuid"] = "42aa0000-0000-0000-0000-00007a667332",
        ["host"] = "vh1",
        ["numCpu"] = 1,
        ["memoryMB"] = Lab.UsualMemoryMB,
        ["guestInfo"] = new JsonObject { ["hostname"] = Vm },
        ["nics"] = new JsonArray(new JsonObject { ["mac"] = "00:50:56:aa:07:11", ["network"] = "VM Network" }),
        ["disks"] = new JsonArray(
        [
            .. Enumerable.Range(2000, 8).Select(
                key => new JsonObject { ["key"] = key, ["file"] = "disk", ["capacityBytes"] = 160 * Mega }),
        ]),
        ["passthrough"] = new JsonArray(),
    };
}
