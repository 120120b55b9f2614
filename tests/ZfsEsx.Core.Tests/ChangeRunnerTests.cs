using System.Collections.Concurrent;

namespace ZfsEsx.Core.Tests;

public class ChangeRunnerTests
{
    private readonly ConcurrentQueue<string> _log = new();

    [Fact]
    public async Task Changes_of_one_target_run_in_their_order()
    {
        await RunAsync(Step("vh1", "a", delay: 20), Step("vh1", "b"), Step("vh1", "c"));
        Assert.Equal(["vh1 a", "vh1 b", "vh1 c"], _log);
    }

    [Fact]
    public async Task Targets_run_side_by_side()
    {
        TaskCompletionSource both = new();
        int inside = 0;
        Change Meet(string target) => new(target, "meet", async (_, ct) =>
        {
            if (Interlocked.Increment(ref inside) == 2)
            {
                both.SetResult();
            }

            await both.Task.WaitAsync(TimeSpan.FromSeconds(30), ct);
        });
        Assert.Empty(await RunAsync(Meet("vh1"), Meet("vh2")));
    }

    [Fact]
    public async Task No_more_targets_at_a_time_than_the_limit()
    {
        int inside = 0, most = 0;
        Change Count(string target) => new(target, "count", async (_, ct) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Delay(5, ct);
            Interlocked.Decrement(ref inside);
        });
        await ChangeRunner.ApplyAsync(
            [.. Enumerable.Range(0, 20).Select(i => Count("vh" + i))],
            3,
            SilentReporter.Instance,
            CancellationToken.None);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_stage_ends_before_the_next_begins()
    {
        await RunAsync(Step("vh2", "late", stage: 1), Step("vh1", "early", delay: 30), Step("vh3", "late", stage: 1));
        Assert.Equal("vh1 early", _log.First());
        Assert.Equal(3, _log.Count);
    }

    [Fact]
    public async Task A_failure_stops_its_target_only_and_says_what_was_not_tried()
    {
        IReadOnlyList<ChangeFailure> failures = await RunAsync(
            Step("vh1", "a"), Fail("vh1", "b"), Step("vh1", "c"), Step("vh1", "later", stage: 1), Step("vh2", "a"));
        ChangeFailure failure = Assert.Single(failures);
        Assert.Equal("b", failure.Change.Action);
        Assert.Equal(["c", "later"], failure.NotTried.Select(c => c.Action));
        Assert.Equal(["vh1 a", "vh2 a"], _log.Order());
    }

    [Fact]
    public async Task What_rests_on_all_is_not_tried_after_a_failure_and_told_once()
    {
        Change rests =
            new("vh3", "last", (_, _) => throw new InvalidOperationException("tried"), stage: 1, afterAll: true);
        IReadOnlyList<ChangeFailure> failures = await RunAsync(
            Fail("vh1", "a"), Fail("vh2", "a"), Step("vh4", "a"), Step("vh4", "later", stage: 1), rests);
        Assert.Equal(2, failures.Count);
        Assert.Equal([["last"], []], failures.Select(f => f.NotTried.Select(c => c.Action).ToArray()));
        Assert.Equal(["vh4 a", "vh4 later"], _log);
    }

    [Fact]
    public async Task Cancelling_starts_no_more_changes()
    {
        using CancellationTokenSource cts = new();
        Change cancel = new("vh1", "cancel", async (_, _) => await cts.CancelAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ChangeRunner.ApplyAsync([cancel, Step("vh1", "after")], 4, SilentReporter.Instance, cts.Token));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task A_stop_says_what_was_under_way_and_what_was_not_begun()
    {
        using CancellationTokenSource cts = new();
        WarningRecorder said = new();
        Change endless = new("vh1", "reboot", async (_, ct) =>
        {
            await cts.CancelAsync();
            await Task.Delay(Timeout.Infinite, ct);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ChangeRunner.ApplyAsync([Step("vh1", "mark"), endless, Step("vh2", "mark", stage: 1)], 4, said, cts.Token));
        Assert.Equal(
            "Stopped. Was under way, and may be carried on by the server: vh1: reboot. Not begun: vh2: mark. To go on, "
                + "run the same command again: what is done is left alone.",
            Assert.Single(said.Warnings));
    }

    [Fact]
    public async Task A_target_that_is_refused_leaves_the_others_and_is_not_overlooked()
    {
        List<ZfsEsxException> refusals = [];
        IReadOnlyList<(string, Change)> accepted = new[] { "vh1", "vh2", "vh3" }.CompareEach(
            host => host != "vh2" ? Step(host, "a")
                : throw new ZfsEsxException("InUse", FailureKind.InUse, host, host + " is in use."),
            refusals);
        Assert.Equal(["vh1", "vh3"], accepted.Select(a => a.Item1));
        Plan<int> plan = new([.. accepted.Select(a => a.Item2)], _ => Task.FromResult(2), [], refusals);
        Plan<string> formed = plan.Select(n => n + " hosts");
        Assert.Equal("2 hosts", await formed.ReadAsync(default));
        Assert.Equal("vh2", Assert.Single(formed.Refusals).Target);

        // Who runs a plan without looking at it wanted all of it.
        Assert.Equal("InUse", (await Assert.ThrowsAsync<ZfsEsxException>(
            () => formed.RunAsync(SilentReporter.Instance, default))).Id);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task A_plan_throws_one_failure_as_it_is_and_several_together()
    {
        Plan<int> one = new([Fail("vh1", "x")], _ => Task.FromResult(1));
        await Assert.ThrowsAsync<ZfsEsxException>(() => one.RunAsync(SilentReporter.Instance, CancellationToken.None));
        Plan<int> two = new([Fail("vh1", "x"), Fail("vh2", "x")], _ => Task.FromResult(1));
        AggregateException all = await Assert.ThrowsAsync<AggregateException>(() =>
            two.RunAsync(SilentReporter.Instance, CancellationToken.None));
        Assert.Equal(2, all.InnerExceptions.Count);
    }

    private static Task<IReadOnlyList<ChangeFailure>> RunAsync(params Change[] changes) =>
        ChangeRunner.ApplyAsync(changes, 8, SilentReporter.Instance, CancellationToken.None);

    private Change Step(string target, string action, int stage = 0, int delay = 0) => new(
        target,
        action,
        async (_, ct) =>
        {
            await Task.Delay(delay, ct);
            _log.Enqueue(target + " " + action);
        },
        stage: stage);

    private static Change Fail(string target, string action) => new(
        target, action, (_, _) => throw new ZfsEsxException("Test", FailureKind.Failed, target, "It failed."));
}
