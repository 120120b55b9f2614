using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Failover;

/// <summary>What is planned, and refused, by what pools and inventory show.</summary>
public class FailoverPlanTests
{
    private readonly PlayedSite _play = new();

    [Theory]
    [InlineData("yes\trw=10.99.0.101\t-\t-", false)]
    [InlineData("yes\toff\t-\t-", true)]
    [InlineData("no\trw=10.99.0.101\t-\t-", true)]
    public async Task AShareThatIsNotTakenOverIsNotClosed(string other, bool goes)
    {
        _play.FileSystems = ["nas/vol0"];
        _play.Side["vol1"] = other;
        Site site = await _play.ReadAsync();
        IReadOnlyList<Change> Plan() => [.. ReplicaFailover.LastCycle(site, PlayedSite.Steps(site))];
        if (goes)
        {
            Assert.NotEmpty(Plan());
            return;
        }

        ZfsEsxException refused = Assert.Throws<ZfsEsxException>(Plan);
        Assert.Equal("OthersShared", refused.Id);
        Assert.Contains("sp1/nas/vol1", refused.Message, StringComparison.Ordinal);
        _play.FileSystems = [];
        site = await _play.ReadAsync();
        Assert.NotEmpty(Plan());
    }

    [Fact]
    public async Task OneStandInDoesNotGoHomeWithoutTheOthers()
    {
        _play.StandIns["vol0"] = "primary";
        _play.StandIns["vol1"] = "primary";
        ReplicaFailover.CheckStandIns(await _play.ReadAsync());
        _play.FileSystems = ["nas/vol0"];
        ZfsEsxException refused = Assert.Throws<ZfsEsxException>(
            () => ReplicaFailover.CheckStandIns(_play.ReadAsync().GetAwaiter().GetResult()));
        Assert.Equal("OthersFailedOver", refused.Id);
        Assert.Contains("sp2/failover/uss1/nas/vol1", refused.Message, StringComparison.Ordinal);
        _play.StandIns.Remove("vol1");
        ReplicaFailover.CheckStandIns(await _play.ReadAsync());
    }

    [Fact]
    public async Task AVmMadeOnTheStandInGoesHomeToo()
    {
        _play.StandIns["vol0"] = "primary";
        _play.FileSystems = ["nas/vol0"];
        _play.AddVm("app", "new-vol0", on: false);
        _play.AddVm("made", "new-vol0");
        Site site = await _play.ReadAsync("app");
        FailoverUnit unit = Assert.Single(site.Units);
        Assert.Equal(["app True", "made True"], site.Notes[unit].Select(n => n.Name + " " + n.IsOn));
        Change[] leave = [.. ReplicaFailover.Leave(
            site, PlayedSite.Steps(site), new WayBack(site.Options, site.Side!), [unit])];
        Change note = leave.Single(c => c.Action == "Note its VMs in it");
        Assert.True(note.Stage < leave.Single(c => c.Action == "Shut down its guest").Stage);
        await note.ApplyAsync(SilentReporter.Instance, default);
        Assert.Contains("made", _play.Written["uss2:/export/uss1-nas-vol0/.zfsesx-vms"], StringComparison.Ordinal);
        site = await _play.ReadAsync("app made");
        Assert.DoesNotContain(
            ReplicaFailover.Leave(site, PlayedSite.Steps(site), new WayBack(site.Options, site.Side!), [unit]),
            c => c.Action == "Note its VMs in it");
    }

    [Fact]
    public async Task AnOldNoteOfTheSourceGetsWhatHasComeSince()
    {
        _play.FileSystems = ["nas/vol0"];
        _play.Side["vol1"] = "yes\toff\t-\t-";
        _play.AddVm("app", "uss1-nas-vol0");
        _play.AddVm("made", "uss1-nas-vol0", on: false);
        Site site = await _play.ReadAsync("app");
        Change note = ReplicaFailover.LastCycle(site, PlayedSite.Steps(site)).First();
        await note.ApplyAsync(SilentReporter.Instance, default);
        string written = _play.Written["uss1:/export/uss1-nas-vol0/.zfsesx-vms"];
        Assert.Equal(
            ["app True", "made False"], VmNotes.Read(written.Split('\n')).Select(n => n.Name + " " + n.IsOn));
    }

    // Whoever ran when a run began that broke off shall run at its end, though that run has shut it down.
    [Fact]
    public void WhoRanIsNotForgotten() => Assert.Equal(
        ["a True", "b True", "c True", "d False"],
        VmNotes.Merge(
            [Note("a", true), Note("b", false), Note("c", true)],
            [Note("a", false), Note("b", true), Note("d", false)]).Select(n => n.Name + " " + n.IsOn));

    [Fact]
    public async Task WhatATestHasRegisteredIsNotNoted()
    {
        _play.FileSystems = ["nas/vol0"];
        _play.StandIns["vol0"] = "test";
        _play.AddVm("app-test", "new-vol0");
        _play.AddVm("app", "uss1-nas-vol0");
        Site site = await _play.ReadAsync("app", test: true);
        Assert.Equal("app", Assert.Single(site.Notes[site.Units[0]]).Name);
    }

    [Fact]
    public async Task WhoHasADatastoreKeepsIt()
    {
        _play.FileSystems = ["nas/vol0"];
        _play.StandIns["vol0"] = "primary";
        _play.Chosen = ["vh3"];
        Site site = await _play.ReadAsync();
        Change share = ReplicaFailover.TakeOver(site, PlayedSite.Steps(site), test: false)
            .Single(c => c.Action.StartsWith("Share", StringComparison.Ordinal));
        Assert.Equal("Share /export/uss1-nas-vol0 with 10.99.0.103, 10.99.0.102", share.Action);
    }

    [Fact]
    public async Task WhoHasADatastoreByAnUnknownAddressIsNotShutOut()
    {
        _play.StandIns["vol0"] = "primary";
        FailoverInventory all = (await _play.ReadAsync()).Inventory;
        FailoverInventory one = all with
        {
            Hosts = [PlayedSite.Host(2) with { Ports = [] }, PlayedSite.Host(3)], Chosen = [PlayedSite.Host(3)],
        };
        DatastoreFact store = all.Store("10.99.0.12", "/export/uss1-nas-vol0")!;
        Assert.Equal(
            "NoStorageAddress", Assert.Throws<ZfsEsxException>(() => one.ClientsOf("10.99.0.12", store)).Id);
        one = one with { Hosts = [one.Hosts[0] with { Connected = false }, one.Hosts[1]] };
        Assert.Equal(["10.99.0.103"], one.ClientsOf("10.99.0.12", store));
    }

    [Fact]
    public async Task NothingIsWrittenAfterTheLastCycle()
    {
        Site site = await _play.ReadAsync();
        Change[] last = [.. ReplicaFailover.LastCycle(site, PlayedSite.Steps(site))];
        Assert.True(
            last.Single(c => c.Action.StartsWith("Fence", StringComparison.Ordinal)).Stage
                < last.Single(c => c.Action.StartsWith("Replicate", StringComparison.Ordinal)).Stage);
    }

    [Fact]
    public async Task WhoeverHasTheDatastoreIsAsked()
    {
        Site site = await _play.ReadAsync();
        FailoverOptions options = site.Options with { Hosts = [PlayedSite.Host(3).Ref] };
        DatastoreFact[] old = [.. site.Units.Select(u => u.Old!)]; // vh2 has them
        Assert.Equal(
            [PlayedSite.Host(2).Ref, PlayedSite.Host(3).Ref], LostProof.Askable(options, site.Inventory, old));
        Assert.Equal(
            [PlayedSite.Host(3).Ref],
            LostProof.Askable(
                options,
                site.Inventory with { Hosts = [PlayedSite.Host(2) with { Connected = false }, PlayedSite.Host(3)] },
                old));
    }

    [Fact]
    public async Task ASourceThatHangsIsNotDead()
    {
        _play.VMs.Add(_play.AddVm("uss1", "local") with { ToolsRunning = false });
        _play.VMs.RemoveAt(0);
        Site site = await _play.ReadAsync();
        Assert.Equal(
            "the VM uss1 runs on vh1, though without VMware Tools: switch it off if it hangs",
            Assert.Single(LostProof.Running(site.Options, site.Inventory)));
    }

    [Fact]
    public async Task AStandInThatHasServedIsOnlyMounted()
    {
        _play.FileSystems = ["nas/vol0"];
        _play.StandIns["vol0"] = "primary";
        _play.Mounted = false;
        _play.Chosen = ["vh2"];
        Site site = await _play.ReadAsync();
        Assert.Equal(
            ["Mount it at /export/uss1-nas-vol0 again", "Share /export/uss1-nas-vol0 with 10.99.0.102"],
            ReplicaFailover.TakeOver(site, PlayedSite.Steps(site), test: false).Select(c => c.Action));
    }

    [Fact]
    public async Task HomeFromOneFailoverIsNotHomeFromTheNext()
    {
        _play.StandIns["vol0"] = "primary";
        _play.Side["vol0"] = "yes\toff\t-\thome 2026-11-01T00:00:00Z";
        _play.Fence = "2026-11-01T00:00:00Z";
        Site site = await _play.ReadAsync();
        Assert.Equal([true, false], site.Units.Select(u => site.Side!.IsHome(u, site.Set.Fence)));
        _play.Fence = "2026-11-22T19:55:00Z";
        site = await _play.ReadAsync();
        Assert.Equal([false, false], site.Units.Select(u => site.Side!.IsHome(u, site.Set.Fence)));
    }

    [Fact]
    public async Task WhatARunLeftBehindIsTidiedByTheNext()
    {
        _play.Fence = "2026-11-22T19:55:00Z";
        _play.Side["vol0"] = "yes\toff\t-\thome " + _play.Fence;
        Site site = (await _play.ReadAsync()).Only(u => u.StandIn is not null);
        Change tidy = Assert.Single(
            ReplicaFailover.Arrive(site, PlayedSite.Steps(site), new WayBack(site.Options, site.Side!)),
            c => c.Action == "Remove what the way back has left");
        Assert.Equal("uss1: sp1/nas/vol0", tidy.Target);
    }

    // Snapshots of 19:50; it is 20:00 now. A quiet share gets no new ones, but cycles say that nothing is missing.
    [Theory]
    [InlineData(null, null, 10)]
    [InlineData("2026-11-22T19:55:00Z", null, 5)]
    [InlineData(null, "2026-11-22T19:57:00Z", 3)]
    [InlineData(null, "2026-11-22T19:40:00Z", 10)]
    [InlineData("2026-11-22T19:55:00Z", "2026-11-22T19:52:00Z", 3)]
    public async Task WhatIsLostDoesNotGrow(string? fence, string? asOf, double minutes)
    {
        (_play.Fence, _play.AsOf) = (fence, asOf);
        Site site = await _play.ReadAsync();
        Assert.Equal(
            minutes, site.Report("Unplanned", new StepLog(), new Dictionary<string, string>()).MinutesLost);
    }

    [Fact]
    public async Task WhatWasSentHomeIsNotLeftBehind()
    {
        Site site = await _play.ReadAsync();
        Assert.Empty(ReplicaFailover.CloseWay(site, site.Side!, PlayedSite.Steps(site)));
        _play.Back = ["BACK\tsp1/failback/uss2", "BACK\tsp1/failback/uss2/nas:vol0"];
        site = await _play.ReadAsync();
        Change[] close = [.. ReplicaFailover.CloseWay(site, site.Side!, PlayedSite.Steps(site))];
        Assert.Equal(
            ["uss1: sp1/failback/uss2/nas:vol0", "uss2"], close.OrderBy(c => c.Stage).Select(c => c.Target));
        _play.Back = ["WAY"];
        site = await _play.ReadAsync();
        Assert.Equal(
            "uss2", Assert.Single(ReplicaFailover.CloseWay(site, site.Side!, PlayedSite.Steps(site))).Target);
    }

    private static VmNote Note(string name, bool on) => new(name, name, on, "", 0, "");
}
