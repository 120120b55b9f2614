using System.Diagnostics;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Figures of a real OpenZFS through a real NFS client, and that nothing stays behind whatever breaks.
/// </summary>
[Collection(LabTests.Name)]
public sealed class StorageMeasureTests(LabFixture fixture) : IAsyncLifetime
{
    private readonly LabStorageVm _vm = new(fixture.Lab, "measure1", 5);
    private ZfsHost? _host;
    private ZfsHost? _client;

    private ZfsHost Host => _host!;

    private MeasureRequest Request => new()
    {
        FileSystem = "sp1/like", Seconds = 2, Size = 8 << 20, Address = _vm.Address, Client = _client,
    };

    public async Task InitializeAsync()
    {
        await _vm.StartAsync(CancellationToken.None);
        _host = await _vm.ConnectAsync(CancellationToken.None);
        _client = await _vm.ConnectClientAsync(CancellationToken.None);
        await _vm.PrepareAsync(_host, CancellationToken.None);
        await MustAsync(Host, "zfs", "create", "-o", "recordsize=8K", "-o", "compression=off", "sp1/like");
    }

    public Task DisposeAsync()
    {
        _host?.Dispose();
        _client?.Dispose();
        _vm.PowerOff();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Figures_come_and_nothing_stays()
    {
        string before = await TracesAsync();
        await MeasureAsync();
        Assert.Equal(before, await TracesAsync());
        await LeftAsync();
        Assert.Equal(before, await TracesAsync());
        await CancelAsync(before);
        await LostAsync(before);
    }

    private async Task MeasureAsync()
    {
        MeasureRequest request = Request with
        {
            Via = [MeasureVia.Pool, MeasureVia.Nfs], CompareLog = LogComparison.Offline,
            Workloads = [MeasureWorkload.Find("Mix4k"), MeasureWorkload.Find("Read512")],
        };
        Plan<IReadOnlyList<StorageMeasurement>> plan =
            await StorageMeasures.PlanAsync(Host, request, CancellationToken.None);
        Assert.Equal(ChangeRisk.Disruptive, Assert.Single(plan.Changes).Risk);
        IReadOnlyList<StorageMeasurement> runs = await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal(
            "Pool Mix4k Used, Pool Mix4k Offline, Pool Read512 Used, "
                + "Nfs Mix4k Used, Nfs Mix4k Offline, Nfs Read512 Used",
            string.Join(", ", runs.Select(r => $"{r.Via} {r.Workload} {r.Log}")));
        Assert.All(runs, r =>
        {
            Assert.Equal(
                ("measure1", "sp1/like", r.Via == MeasureVia.Nfs ? "vh1" : "measure1"),
                (r.ZfsHost, r.FileSystem, r.Client));
            Assert.True(
                r.ReadIops > 0 && r.ReadMsP50 > 0 && r.ReadMsP999 >= r.ReadMsP50 && r.Seconds >= 1, r.ToString());
            Assert.Equal(r.ReadPercent < 100, r.WriteIops > 0 && r.WriteMsP99 > 0);
        });

        // What the file system has, the scratch file system has had; what was by logbias has not touched the log.
        await RefusedAsync("NotEnoughSpace", request with { Size = 4L << 30 });
        await RefusedAsync("FileSystemNotFound", request with { FileSystem = "sp1/none" });
        await RefusedAsync("InvalidDatasetName", request with { FileSystem = "sp1/$(touch /tmp/pwned)" });
        IReadOnlyList<StorageMeasurement> bypassed = await (await StorageMeasures.PlanAsync(
            Host,
            request with
            {
                Via = [MeasureVia.Pool], CompareLog = LogComparison.Logbias,
                Workloads = [MeasureWorkload.Find("Write4k")]
            },
            CancellationToken.None)).RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal([MeasureLog.Used, MeasureLog.Bypassed], bypassed.Select(r => r.Log));
    }

    // What a storage VM has left that lost its power goes; what only has such a name stays.
    private async Task LeftAsync()
    {
        const string Id = "00000000000000000000000000000abc";
        await MustAsync(
            Host, "zfs", "create", "-o", "zfsesx:measure=" + Id, "-o", "mountpoint=/zfsesx-measure-" + Id,
            "sp1/zfsesx-measure-" + Id);
        await MustAsync(Host, "zfs", "create", "sp1/zfsesx-measure-00000000000000000000000000000def");
        MeasureRequest request = Request with { Workloads = [MeasureWorkload.Find("Write512")] };
        Plan<IReadOnlyList<StorageMeasurement>> plan =
            await StorageMeasures.PlanAsync(Host, request, CancellationToken.None);
        Assert.StartsWith("Remove sp1/zfsesx-measure-" + Id, plan.Changes[0].Action, StringComparison.Ordinal);
        Assert.Equal(2, plan.Changes.Count);
        await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
        await MustAsync(Host, "zfs", "destroy", "sp1/zfsesx-measure-00000000000000000000000000000def");
    }

    // Ctrl+C: back within moments; the guards put everything away, and a second measurement is refused until then.
    private async Task CancelAsync(string before)
    {
        using CancellationTokenSource stop = new();
        Task run = BrokenAsync(Host, _client!, patience: 300, stop.Token);
        await UntilOfflineAsync(Host);
        await RefusedAsync("MeasurementRuns", Request);
        Stopwatch watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 45); // a call that is under way on a busy machine
        await AwayAsync(before);
    }

    // The connections die and nobody comes back: the same, when the guards have heard nothing for some time.
    private async Task LostAsync(string before)
    {
        using ZfsHost host = await _vm.ConnectAsync(CancellationToken.None);
        using ZfsHost client = await _vm.ConnectClientAsync(CancellationToken.None);
        Task run = BrokenAsync(host, client, patience: 60, CancellationToken.None);
        await UntilOfflineAsync(Host);
        host.Dispose();
        client.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => run);
        await AwayAsync(before);
        Assert.False(
            (await Host.RunAsync(new RemoteCommand("test", "-e", "/tmp/pwned"), CancellationToken.None)).Succeeded);
    }

    private async Task BrokenAsync(ZfsHost host, ZfsHost client, int patience, CancellationToken ct)
    {
        MeasureRequest request = Request with
        {
            Via = [MeasureVia.Nfs], Workloads = [MeasureWorkload.Find("Write4k")], Client = client, Seconds = 5,
            Repeat = 100, CompareLog = LogComparison.Offline, Patience = patience,
        };
        Plan<IReadOnlyList<StorageMeasurement>> plan = await StorageMeasures.PlanAsync(host, request, ct);
        await plan.RunAsync(SilentReporter.Instance, ct);
    }

    private static async Task UntilOfflineAsync(ZfsHost host)
    {
        // fio is under way and the log is offline
        const string Both = "zpool status sp1 | grep -q OFFLINE && exportfs -v | grep -q zfsesx-measure";
        for (int i = 0; i < 240; i++)
        {
            if ((await host.RunAsync(RemoteCommand.Script(Both), CancellationToken.None)).Succeeded)
            {
                return;
            }

            await Task.Delay(500);
        }

        Assert.Fail("The log was not taken offline within minutes.");
    }

    private async Task AwayAsync(string before)
    {
        string now = "";
        for (int i = 0; i < 180 && now != before; i++)
        {
            await Task.Delay(1000);
            now = await TracesAsync();
        }

        Assert.Equal(before, now);
    }

    // Everything that a measurement makes, on both sides.
    private async Task<string> TracesAsync()
    {
        const string Server =
            "zfs list -H -o name; zpool status sp1 | grep -c ONLINE; exportfs -v; "
            + "ls -d /zfsesx* /var/run/zfsesx* 2>/dev/null; pgrep -x fio; true";
        const string Client = "grep zfsesx /proc/mounts; ls -d /var/run/zfsesx* 2>/dev/null; pgrep -x fio; true";
        return (await MustAsync(Host, "sh", "-c", Server)).Output
            + (await MustAsync(_client!, "sh", "-c", Client)).Output;
    }

    private Task<ZfsEsxException> RefusedAsync(string id, MeasureRequest request) =>
        HostWork.RefusedAsync(id, ct => StorageMeasures.PlanAsync(Host, request, ct));
}
