using System.Collections.Concurrent;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>NFS datastores when hosts refuse, connections break, others interfere and users stop.</summary>
public sealed class EsxNfsFaultTests : IAsyncLifetime
{
    private static readonly NfsMount s_mount =
        new() { Name = "uss1-nas-vol0", RemoteHost = "10.99.0.11", RemotePath = "/export/uss1-nas-vol0" };

    private EsxInventory _lab = null!;

    public async Task InitializeAsync()
    {
        _lab = await EsxInventory.StartAsync();
        await EsxStorageVmTests.NetworkAsync(_lab);
        _lab.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [InlineData("DuplicateName", "")] // vCenter has not finished what the first host began
    [InlineData("AlreadyExists", "")]
    [InlineData("DROP", "")] // nothing was done
    [InlineData("DROP-AFTER", "")] // mounted, and the answer got lost
    [InlineData("PlatformConfigFault", "NfsMountRefused")]
    [InlineData("HostConfigFault", "NfsMountRefused")]
    [InlineData("NoVirtualNic", "NfsMountRefused")]
    [InlineData("NoPermission", "VimFault NoPermission")]
    public async Task Faults_of_one_host(string fault, string expected)
    {
        await _lab.Simulator.FaultAsync("CreateNasDatastore", fault, "Unable to complete Sysinfo operation");
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await PlanAsync(s_mount);
        IReadOnlyList<ChangeFailure> failures =
            await ChangeRunner.ApplyAsync(plan.Changes, 16, SilentReporter.Instance, default);
        Assert.Equal(expected.Length == 0 ? 0 : 1, failures.Count);
        if (failures.Count > 0)
        {
            // The first host failed; the others have it all the same, as one datastore.
            ZfsEsxException cause = Assert.IsType<ZfsEsxException>(failures[0].Cause);
            Assert.Contains(cause.Id, expected, StringComparison.Ordinal);
            Assert.Contains("vh1", cause.Message, StringComparison.Ordinal);
            Assert.NotNull(cause.Advice);
        }

        IReadOnlyList<ZfsNfsDatastore> mounted = await plan.ReadAsync(default);
        Assert.Equal(3 - failures.Count, mounted.Count);
        Assert.Single(mounted.Select(m => m.DatastoreId).Distinct());
        Assert.Equal(failures.Count, (await PlanAsync(s_mount)).Changes.Count);
    }

    [Theory]
    [InlineData("DROP-AFTER", 0)]
    [InlineData("DROP", 1)]
    [InlineData("HostConfigFault", 1)]
    public async Task Faults_of_one_host_when_unmounting(string fault, int failed)
    {
        await (await PlanAsync(s_mount)).RunAsync(SilentReporter.Instance, default);
        await _lab.Simulator.FaultAsync("RemoveDatastore", fault, "injected");
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan =
            await NfsDatastore.PlanDismountAsync(_lab.Client, _lab.Hosts, s_mount.Name, default);
        Assert.Equal(failed, (await ChangeRunner.ApplyAsync(plan.Changes, 16, SilentReporter.Instance, default)).Count);
        Assert.Equal(failed, (await plan.ReadAsync(default)).Count);
    }

    [Fact]
    public async Task Two_tools_that_mount_at_the_same_time_end_with_one_datastore()
    {
        Plan<IReadOnlyList<ZfsNfsDatastore>>[] plans = [await PlanAsync(s_mount), await PlanAsync(s_mount)];
        using VimClient other = await EsxInventory.LoginAsync(_lab.Simulator, _lab.Simulator.Password);
        plans[1] = await NfsDatastore.PlanMountAsync(other, _lab.Hosts, s_mount, default);
        IReadOnlyList<ZfsNfsDatastore>[] mounted =
            await Task.WhenAll(plans.Select(p => p.RunAsync(SilentReporter.Instance, default)));
        Assert.All(mounted, m => Assert.Equal(3, m.Count));
        Assert.Single(mounted.SelectMany(m => m).Select(m => m.DatastoreId).Distinct());
    }

    [Fact]
    public async Task Stopped_in_the_middle_it_says_what_runs_and_goes_on_the_next_time()
    {
        await (await NfsDatastore.PlanMountAsync(_lab.Client, [_lab.Hosts[0]], s_mount, default))
            .RunAsync(SilentReporter.Instance, default);
        using CancellationTokenSource stop = new();
        Said said = new();
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await PlanAsync(s_mount);
        await _lab.Simulator.ResetAsync();
        await _lab.Simulator.DelayAsync("CreateNasDatastore", TimeSpan.FromMinutes(10)); // a host that hangs
        Task<IReadOnlyList<ZfsNfsDatastore>> run = plan.RunAsync(said, stop.Token, throttleLimit: 1);
        while (!(await _lab.Simulator.StatsAsync()).Calls.ContainsKey("CreateNasDatastore"))
        {
            Assert.False(run.IsCompleted);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(20)));
        string warning = Assert.Single(said.Warnings);
        Assert.Contains(
            "Was under way, and may be carried on by the server: vh2: Mount", warning, StringComparison.Ordinal);
        Assert.Contains("Not begun: vh3: Mount", warning, StringComparison.Ordinal);
        Assert.Contains("run the same command again", warning, StringComparison.Ordinal);
        Assert.Equal(3, (await (await PlanAsync(s_mount)).RunAsync(SilentReporter.Instance, default)).Count);
    }

    private Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanAsync(NfsMount mount) =>
        NfsDatastore.PlanMountAsync(_lab.Client, _lab.Hosts, mount, default);

    private sealed class Said : IReporter
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Warnings.Enqueue(message);

        public void Progress(string activity, string status, int? percent = null)
        {
        }

        public void Completed(string activity)
        {
        }
    }
}
