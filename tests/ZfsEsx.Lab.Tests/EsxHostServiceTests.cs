using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>A host into service and back, against a simulated vCenter Server.</summary>
public sealed class EsxHostServiceTests : IAsyncLifetime
{
    private EsxServiceSite _site = null!;

    public async Task InitializeAsync() => _site = await EsxServiceSite.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task There_and_back()
    {
        string before = await _site.StateAsync();
        await File.WriteAllTextAsync(_site.FileOn(1, "app1/kept.txt"), "kept");
        Plan<EncapsulatedHostService> start = await _site.StartPlanAsync();
        Assert.Equal(
            [
                "uss1: Note in it what it serves: uss1-nas-vol0 on 3 hosts",
                "app1: Move from datastore uss1-nas-vol0 to uss2-nas-vol0 and from host vh1 to vh2, "
                    + "note its home in it",
                "app2: Move from datastore uss1-nas-vol0 to uss2-nas-vol0, note its home in it",
                "loner: Move from host vh1 to vh3, note its home in it",
                "off: Move from datastore uss1-nas-vol0 to uss2-nas-vol0, note its home in it",
                "tpl: Move from datastore uss1-nas-vol0 to uss2-nas-vol0, note its home in it",
                "vh1: Unmount datastore uss1-nas-vol0",
                "vh2: Unmount datastore uss1-nas-vol0",
                "vh3: Unmount datastore uss1-nas-vol0",
                "uss1: Shut its system down",
                "vh1: Enter maintenance mode, for at most 30 minutes",
            ],
            start.Changes.Select(c => c.ToString()));
        EncapsulatedHostService away = await _site.Lab.RunTwiceAsync(() => _site.StartPlanAsync());
        Assert.Equal(("Ready", true, "poweredOff"), (away.State, away.InMaintenanceMode, away.StorageVMPower));
        Assert.Equal(["app1", "app2", "loner", "off", "tpl"], away.Moved.Select(m => m.Name));
        Assert.Equal(("vh2", "uss2-nas-vol0", "vh1", "uss1-nas-vol0"),
            (away.Moved[0].VMHost, away.Moved[0].Datastore, away.Moved[0].HomeHost, away.Moved[0].HomeDatastore));
        Assert.Equal("kept", await File.ReadAllTextAsync(_site.FileOn(2, "app1/kept.txt")));

        EncapsulatedHostService back = await _site.Lab.RunTwiceAsync(_site.CompletePlanAsync);
        Assert.Equal("Serving", back.State);
        Assert.Empty(back.Moved);
        Assert.Equal(before, await _site.StateAsync());
        Assert.Equal("kept", await File.ReadAllTextAsync(_site.FileOn(1, "app1/kept.txt")));
    }

    /// <summary>
    /// Both ways are broken off after each of their steps, and the same command then leads to the same end.
    /// </summary>
    [Fact]
    public async Task Broken_off_after_any_step_the_same_command_goes_on()
    {
        // One place to go, so that the choice does not depend on who has gone there before.
        HostServiceOptions one =
            new() { Destinations = [_site.Lab.Hosts[1]], Datastores = [await _site.DatastoreAsync(2)] };
        string home = await _site.StateAsync();
        int steps = (await _site.StartPlanAsync(one)).Changes.Count;
        string? away = null;
        for (int done = 0; done < steps; done++)
        {
            await SomeAsync(await _site.StartPlanAsync(one), done);
            await EsxServiceSite.RunAsync(await _site.StartPlanAsync(one));
            Assert.Empty((await _site.StartPlanAsync(one)).Changes.Select(c => c.ToString()));
            away ??= await _site.StateAsync();
            Assert.Equal(away, await _site.StateAsync());

            Plan<EncapsulatedHostService> back = await _site.CompletePlanAsync();
            await SomeAsync(back, Math.Min(done, back.Changes.Count - 1));
            await EsxServiceSite.RunAsync(await _site.CompletePlanAsync());
            Assert.Empty((await _site.CompletePlanAsync()).Changes.Select(c => c.ToString()));
            Assert.Equal(home, await _site.StateAsync());
        }
    }

    /// <summary>Half-way there the admin changes his mind.</summary>
    [Fact]
    public async Task Completing_undoes_a_start_that_was_broken_off()
    {
        string home = await _site.StateAsync();
        int steps = (await _site.StartPlanAsync()).Changes.Count;
        foreach (int done in new[] { 1, 3, 7, steps - 1 })
        {
            await SomeAsync(await _site.StartPlanAsync(), done);
            await EsxServiceSite.RunAsync(await _site.CompletePlanAsync());
            Assert.Equal(home, await _site.StateAsync());
        }
    }

    [Fact]
    public async Task A_move_that_fails_stops_none_of_the_others_and_all_that_rests_on_them()
    {
        MoRef app1 = await _site.Lab.VMAsync("app1");
        await _site.Lab.Simulator.TaskFaultAsync("relocate", "FileFault", "disk went away", app1.Value);
        IReadOnlyList<ChangeFailure> failures = await ChangeRunner.ApplyAsync(
            (await _site.StartPlanAsync()).Changes, 16, SilentReporter.Instance, default);
        ChangeFailure failure = Assert.Single(failures);
        Assert.Equal("app1", failure.Change.Target);
        Assert.Contains("disk went away", failure.Cause.Message, StringComparison.Ordinal);
        Assert.Equal(
            [
                "vh1: Unmount datastore uss1-nas-vol0", "vh2: Unmount datastore uss1-nas-vol0",
                "vh3: Unmount datastore uss1-nas-vol0", "uss1: Shut its system down",
                "vh1: Enter maintenance mode, for at most 30 minutes"
            ],
            failure.NotTried.Select(c => c.ToString()));
        string state = await _site.StateAsync();
        Assert.Contains("uss1-nas-vol0: vh1 vh2 vh3", state, StringComparison.Ordinal);
        Assert.Contains("[uss2-nas-vol0] app2/", state, StringComparison.Ordinal);
        await EsxServiceSite.RunAsync(await _site.StartPlanAsync());
        Assert.Equal("Ready", (await (await _site.StartPlanAsync()).ReadAsync(default)).State);
    }

    [Theory]
    [InlineData("WaitForUpdatesEx", "DROP", 3)]
    [InlineData("RelocateVM_Task", "DROP", 1)]
    [InlineData("RelocateVM_Task", "DROP-AFTER", 2)]
    [InlineData("RelocateVM_Task", "503", 1)]
    [InlineData("RelocateVM_Task", "TaskInProgress", 1)]
    public async Task A_lost_connection_loses_no_move(string method, string fault, int count)
    {
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        await _site.Lab.Simulator.ResetAsync();
        await _site.Lab.Simulator.FaultAsync(method, fault, "as told", count);
        await EsxServiceSite.RunAsync(plan);
        int lost = method == "RelocateVM_Task" && fault != "DROP-AFTER" ? count : 0;
        Assert.Equal(5 + lost, (await _site.Lab.Simulator.StatsAsync()).Calls["RelocateVM_Task"]);
        Assert.Equal("Ready", (await plan.ReadAsync(default)).State);
    }

    [Fact]
    public async Task A_move_that_another_tool_has_begun_is_waited_for()
    {
        MoRef app2 = await _site.Lab.VMAsync("app2");
        await _site.Lab.Simulator.HoldTaskAsync("relocate", app2.Value);
        MoRef task = await _site.BeginMoveAsync(app2, 3);
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        Assert.Contains(
            "app2: Wait until its move that is under way (" + task.Value + ") has ended, note its home in it",
            plan.Changes.Select(c => c.ToString()));
        Task run = EsxServiceSite.RunAsync(plan);
        await Task.Delay(300);
        Assert.False(run.IsCompleted);
        await _site.Lab.Simulator.ResetAsync();
        await run;
        EncapsulatedHostService away = await plan.ReadAsync(default);
        Assert.Equal("Ready", away.State);
        Assert.Equal("uss3-nas-vol0", away.Moved.Single(m => m.Name == "app2").Datastore);

        // And one that is begun between plan and run, on the way back.
        Plan<EncapsulatedHostService> back = await _site.CompletePlanAsync();
        await _site.Lab.Simulator.HoldTaskAsync("relocate", app2.Value);
        await _site.BeginMoveAsync(app2, 2);
        run = EsxServiceSite.RunAsync(back);
        await _site.Lab.Simulator.ResetAsync();
        await run;
        Assert.Equal("Serving", (await back.ReadAsync(default)).State);
    }

    [Fact]
    public async Task Stopped_in_the_middle_it_says_what_runs_on_and_the_next_run_takes_that_up()
    {
        MoRef app1 = await _site.Lab.VMAsync("app1");
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        await _site.Lab.Simulator.HoldTaskAsync("relocate", app1.Value);
        Listener said = new();
        using CancellationTokenSource stop = new();
        Task run = plan.RunAsync(said, stop.Token);
        await said.ProgressOf("app1");
        await Task.Delay(1500);
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20); // the task is held for ever; Pester asserts one second
        string warning = Assert.Single(said.Warnings, w => w.Contains("Still running on", StringComparison.Ordinal));
        Assert.Contains("app1: Move to uss2-nas-vol0, vh2 (task-", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("app2", warning, StringComparison.Ordinal);

        Plan<EncapsulatedHostService> next = await _site.StartPlanAsync();
        Assert.Contains(
            next.Changes,
            c => c.Target == "app1" && c.Action.StartsWith("Wait until its move", StringComparison.Ordinal));
        run = EsxServiceSite.RunAsync(next);
        await _site.Lab.Simulator.ResetAsync();
        await run;
        Assert.Equal("Ready", (await next.ReadAsync(default)).State);
    }

    private static async Task SomeAsync(Plan<EncapsulatedHostService> plan, int count) =>
        Assert.Empty(
            await ChangeRunner.ApplyAsync([.. plan.Changes.Take(count)], 16, SilentReporter.Instance, default));

    private sealed class Listener : IReporter
    {
        private readonly TaskCompletionSource _seen = new();
        private string _wanted = "";

        public System.Collections.Concurrent.ConcurrentQueue<string> Warnings { get; } = new();

        public Task ProgressOf(string target)
        {
            _wanted = target;
            return _seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Warnings.Enqueue(message);

        public void Progress(string activity, string status, int? percent = null)
        {
            if (_wanted.Length > 0 && activity.StartsWith(_wanted, StringComparison.Ordinal) && percent > 0)
            {
                _seen.TrySetResult();
            }
        }

        public void Completed(string activity)
        {
        }
    }
}
