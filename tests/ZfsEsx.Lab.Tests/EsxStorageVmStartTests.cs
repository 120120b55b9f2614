using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>The storage VM first and alone, the VMs on its share after it, and a share that comes back.</summary>
public sealed class EsxStorageVmStartTests
{
    private static readonly NfsMount s_mount =
        new() { Name = "uss1-nas-vol0", RemoteHost = "10.99.0.11", RemotePath = "/export/uss1-nas-vol0" };

    [Fact]
    public async Task A_host_starts_its_storage_VM_first_and_the_VMs_on_its_share_after_it()
    {
        await using EsxInventory lab = await StartAsync();
        (MoRef uss1, MoRef application, _) = await ShareAsync(lab);
        await OnAsync(lab, uss1, application);
        Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanAsync() =>
            StorageVm.PlanStartFirstAsync(lab.Client, [uss1], new AutoStartOptions(), default);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync();
        Assert.Empty(plan.Warnings);
        Assert.Equal(
            "uss1: Let vh1 start it first after a boot, the next one 120 s later or when its Tools run: application",
            Assert.Single(plan.Changes).ToString());
        EncapsulatedStorageVm first = (await lab.RunTwiceAsync(PlanAsync))[0];
        Assert.Equal(1, first.StartOrder);
        Assert.Equal(2, (await StorageVm.GetAsync(lab.Client, [application], default))[0].StartOrder);
        Assert.Equal(["10.99.0.11"], first.Adapters.SelectMany(a => a.IPAddress));

        DateTimeOffset? before = (await Inventory.GetHostsAsync(lab.Client, [lab.Hosts[0]], default))[0].BootTime;
        await lab.Client.CallAsync(lab.Hosts[0], "RebootHost_Task", default, Arg.E("force", true));
        await UntilAsync(async () =>
            (await Inventory.GetHostsAsync(lab.Client, [lab.Hosts[0]], default))[0].BootTime != before
            && (await StorageVm.GetAsync(lab.Client, [uss1, application], default))
                .All(v => v.PowerState == "poweredOn"));
    }

    [Fact]
    public async Task Hosts_of_a_cluster_with_HA_are_said_to_ignore_it()
    {
        await using EsxInventory lab = await StartAsync("-ha");
        (MoRef uss1, _, _) = await ShareAsync(lab);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanStartFirstAsync(
            lab.Client, [uss1], new AutoStartOptions(), default);
        Assert.Contains(plan.Warnings, w => w.Contains("DC0_C0 with vSphere HA", StringComparison.Ordinal));
        Assert.Contains(plan.Warnings, w => w.Contains("-Datastore", StringComparison.Ordinal));
        Assert.Single(plan.Changes);
    }

    [Fact]
    public async Task Planning_a_start_order_asks_the_same_for_one_host_and_for_three()
    {
        await using EsxInventory lab = await StartAsync();
        await EsxStorageVmTests.NetworkAsync(lab);
        await (await StorageVm.PlanNewAsync(lab.Client, await EsxStorageVmTests.WantedAsync(lab), default))
            .RunAsync(SilentReporter.Instance, default);
        IReadOnlyList<MoRef> vms =
            await Inventory.ResolveAsync(lab.Client, "VirtualMachine", ["uss1", "uss2", "uss3"], default);
        Task PlanAsync(params MoRef[] of) =>
            StorageVm.PlanStartFirstAsync(lab.Client, of, new AutoStartOptions(), default);
        Assert.Equal(1, (await lab.CountAsync(() => PlanAsync(vms[0]))).Total);
        Assert.Equal(1, (await lab.CountAsync(() => PlanAsync([.. vms]))).Total);
    }

    [Fact]
    public async Task A_share_that_was_away_is_refreshed_its_VMs_reloaded_and_switched_on_in_order()
    {
        await using EsxInventory lab = await StartAsync();
        (MoRef uss1, MoRef application, MoRef share) = await ShareAsync(lab);
        await OnAsync(lab, uss1, application);
        await (await StorageVm.PlanStartFirstAsync(lab.Client, [uss1], new AutoStartOptions(), default))
            .RunAsync(SilentReporter.Instance, default);
        Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanAsync(int seconds = 60) => StorageVm.PlanReviveAsync(
            lab.Client,
            [share],
            new ReviveOptions { PowerOn = true, Timeout = TimeSpan.FromSeconds(seconds) },
            default);
        Assert.Empty((await PlanAsync()).Changes);

        await (await StorageVm.PlanShutdownAsync(lab.Client, [application], TimeSpan.FromMinutes(2), default))
            .RunAsync(SilentReporter.Instance, default);
        string export = Path.Combine(lab.Simulator.NasRoot, s_mount.RemoteHost, s_mount.RemotePath.TrimStart('/'));
        Directory.Move(export, export + ".away");
        Plan<IReadOnlyList<ZfsNfsDatastore>> tooEarly = await PlanAsync(0);
        Assert.Equal("inaccessible", (await StorageVm.GetAsync(lab.Client, [application], default))[0].ConnectionState);
        Assert.Equal(
            [
                "uss1-nas-vol0: Refresh until vh1, vh2, vh3 reach it, for at most 0 s",
                "uss1-nas-vol0: application: Read it again from [uss1-nas-vol0] application/application.vmx",
                "uss1-nas-vol0: application: Power on",
            ],
            tooEarly.Changes.Select(c => c.ToString()));
        AggregateException failures = await Assert.ThrowsAsync<AggregateException>(
            () => tooEarly.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(["DatastoreInaccessible", "VmInaccessible"],
            failures.InnerExceptions.Cast<ZfsEsxException>().Select(f => f.Id));

        Directory.Move(export + ".away", export);
        Assert.Equal(
            [
                "uss1-nas-vol0: application: Read it again from [uss1-nas-vol0] application/application.vmx",
                "uss1-nas-vol0: application: Power on",
            ],
            (await PlanAsync()).Changes.Select(c => c.ToString()));
        IReadOnlyList<ZfsNfsDatastore> back = await lab.RunTwiceAsync(() => PlanAsync());
        Assert.All(back, d => Assert.True(d.Accessible));
        Assert.Equal(3, back.Count);
        EncapsulatedStorageVm now = (await StorageVm.GetAsync(lab.Client, [application], default))[0];
        Assert.Equal(("connected", "poweredOn"), (now.ConnectionState, now.PowerState));
        Assert.Equal("NotNfs", (await lab.RefusedAsync(async () => await StorageVm.PlanReviveAsync(
            lab.Client,
            await Inventory.ResolveAsync(lab.Client, "Datastore", ["LocalDS_1"], default),
            new ReviveOptions(),
            default))).Id);
    }

    private static Task<EsxInventory> StartAsync(params string[] switches) =>
        EsxInventory.StartAsync(new SimulatorOptions { Switches = ["-tools", .. switches] });

    /// <summary>uss1 with its address, its share on all hosts, and a VM on that share.</summary>
    private static async Task<(MoRef Uss1, MoRef Application, MoRef Share)> ShareAsync(EsxInventory lab)
    {
        await EsxStorageVmTests.NetworkAsync(lab);
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(lab))[0];
        wanted = wanted with
        {
            GuestInfo = new Dictionary<string, string>(wanted.GuestInfo) { ["ip1"] = s_mount.RemoteHost },
        };
        lab.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
        await (await NfsDatastore.PlanMountAsync(lab.Client, lab.Hosts, s_mount, default))
            .RunAsync(SilentReporter.Instance, default);
        MoRef share = (await Inventory.ResolveAsync(lab.Client, "Datastore", [s_mount.Name], default))[0];
        NewStorageVm application = (await EsxStorageVmTests.WantedAsync(lab))[0] with
        {
            Name = "application", Datastore = share, DataDisks = [],
        };
        await (await StorageVm.PlanNewAsync(lab.Client, [wanted, application], default))
            .RunAsync(SilentReporter.Instance, default);
        return (await lab.VMAsync("uss1"), await lab.VMAsync("application"), share);
    }

    private static async Task OnAsync(EsxInventory lab, params MoRef[] vms) =>
        await (await StorageVm.PlanPowerOnAsync(lab.Client, vms, default)).RunAsync(SilentReporter.Instance, default);

    private static async Task UntilAsync(Func<Task<bool>> met)
    {
        for (int i = 0; !await met(); i++)
        {
            Assert.True(i < 600, "not within a minute");
            await Task.Delay(100);
        }
    }
}
