using System.Collections.Concurrent;
using System.Diagnostics;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>What goes wrong while hosts are changed: faults, lost answers, reboots that do not end, a stop.</summary>
public sealed class EsxDirectPathFaultTests
{
    private const string LogDevice = "0000:04:00.0";
    private static readonly DirectPathOptions s_reboot = new() { AllowReboot = true };

    [Fact]
    public async Task A_refused_host_does_not_hide_or_stop_the_others()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Rebind = true });
        DirectPathSelection[] selection =
        [
            new(lab.Hosts[0], LogDevice), new(lab.Hosts[1], LogDevice), new(lab.Hosts[1], "0000:00:1f.2"),
            new(lab.Hosts[2], "0000:09:00.0"),
        ];
        Plan<IReadOnlyList<VmDirectPathDevice>> plan =
            await DirectPath.PlanEnableAsync(lab.Client, selection, s_reboot, default);
        Assert.Equal(["BootDevice", "DeviceNotFound"], plan.Refusals.Select(r => r.Id));
        Assert.Empty(await ChangeRunner.ApplyAsync(plan.Changes, 8, SilentReporter.Instance, default));
        VmDirectPathDevice done = Assert.Single(await plan.ReadAsync(default));
        Assert.Equal(("vh1", true), (done.VMHost, done.Active));
        Assert.DoesNotContain(await DirectPath.GetAsync(lab.Client, lab.Hosts, default),
            d => d.VMHost != "vh1" && d.Enabled);
    }

    /// <summary>
    /// What the host answers, the id of the error, and a word of it. The same command goes on afterwards.
    /// </summary>
    [Theory]
    [InlineData("UpdatePassthruConfig", "HostConfigFault", "HostConfigFault", "vmkernel.log")]
    [InlineData("UpdatePassthruConfig", "NoPermission", "NoPermission", "privilege")]
    [InlineData("UpdatePassthruConfig", "RestrictedVersion", "RestrictedVersion", "licence")]
    [InlineData("UpdatePassthruConfig", "DROP", "AnswerLost", "same command again")]
    [InlineData("UpdatePassthruConfig", "DROP-AFTER", "AnswerLost", "same command again")]
    [InlineData("UpdatePassthruConfig", "503", "ServerBusy", "minutes")]
    [InlineData("EnterMaintenanceMode_Task", "InvalidState", "InvalidState", "vSphere client")]
    [InlineData("EnterMaintenanceMode_Task", "DROP-AFTER", "AnswerLost", "same command again")]
    [InlineData("RebootHost_Task", "InvalidState", "InvalidState", "maintenance mode")]
    public async Task A_failure_names_the_host_and_the_same_command_goes_on(
        string method, string fault, string id, string advice)
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanAsync() => DirectPath.PlanEnableAsync(
            lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default);
        Plan<IReadOnlyList<VmDirectPathDevice>> plan = await PlanAsync();
        await lab.Simulator.FaultAsync(method, fault, "told by the test");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(id, failure.Id);
        Assert.Contains(advice, failure.Advice, StringComparison.Ordinal);

        plan = await PlanAsync();
        Assert.True(Assert.Single(await plan.RunAsync(SilentReporter.Instance, default)).Active);
    }

    [Theory]
    [InlineData("RebootHost_Task", "DROP-AFTER", 1)] // told to reboot, but the answer is lost
    [InlineData("WaitForUpdatesEx", "503", 2)]
    [InlineData("WaitForUpdatesEx", "DROP", 1)]
    [InlineData("CreateFilter", "DROP", 1)]
    public async Task A_reboot_is_not_lost_sight_of(string method, string fault, int count)
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        Plan<IReadOnlyList<VmDirectPathDevice>> plan = await DirectPath.PlanEnableAsync(
            lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default);
        Reporter reporter = new(async activity =>
        {
            // Entering maintenance mode is over: what is watched from here on is the reboot.
            if (activity == "vh1: Reboot")
            {
                await lab.Simulator.FaultAsync(method, fault, "told by the test", count);
            }
        });
        Assert.True(Assert.Single(await plan.RunAsync(reporter, default)).Active);
        Assert.False((await Inventory.GetHostsAsync(lab.Client, default))[0].InMaintenanceMode);
    }

    [Fact]
    public async Task A_host_that_does_not_come_back_is_an_error_with_a_way_on_and_no_other_is_booted()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(
            new SimulatorOptions { RebootTime = TimeSpan.FromHours(1) });
        Plan<IReadOnlyList<VmDirectPathDevice>> plan = await DirectPath.PlanEnableAsync(
            lab.Client, [new(lab.Hosts[0], LogDevice), new(lab.Hosts[1], LogDevice)],
            s_reboot with { RebootTimeout = TimeSpan.FromSeconds(2) }, default);
        IReadOnlyList<ChangeFailure> failures = [];
        SimulatorStats stats = await lab.CountAsync(async () =>
            failures = await ChangeRunner.ApplyAsync(plan.Changes, 8, SilentReporter.Instance, default));
        Assert.Equal(
            ["RebootTimeout", "EarlierRebootFailed"], failures.Select(f => ((ZfsEsxException)f.Cause).Id));
        Assert.Contains(
            "left in maintenance mode", ((ZfsEsxException)failures[0].Cause).Advice, StringComparison.Ordinal);
        Assert.Equal((2, 1), (stats.Calls["UpdatePassthruConfig"], stats.Calls["RebootHost_Task"]));
    }

    [Fact]
    public async Task A_stop_while_a_host_reboots_returns_at_once_and_says_how_to_go_on()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(
            new SimulatorOptions { RebootTime = TimeSpan.FromHours(1) });
        Plan<IReadOnlyList<VmDirectPathDevice>> plan = await DirectPath.PlanEnableAsync(
            lab.Client, [new(lab.Hosts[0], LogDevice), new(lab.Hosts[1], LogDevice)], s_reboot, default);
        TaskCompletionSource away = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Reporter reporter = new(_ => Task.CompletedTask, status =>
        {
            if (status.Contains("away", StringComparison.Ordinal))
            {
                away.TrySetResult();
            }
        });
        using CancellationTokenSource stop = new();
        Task run = plan.RunAsync(reporter, stop.Token);
        await away.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await lab.Simulator.DelayAsync("DestroyPropertyCollector", TimeSpan.FromSeconds(30)); // nobody waits for that
        Stopwatch clock = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
        string said = string.Join('\n', reporter.Warnings);
        Assert.Contains(
            "vh1 goes on booting by itself. vh1 is left in maintenance mode", said, StringComparison.Ordinal);
        Assert.Contains("Not begun: vh2: Enter maintenance mode", said, StringComparison.Ordinal);
        Assert.Contains("run the same command again", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_borrowed_session_to_a_stand_alone_host_is_refused_a_reboot_beforehand()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(
            new SimulatorOptions { StandaloneHost = true, Switches = ["-vm", "0"] });
        using VimClient borrowed = await VimClient.BorrowAsync(
            EsxInventory.Server(lab.Simulator), lab.Client.SessionSecret!, default);
        ZfsEsxException refusal = await lab.RefusedAsync(
            () => DirectPath.PlanEnableAsync(borrowed, [new(lab.Hosts[0], LogDevice)], s_reboot, default));
        Assert.Equal("SessionEndsWithReboot", refusal.Id);

        // Without a reboot there is nothing against it.
        Plan<IReadOnlyList<VmDirectPathDevice>> plan =
            await DirectPath.PlanEnableAsync(borrowed, [new(lab.Hosts[0], LogDevice)], new(), default);
        Assert.True(Assert.Single(await plan.RunAsync(SilentReporter.Instance, default)).RebootPending);
    }

    [Fact]
    public async Task A_card_that_moved_at_the_reboot_is_found_at_its_new_address()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        await lab.Simulator.RenumberAsync(LogDevice, "0000:06:00.0");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(async () =>
            await (await DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default))
                .RunAsync(SilentReporter.Instance, default));
        Assert.Equal("DeviceRenumbered", failure.Id);
        Assert.Contains("0000:06:00.0", failure.Message, StringComparison.Ordinal);
        VmDirectPathDevice moved = Assert.Single(
            await (await DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], "DDRdrive*")], s_reboot, default))
                .RunAsync(SilentReporter.Instance, default));
        Assert.Equal(("0000:06:00.0", true), (moved.Id, moved.Active));
    }

    private sealed class Reporter(Func<string, Task> begun, Action<string>? said = null) : IReporter
    {
        private readonly ConcurrentDictionary<string, bool> _activities = new();

        public ConcurrentQueue<string> Warnings { get; } = new();

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Warnings.Enqueue(message);

        public void Progress(string activity, string status, int? percent = null)
        {
            if (_activities.TryAdd(activity, true))
            {
                begun(activity).GetAwaiter().GetResult();
            }

            said?.Invoke(status);
        }

        public void Completed(string activity)
        {
        }
    }
}
