using System.Diagnostics;
using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// The drill of a three-node ring: test, loss, way back, planned failover, called off. No step by hand.
/// </summary>
[Collection(Rings.Name)]
public sealed class FailoverDrillTests(RingFixture fixture)
{
    // cron, as busy as can be: whatever the holder still refuses, what is home stays shared
    private const string Cycles =
        """
        rm -f /tmp/home
        until [ -e /tmp/home ]; do /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1; sleep 3; done
        """;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    [Fact]
    public async Task A_host_is_lost_and_comes_back()
    {
        await fixture.RingAsync();
        using FailoverSite site = await FailoverSite.OpenAsync(fixture.Lab);
        string app = await site.NewVmAsync("app1", "vh1");
        string db = await site.NewVmAsync("db22", "vh2");
        await site.CycleAsync();
        string before = await site.StateAsync();
        string replica =
            await site.MustAsync("uss2", "zfs", "get", "-Hp", "-o", "value", "guid", "sp2/replica/uss1/nas/vol0");
        Say("two VMs, replicated");

        await DrillAsync(site, before);
        await LoseAsync(site);
        await TakeOverAsync(site, app, db);
        await ReturnAsync(site);
        await GoHomeAsync(site, app, db, before);
        Assert.Equal(
            replica,
            await site.MustAsync("uss2", "zfs", "get", "-Hp", "-o", "value", "guid", "sp2/replica/uss1/nas/vol0"));
        await PlannedAndCalledOffAsync(site, app, before);
        await site.ForgetVmAsync("app1");
        await site.ForgetVmAsync("db22");
    }

    private async Task DrillAsync(FailoverSite site, string before)
    {
        FailoverOptions options = await site.OptionsAsync(source: false, "vh2", "vh3");
        ZfsReplicaFailover test = await RunAsync(await ReplicaFailover.PlanTestAsync(site.Client, options, default));
        Assert.Equal(["app1-test Answers", "db22-test Answers"], test.VMs.Select(v => v.ToString()).Order());
        Assert.True(test.MinutesLost < 30);
        Assert.Empty(test.NotPossible);
        Assert.Equal(before, await site.StateAsync());
        Assert.DoesNotContain(
            "failover-test/uss1/nas/vol0",
            await site.MustAsync("uss2", "zfs", "list", "-H", "-o", "name"),
            StringComparison.Ordinal);
        ZfsEsxException alive = await Assert.ThrowsAsync<ZfsEsxException>(
            () => ReplicaFailover.PlanStartAsync(site.Client, options, default));
        Assert.Equal("SourceAnswers", alive.Id);
        Assert.Contains("the VM uss1 runs on vh1", alive.Message, StringComparison.Ordinal);
        Assert.Contains("uss2 gets an answer from 10.99.0.11", alive.Message, StringComparison.Ordinal);
    }

    // What is written after the last cycle is lost with the host, and must not be lost for ever.
    private async Task LoseAsync(FailoverSite site)
    {
        await site.WriteAsync("vh1", "late", "written after the last cycle");
        fixture.Lab.PowerCut("uss1");
        await fixture.Lab.SimAskAsync("lose?host=vh1");
        Say("vh1 and uss1 are gone");
    }

    private async Task TakeOverAsync(FailoverSite site, string app, string db)
    {
        FailoverOptions options = await site.OptionsAsync(source: false, "vh2", "vh3");
        ZfsReplicaFailover over = await RunAsync(await ReplicaFailover.PlanStartAsync(site.Client, options, default));
        Assert.Equal("FailedOver", over.State);
        Assert.Equal(["app1 (failover) On", "db22 On"], over.VMs.Select(v => v.ToString()).Order());
        Assert.Equal(app, await site.HashAsync("vh2", "app1/data"));
        Assert.Equal(db, await site.HashAsync("vh3", "db22/data"));
        Assert.DoesNotContain(
            ".lck-", await site.MustAsync("uss2", "ls", "-a", "/export/uss1-nas-vol0/app1"), StringComparison.Ordinal);
        Assert.Empty(
            (await ReplicaFailover.PlanStartAsync(site.Client, options, default)).Changes.Select(c => c.ToString()));
        await site.WriteAsync("vh3", "app1/after", "written after the failover");
        ZfsEsxException written = await Assert.ThrowsAsync<ZfsEsxException>(
            () => ReplicaFailover.PlanUndoAsync(site.Client, options, default));
        Assert.Equal("FailoverWritten", written.Id);
    }

    private async Task ReturnAsync(FailoverSite site)
    {
        await fixture.Lab.SimAskAsync("lose?host=vh1&back=1");
        IReadOnlyList<MoRef> uss1 = await Inventory.ResolveAsync(site.Client, "VirtualMachine", ["uss1"], default);
        await (await StorageVm.PlanPowerOnAsync(site.Client, uss1, default)).RunAsync(SilentReporter.Instance, default);
        await fixture.Lab.WaitReadyAsync("uss1", default);
        await site.HostAsync("uss1", anew: true);
        Say("uss1 is back");

        // Its own cycle, cron's or this one, meets the replicas that have taken its place, and fences it.
        string role = "";
        for (int i = 0; i < 20 && role != "fenced"; i++)
        {
            await site.MustAsync(
                "uss1", "sh", "-c", "/usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1 || sleep 2");
            role = await site.MustAsync("uss1", "zfs", "get", "-H", "-o", "value", "zfsesx:role", "sp1/nas");
        }

        Assert.Equal("fenced", role);
        Assert.Equal(
            "off", await site.MustAsync("uss1", "zfs", "get", "-H", "-o", "value", "sharenfs", "sp1/nas/vol0"));
    }

    private async Task GoHomeAsync(FailoverSite site, string app, string db, string before)
    {
        FailoverOptions options = await site.OptionsAsync(source: true, "vh1", "vh2", "vh3");
        ZfsReplicaFailover ready = await RunAsync(
            await ReplicaFailover.PlanCompleteAsync(site.Client, options with { Prepare = true }, default));
        Assert.Equal("FailedOver", ready.State);
        ZfsReplicaFailover home = await RunAsync(
            await ReplicaFailover.PlanCompleteAsync(site.Client, options, default), busy: true);
        Assert.Equal("Home", home.State);
        Assert.Equal(before, await site.StateAsync());
        Assert.Equal(app, await site.HashAsync("vh1", "app1/data"));
        Assert.Equal(db, await site.HashAsync("vh2", "db22/data"));
        Assert.Equal(
            "written after the failover", await site.MustAsync("uss1", "cat", "/export/uss1-nas-vol0/app1/after"));
        Assert.Empty(
            (await ReplicaFailover.PlanCompleteAsync(site.Client, options, default)).Changes.Select(c => c.ToString()));

        // What only uss1 had is kept, and no file system was sent in full.
        string kept =
            (await site.MustAsync("uss1", "zfs", "list", "-H", "-r", "-o", "name", "sp1/kept")).Split('\n').Last();
        await site.MustAsync(
            "uss1", "sh", "-c", "zfs set mountpoint=/mnt/kept \"$1\" && { zfs mount \"$1\" || :; }", "sh", kept);
        Assert.Equal("written after the last cycle", await site.MustAsync("uss1", "cat", "/mnt/kept/late"));
    }

    private async Task PlannedAndCalledOffAsync(FailoverSite site, string app, string before)
    {
        await site.WriteAsync("vh1", "app1/last", "written at the last moment");
        FailoverOptions options = await site.OptionsAsync(source: true, "vh1", "vh2", "vh3");
        ZfsReplicaFailover planned = await RunAsync(
            await ReplicaFailover.PlanPlannedAsync(site.Client, options with { PowerOn = false }, default));
        Assert.Equal("FailedOver", planned.State);
        Assert.Null(planned.MinutesLost);
        Assert.Equal(app, await site.HashAsync("vh1", "app1/data"));
        Assert.Equal(
            "written at the last moment", await site.MustAsync("uss2", "cat", "/export/uss1-nas-vol0/app1/last"));
        await WrittenMeanwhileAsync(site, options);
        await RunAsync(await ReplicaFailover.PlanCompleteAsync(site.Client, options with { Prepare = true }, default));
        ZfsReplicaFailover home = await RunAsync(
            await ReplicaFailover.PlanUndoAsync(site.Client, options with { Force = true }, default), busy: true);
        Assert.Equal("Home", home.State);
        Assert.Equal(before, await site.StateAsync());
        Assert.Equal(app, await site.HashAsync("vh1", "app1/data"));

        // What was sent home meanwhile is gone, and nobody may send there.
        Assert.DoesNotContain(
            "sp1/failback/", await site.MustAsync("uss1", "zfs", "list", "-H", "-o", "name"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "failback", await site.MustAsync("uss1", "ls", "/etc/zfsesx"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "failback", await site.MustAsync("uss2", "ls", "/etc/zfsesx/keys"), StringComparison.Ordinal);
        await site.CycleAsync();
    }

    // Nothing was written when it was planned, and something when it comes to the end: that is not thrown away.
    private static async Task WrittenMeanwhileAsync(FailoverSite site, FailoverOptions options)
    {
        Plan<ZfsReplicaFailover> undo = await ReplicaFailover.PlanUndoAsync(site.Client, options, default);
        await site.WriteAsync("vh2", "app1/meanwhile", "written after the look");
        ZfsEsxException written = await Assert.ThrowsAsync<ZfsEsxException>(
            () => undo.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("CloneNotRemoved", written.Id);
        Assert.Contains("bytes were written to it after", written.Message, StringComparison.Ordinal);
        Assert.Equal(
            "written after the look", await site.MustAsync("uss2", "cat", "/export/uss1-nas-vol0/app1/meanwhile"));
        written = await Assert.ThrowsAsync<ZfsEsxException>(
            () => ReplicaFailover.PlanUndoAsync(site.Client, options, default));
        Assert.Equal("FailoverWritten", written.Id);
    }

    private async Task<ZfsReplicaFailover> RunAsync(Plan<ZfsReplicaFailover> plan, bool busy = false)
    {
        Assert.NotEmpty(plan.Changes);
        RemoteCommand cycles = new("sh", "-c", Cycles) { Timeout = TimeSpan.FromMinutes(30) };
        Task cron = busy ? fixture.Lab.GuestAsync("uss1", cycles, default) : Task.CompletedTask;
        ZfsReplicaFailover report = await plan.RunAsync(SilentReporter.Instance, default);
        if (busy)
        {
            await fixture.Lab.GuestAsync("uss1", "touch", "/tmp/home");
            await cron;
        }

        Say($"{report.Mode}: {report.State} after {report.Seconds} s, {report.MinutesLost} minutes lost");
        foreach (FailoverStep step in report.Steps)
        {
            Console.WriteLine($"    {step.Seconds,6:0.0} s  {step}{(step.Error is null ? "" : " -> " + step.Error)}");
        }

        foreach (string text in report.NotPossible)
        {
            Console.WriteLine("    not possible: " + text);
        }

        return report;
    }

    private void Say(string text) => Console.WriteLine($"{_clock.Elapsed.TotalSeconds,6:0.0} s  {text}");
}
