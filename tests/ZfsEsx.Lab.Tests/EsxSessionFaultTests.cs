using System.Diagnostics;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// What goes wrong between us and a server while something is done, against a simulated vCenter Server.
/// </summary>
public sealed class EsxSessionFaultTests : IAsyncLifetime
{
    private readonly Warnings _reporter = new();
    private EsxInventory _lab = null!;

    public async Task InitializeAsync() =>
        _lab = await EsxInventory.StartAsync(new SimulatorOptions { Switches = ["-task-time", "1500ms"] });

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task A_connection_that_drops_in_mid_task_does_not_end_the_wait()
    {
        SimulatorStats stats =
            await WhileCloningAsync(() => _lab.Simulator.FaultAsync("WaitForUpdatesEx", "DROP", "", 2));
        Assert.Equal((1, 0), (stats.Calls["CloneVM_Task"], stats.Calls.GetValueOrDefault("Login")));
        Assert.True(stats.Calls["CreatePropertyCollector"] >= 3);
        Assert.Equal(stats.Calls["CreatePropertyCollector"], stats.Calls["DestroyPropertyCollector"]);
    }

    [Fact]
    public async Task Services_that_restart_in_mid_task_are_waited_for()
    {
        SimulatorStats stats = await WhileCloningAsync(() => _lab.Simulator.AwayAsync(TimeSpan.FromSeconds(3)));
        Assert.Equal(1, stats.Calls["CloneVM_Task"]);
    }

    [Fact]
    public async Task An_own_session_that_ends_in_mid_task_is_opened_again_and_the_task_found_again()
    {
        SimulatorStats stats = await WhileCloningAsync(async () =>
        {
            await _lab.Simulator.ExpireSessionsAsync();
            await _lab.Simulator.FaultAsync("WaitForUpdatesEx", "DROP", "");
        });
        Assert.Equal((1, 1), (stats.Calls["CloneVM_Task"], stats.Calls["Login"]));
    }

    [Fact]
    public async Task A_borrowed_session_that_ends_in_mid_task_says_what_still_runs_and_how_to_go_on()
    {
        using VimClient borrowed = await BorrowAsync();
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync(borrowed);
        Task<IReadOnlyList<EncapsulatedStorageVm>> run = plan.RunAsync(_reporter, default);
        await CalledAsync("WaitForUpdatesEx");
        await _lab.Simulator.ExpireSessionsAsync();
        await _lab.Simulator.FaultAsync("WaitForUpdatesEx", "NotAuthenticated", "", -1);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() => run);
        Assert.Equal(("NotAuthenticated", FailureKind.PermissionDenied), (failure.Id, failure.Kind));
        Assert.Matches("still running on .*uss1: .*Clone.* \\(task-\\d+\\)", failure.Message);
        Assert.StartsWith("Connect again with Connect-VIServer.", failure.Advice, StringComparison.Ordinal);
        Assert.Contains("Run the same command again", failure.Advice, StringComparison.Ordinal);
        SimulatorStats stats = await _lab.Simulator.StatsAsync();
        Assert.False(stats.Calls.ContainsKey("Logout") || stats.Calls.ContainsKey("TerminateSession"));
    }

    [Fact]
    public async Task A_server_that_stays_away_is_not_waited_for_without_end()
    {
        using VimClient client = await VimClient.LoginAsync(
            EsxInventory.Server(_lab.Simulator) with { ReconnectTimeout = TimeSpan.FromSeconds(1) },
            new System.Net.NetworkCredential(_lab.Simulator.User, _lab.Simulator.Password), default);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync(client);
        Task<IReadOnlyList<EncapsulatedStorageVm>> run = plan.RunAsync(_reporter, default);
        await CalledAsync("WaitForUpdatesEx");
        await _lab.Simulator.AwayAsync(TimeSpan.FromMinutes(10));
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() => run);
        Assert.Equal("ServerBusy", failure.Id);
        Assert.Matches("HTTP 503 .*still running on .*uss1", failure.Message);
        await _lab.Simulator.AwayAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_ends_at_once_even_when_the_server_hangs()
    {
        using CancellationTokenSource stop = new();
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync(_lab.Client);
        await _lab.Simulator.FaultAsync("WaitForUpdatesEx", "HANG", "", -1);
        await _lab.Simulator.FaultAsync("DestroyPropertyCollector", "HANG", "", -1);
        Task<IReadOnlyList<EncapsulatedStorageVm>> run = plan.RunAsync(_reporter, stop.Token);
        await CalledAsync("WaitForUpdatesEx");
        Stopwatch clock = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        // Tidying up alone would be waited for 15 s.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        Assert.Matches("Still running on .*uss1: .*\\(task-\\d+\\)", _reporter[0]);
        Assert.Contains("run the same command again", _reporter[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_we_watched_with_is_destroyed_when_a_wait_is_cancelled()
    {
        using CancellationTokenSource stop = new();
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync(_lab.Client);
        Task<IReadOnlyList<EncapsulatedStorageVm>> run = plan.RunAsync(_reporter, stop.Token);
        await CalledAsync("WaitForUpdatesEx");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await CalledAsync("DestroyPropertyCollector");
    }

    [Fact]
    public async Task A_read_that_is_cut_off_is_made_again_but_not_without_end()
    {
        await _lab.Simulator.FaultAsync("RetrievePropertiesEx", "DROP", "", 2);
        Assert.Equal(3, (await Inventory.GetHostsAsync(_lab.Client, default)).Count);
        await _lab.Simulator.FaultAsync("RetrievePropertiesEx", "503", "", -1);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            DirectPath.GetAsync(_lab.Client, _lab.Hosts, default));
        Assert.Equal(("ServerBusy", FailureKind.Connection), (failure.Id, failure.Kind));
    }

    [Fact]
    public async Task A_change_whose_answer_is_lost_is_not_made_twice_and_the_next_run_goes_on()
    {
        StorageNetworkAddress[] hosts = [new(_lab.Hosts[0], "10.99.0.101")];
        Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> Plan() =>
            StorageNetwork.PlanNewAsync(_lab.Client, hosts, new NewStorageNetwork { Uplinks = ["vmnic1"] }, default);
        Plan<IReadOnlyList<EncapsulatedStorageNetwork>> plan = await Plan();
        await _lab.Simulator.FaultAsync("AddPortGroup", "DROP-AFTER", "");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() => plan.RunAsync(_reporter, default));
        Assert.Equal(("AnswerLost", FailureKind.Connection), (failure.Id, failure.Kind));
        Assert.Contains("vh1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("may have been done", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Run the same command again", failure.Advice, StringComparison.Ordinal);
        Assert.Equal("vmk1", (await (await Plan()).RunAsync(_reporter, default))[0].VmkernelPort);
    }

    [Fact]
    public async Task Another_task_on_the_same_VM_is_waited_for_a_little()
    {
        MoRef vm = await EsxStorageVmTests.NewAsync(_lab, 0);
        await _lab.Simulator.ResetAsync();
        await _lab.Simulator.FaultAsync("PowerOnVM_Task", "TaskInProgress", "busy", 2);
        await (await StorageVm.PlanPowerOnAsync(_lab.Client, [vm], default)).RunAsync(_reporter, default);
        Assert.Equal(3, (await _lab.Simulator.StatsAsync()).Calls["PowerOnVM_Task"]);
    }

    [Fact]
    public async Task A_change_by_somebody_else_at_the_same_time_is_said_and_not_overwritten()
    {
        MoRef vm = await EsxStorageVmTests.NewAsync(_lab, 0);
        await _lab.Simulator.ResetAsync();
        await _lab.Simulator.FaultAsync("PowerOnVM_Task", "ConcurrentAccess", "changed", -1);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanPowerOnAsync(_lab.Client, [vm], default);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() => plan.RunAsync(_reporter, default));
        Assert.Equal(("ConcurrentAccess", FailureKind.InvalidState), (failure.Id, failure.Kind));
        Assert.Contains("Somebody else", failure.Advice, StringComparison.Ordinal);
        Assert.Equal(1, (await _lab.Simulator.StatsAsync()).Calls["PowerOnVM_Task"]);
    }

    [Fact]
    public async Task A_certificate_that_changes_under_us_is_refused()
    {
        await _lab.Simulator.RenewCertificateAsync();
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            DirectPath.GetAsync(_lab.Client, _lab.Hosts, default));
        Assert.Equal(("CertificateNotTrusted", FailureKind.NotTrusted), (failure.Id, failure.Kind));
        Assert.Contains(_lab.Simulator.Thumbprint, failure.Message, StringComparison.Ordinal);
        Assert.Contains("renewed", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await _lab.Simulator.FaultAsync("RetrieveServiceContent", "REDIRECT", "http://elsewhere.example/sdk");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(BorrowAsync);
        Assert.Equal("ServerRedirects", failure.Id);
        Assert.Contains("http://elsewhere.example/sdk", failure.Message, StringComparison.Ordinal);
    }

    private Task<VimClient> BorrowAsync() =>
        VimClient.BorrowAsync(EsxInventory.Server(_lab.Simulator), _lab.Client.SessionSecret!, default);

    private async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanAsync(VimClient client)
    {
        await EsxStorageVmTests.NetworkAsync(_lab);
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(_lab))[0];
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanNewAsync(client, [wanted], default);
        await _lab.Simulator.ResetAsync();
        return plan;
    }

    private async Task<SimulatorStats> WhileCloningAsync(Func<Task> happens)
    {
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync(_lab.Client);
        Task<IReadOnlyList<EncapsulatedStorageVm>> run = plan.RunAsync(_reporter, default);
        await CalledAsync("CloneVM_Task");
        await happens();
        Assert.Equal("uss1", (await run)[0].Name);
        return await _lab.Simulator.StatsAsync();
    }

    private async Task CalledAsync(string method)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!(await _lab.Simulator.StatsAsync()).Calls.ContainsKey(method))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), method + " is never called.");
            await Task.Delay(20);
        }
    }

    private sealed class Warnings : List<string>, IReporter
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Add(message);

        public void Progress(string activity, string status, int? percent = null)
        {
        }

        public void Completed(string activity)
        {
        }
    }
}
