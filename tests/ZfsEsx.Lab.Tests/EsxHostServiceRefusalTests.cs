using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>What keeps a host from being serviced is said before anything is changed.</summary>
public sealed class EsxHostServiceRefusalTests : IAsyncLifetime
{
    private EsxServiceSite _site = null!;

    public async Task InitializeAsync() => _site = await EsxServiceSite.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Space_and_names_are_looked_at_first()
    {
        // A folder of that name on the target that comes first: the other one is taken.
        Directory.CreateDirectory(_site.FileOn(2, "app1"));
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        Assert.Contains(plan.Changes, c => c.ToString().StartsWith(
            "app1: Move from datastore uss1-nas-vol0 to uss3-nas-vol0", StringComparison.Ordinal));
        ZfsEsxException refusal =
            await RefusedAsync(new HostServiceOptions { Datastores = [await _site.DatastoreAsync(2)] });
        Assert.Equal("NoPlaceForVm", refusal.Id);
        Assert.Contains("app1: uss2-nas-vol0 has a folder 'app1' already", refusal.Message, StringComparison.Ordinal);

        MoRef app2 = await _site.Lab.VMAsync("app2");
        await using (FileStream big = File.Create(_site.FileOn(1, "app2/big")))
        {
            big.SetLength(50 << 20);
        }

        await _site.Client.CallAsync(app2, "RefreshStorageInfo", default);
        await _site.SetFreeAsync(2, 10 << 20);
        await _site.SetFreeAsync(3, 20 << 20);
        foreach (int n in new[] { 2, 3 })
        {
            await _site.Client.CallAsync(await _site.DatastoreAsync(n), "RefreshDatastore", default);
        }

        refusal = await RefusedAsync(new HostServiceOptions());
        Assert.Equal(("NoPlaceForVm", FailureKind.LimitReached), (refusal.Id, refusal.Kind));
        Assert.Contains(
            "app2: it takes 50 MB, and uss2-nas-vol0 has 10 MB left", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("uss3-nas-vol0 has 20 MB left", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_a_VMs_network_is_not_chosen()
    {
        MoRef loner = await _site.Lab.VMAsync("loner");
        ZfsEsxException refusal = await RefusedAsync(new HostServiceOptions { Destinations = [_site.Host] });
        Assert.Equal("NoPlaceForVm", refusal.Id);
        Assert.Contains("loner: no other host can take it", refusal.Message, StringComparison.Ordinal);
        await EsxServiceSite.RunAsync(
            await NfsDatastore.PlanDismountAsync(_site.Client, [_site.Lab.Hosts[1]], "uss2-nas-vol0", default));
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        Assert.Contains(
            "loner: Move from host vh1 to vh3, note its home in it", plan.Changes.Select(c => c.ToString()));
        Assert.NotEqual(default, loner);
    }

    [Fact]
    public async Task A_storage_VM_that_cannot_be_told_to_shut_down_is_not_pulled_off()
    {
        _site.Deaf();
        HostServiceOptions brief = new() { ShutdownTimeout = TimeSpan.FromSeconds(2) };
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            async () => await EsxServiceSite.RunAsync(await _site.StartPlanAsync(brief)));
        Assert.Equal("ShutdownTimeout", failure.Id);
        Assert.Equal(
            "poweredOn", (await HostService.GetAsync(_site.Client, _site.Host, brief, default)).StorageVMPower);

        Plan<EncapsulatedHostService> forced = await _site.StartPlanAsync(brief with { Force = true });
        Assert.Equal(
            ["uss1: Shut its system down, and power off if that takes longer than 2 s",
             "vh1: Enter maintenance mode, for at most 30 minutes"],
            forced.Changes.Select(c => c.ToString()));
        await EsxServiceSite.RunAsync(forced);
        Assert.Equal("Ready", (await forced.ReadAsync(default)).State);
    }

    [Fact]
    public async Task VMs_that_nothing_can_move_are_named_with_the_reason()
    {
        MoRef pinned = await _site.NewVmAsync("pinned", host: 1, share: 2, on: false);
        await EsxServiceSite.RunAsync(await DirectPath.PlanEnableAsync(
            _site.Client, [new DirectPathSelection(_site.Host, "0000:03:00.0")], new DirectPathOptions(), default));
        await EsxServiceSite.RunAsync(await StorageVm.PlanAttachAsync(
            _site.Client, pinned, ["0000:03:00.0"], new AttachOptions(), default));
        await EsxServiceSite.RunAsync(await StorageVm.PlanPowerOnAsync(_site.Client, [pinned], default));
        ZfsEsxException refusal = await RefusedAsync(new HostServiceOptions());
        Assert.Equal("VmsCannotMove", refusal.Id);
        Assert.Contains(
            "pinned: it has passed-through devices and cannot be moved; shut it down",
            refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configurations_that_nobody_has_registered_are_told()
    {
        Directory.CreateDirectory(_site.FileOn(1, "old"));
        await File.WriteAllTextAsync(_site.FileOn(1, "old/old.vmx"), "");
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        Assert.Equal(
            ["No registered VM uses [uss1-nas-vol0] old/old.vmx. It cannot be reached while the share is away."],
            plan.Warnings);
    }

    [Fact]
    public async Task A_VM_that_comes_onto_the_share_in_the_meantime_keeps_it_mounted()
    {
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        await _site.NewVmAsync("late", host: 2, share: 1);
        IReadOnlyList<ChangeFailure> failures =
            await ChangeRunner.ApplyAsync(plan.Changes, 16, SilentReporter.Instance, default);
        Assert.All(failures, f => Assert.Equal("ShareNotEmpty", Assert.IsType<ZfsEsxException>(f.Cause).Id));
        Assert.Contains("uss1-nas-vol0: vh1 vh2 vh3", await _site.StateAsync(), StringComparison.Ordinal);
        await EsxServiceSite.RunAsync(await _site.StartPlanAsync());
        Assert.Equal("Ready", (await plan.ReadAsync(default)).State);
    }

    [Fact]
    public async Task Parts_of_a_VM_that_lie_elsewhere_stay_there()
    {
        MoRef mixed = await _site.NewVmAsync("mixed", host: 2, share: 3);
        await _site.Client.RunTaskAsync(
            mixed, "RelocateVM_Task", "mixed", "Move a disk", SilentReporter.Instance, default,
            Arg.O("spec", Arg.O("disk", Arg.E("diskId", "2001"), Arg.E("datastore", await _site.DatastoreAsync(1)))),
            Arg.E("priority", "defaultPriority"));
        string home = await _site.StateAsync();
        Plan<EncapsulatedHostService> plan = await _site.StartPlanAsync();
        Assert.Contains(
            "mixed: Move disk 2001 from datastore uss1-nas-vol0 to uss2-nas-vol0, note its home in it",
            plan.Changes.Select(c => c.ToString()));
        await EsxServiceSite.RunAsync(plan);
        Assert.Contains(
            "[uss3-nas-vol0] mixed/mixed.vmdk [uss2-nas-vol0] mixed/",
            await _site.StateAsync(),
            StringComparison.Ordinal);
        await EsxServiceSite.RunAsync(await _site.CompletePlanAsync());
        Assert.Equal(home, await _site.StateAsync());
    }

    private Task<ZfsEsxException> RefusedAsync(HostServiceOptions options) =>
        _site.Lab.RefusedAsync(() => _site.StartPlanAsync(options));
}

/// <summary>What differs with the kind of server and cluster.</summary>
public sealed class EsxHostServiceServerTests
{
    [Fact]
    public async Task With_DRS_the_cluster_moves_what_only_runs_on_the_host()
    {
        await using EsxServiceSite site = await EsxServiceSite.StartAsync("-drs");
        Plan<EncapsulatedHostService> plan = await site.StartPlanAsync();
        Assert.DoesNotContain(plan.Changes, c => c.Target == "loner");
        Assert.Contains("vCenter (DRS) moves these when the host enters maintenance mode: loner.", plan.Warnings);
        await EsxServiceSite.RunAsync(plan);
        Assert.Equal("Ready", (await plan.ReadAsync(default)).State);
        Assert.DoesNotContain("loner vh1", await site.StateAsync(), StringComparison.Ordinal);
        await EsxServiceSite.RunAsync(await site.CompletePlanAsync());
    }

    [Fact]
    public async Task Without_tools_the_system_is_told_over_its_own_connection()
    {
        // No hook: no guest, and no Tools in it.
        await using EsxInventory lab = await EsxInventory.StartAsync();
        MoRef uss1 = await EsxStorageVmTests.NewAsync(lab, 0);
        await EsxServiceSite.RunAsync(await StorageVm.PlanPowerOnAsync(lab.Client, [uss1], default));
        HostServiceOptions options = new() { StorageVm = uss1 };
        ZfsEsxException refusal =
            await lab.RefusedAsync(() => HostService.PlanStartAsync(lab.Client, lab.Hosts[0], options, default));
        Assert.Equal("ToolsNotRunning", refusal.Id);
        Assert.Contains("-ZfsHost", refusal.Advice, StringComparison.Ordinal);
        options = options with
        {
            ShutDown = async ct => await lab.Client.RunTaskAsync(
                uss1, "PowerOffVM_Task", "uss1", "Go down by itself", SilentReporter.Instance, ct),
        };
        EncapsulatedHostService away = await lab.RunTwiceAsync(
            () => HostService.PlanStartAsync(lab.Client, lab.Hosts[0], options, default));
        Assert.Equal("Ready", away.State);
        Assert.Equal("Serving", (await lab.RunTwiceAsync(
            () => HostService.PlanCompleteAsync(lab.Client, lab.Hosts[0], options, default))).State);
    }

    [Fact]
    public async Task A_host_by_itself_says_what_cannot_be_done()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions
        {
            StandaloneHost = true, Switches = ["-vm", "2"],
        });
        IReadOnlyList<VimObject> vms =
            await lab.Client.FindAsync("VirtualMachine", ["name", "runtime.powerState"], default);
        HostServiceOptions options = new() { StorageVm = vms[0].Ref, Force = true };
        ZfsEsxException refusal =
            await lab.RefusedAsync(() => HostService.PlanStartAsync(lab.Client, lab.Hosts[0], options, default));
        Assert.Equal(("NeedsVCenter", FailureKind.NotSupported), (refusal.Id, refusal.Kind));
        Assert.Contains(vms[1].Name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("vCenter", refusal.Advice, StringComparison.Ordinal);
        await lab.Client.RunTaskAsync(vms[1].Ref, "PowerOffVM_Task", "vm", "Off", SilentReporter.Instance, default);
        EncapsulatedHostService away = await lab.RunTwiceAsync(
            () => HostService.PlanStartAsync(lab.Client, lab.Hosts[0], options, default));
        Assert.Equal("Ready", away.State);
    }

    [Fact]
    public async Task Planning_asks_the_same_for_3_and_64_hosts()
    {
        async Task<int> CountAsync(int hosts)
        {
            await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Hosts = hosts });
            MoRef uss1 = await EsxStorageVmTests.NewAsync(lab, 0);
            HostServiceOptions options = new() { StorageVm = uss1 };
            return (await lab.CountAsync(
                () => HostService.PlanStartAsync(lab.Client, lab.Hosts[0], options, default))).Total;
        }

        Assert.Equal(await CountAsync(3), await CountAsync(64));
    }
}
