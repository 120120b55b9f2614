using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>Passthrough of PCI devices, against a simulated vCenter Server.</summary>
public sealed class EsxDirectPathTests
{
    private const string LogDevice = "0000:04:00.0";
    private static readonly DirectPathOptions s_reboot = new() { AllowReboot = true };

    [Fact]
    public async Task All_devices_of_all_hosts_are_read_with_the_same_calls_for_3_and_64_hosts()
    {
        int[] totals = await Task.WhenAll(new[] { 3, 64 }.Select(async count =>
        {
            await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Hosts = count });
            SimulatorStats stats = await lab.CountAsync(async () =>
            {
                IReadOnlyList<VmDirectPathDevice> devices = await DirectPath.GetAsync(lab.Client, lab.Hosts, default);
                Assert.Equal(count * 7, devices.Count);
            });
            Assert.Equal(["RetrievePropertiesEx"], stats.Calls.Keys);
            return stats.Total;
        }));
        Assert.Equal([1, 1], totals);
    }

    [Fact]
    public async Task A_device_says_what_it_is_and_what_uses_it()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        Dictionary<string, VmDirectPathDevice> devices =
            (await DirectPath.GetAsync(lab.Client, [lab.Hosts[0]], default)).ToDictionary(d => d.Id);

        VmDirectPathDevice log = devices[LogDevice];
        Assert.Equal("vh1", log.VMHost);
        Assert.Equal("19e3", log.VendorId);
        Assert.Equal("5801", log.DeviceId);
        Assert.Equal("DDRdrive X1", log.Device);
        Assert.True(log.Capable);
        Assert.False(log.Enabled || log.Active || log.RebootPending);
        Assert.Empty(log.UsedBy);
        Assert.Equal(["boot device"], devices["0000:00:1f.2"].UsedBy);
        Assert.Equal(["VMFS datastore LocalDS_1"], devices["0000:02:00.0"].UsedBy);
        Assert.Equal(["uplink vmnic0 of vmk0"], devices["0000:05:00.0"].UsedBy);
        Assert.Equal(["0000:05:00.0"], devices["0000:05:00.1"].DependentDevices);
        Assert.Equal("a808", devices["0000:03:00.0"].DeviceId);
    }

    [Fact]
    public async Task Enabling_takes_hosts_through_a_reboot_once()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        DirectPathSelection[] selection = [.. lab.Hosts.Select(h => new DirectPathSelection(h, "DDRdrive*"))];
        IReadOnlyList<VmDirectPathDevice> devices = await lab.RunTwiceAsync(
            () => DirectPath.PlanEnableAsync(lab.Client, selection, s_reboot, default));
        Assert.All(devices, d => Assert.True(d.Enabled && d.Active && !d.RebootPending));
        Assert.Equal(3, devices.Count);
        IReadOnlyList<HostSystemInfo> hosts = await Inventory.GetHostsAsync(lab.Client, default);
        Assert.All(hosts, h => Assert.False(h.InMaintenanceMode || h.RebootRequired));
    }

    [Fact]
    public async Task Without_a_reboot_the_change_is_pending_and_is_not_made_again()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        DirectPathSelection[] selection = [new(lab.Hosts[1], "19e3:5801")];
        Plan<IReadOnlyList<VmDirectPathDevice>> plan = await DirectPath.PlanEnableAsync(lab.Client, selection, new(),
            default);
        Assert.Contains("next boot", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.True(Assert.Single(await plan.RunAsync(SilentReporter.Instance, default)).RebootPending);

        plan = await DirectPath.PlanEnableAsync(lab.Client, selection, new(), default);
        Assert.Empty(plan.Changes);

        plan = await DirectPath.PlanEnableAsync(lab.Client, selection, s_reboot, default);
        SimulatorStats stats = await lab.CountAsync(() => plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(
            ["EnterMaintenanceMode_Task", "ExitMaintenanceMode_Task", "RebootHost_Task"],
            stats.ChangingCalls.Keys.Order());
    }

    [Fact]
    public async Task A_host_that_rebinds_is_not_rebooted()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Rebind = true });
        IReadOnlyList<VmDirectPathDevice> devices = await lab.RunTwiceAsync(
            () => DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default));
        Assert.True(Assert.Single(devices).Active);
        devices = await lab.RunTwiceAsync(
            () => DirectPath.PlanDisableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default));
        Assert.False(Assert.Single(devices).Enabled);
    }

    [Theory]
    [InlineData("0000:09:00.0", "DeviceNotFound")]
    [InlineData("no such; $(reboot)", "DeviceNotFound")]
    [InlineData("0000:00:00.0", "DeviceNotCapable")]
    [InlineData("0000:00:1f.2", "BootDevice")]
    [InlineData("0000:02:00.0", "DeviceInUse")]
    [InlineData("0000:05:00.0", "DeviceInUse")]
    [InlineData("0000:05:00.1", "DeviceInUse")] // its sibling carries the management network
    public async Task A_device_that_the_host_needs_is_refused(string device, string id)
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        ZfsEsxException refusal = await lab.RefusedAsync(
            () => DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], LogDevice), new(lab.Hosts[0], device)],
                s_reboot, default));
        Assert.Equal(id, refusal.Id);
        Assert.Contains("vh1", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Advice);
    }

    [Fact]
    public async Task Force_takes_a_datastores_controller_but_never_the_boot_devices()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        DirectPathOptions force = new() { Force = true };
        Plan<IReadOnlyList<VmDirectPathDevice>> plan =
            await DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], "0000:02:00.0")], force, default);
        Assert.Equal(ChangeRisk.Disruptive, Assert.Single(plan.Changes).Risk);
        ZfsEsxException refusal = await lab.RefusedAsync(
            () => DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], "0000:00:1f.2")], force, default));
        Assert.Equal("BootDevice", refusal.Id);
    }

    [Theory]
    [InlineData("-drs=false", "Move them")]
    [InlineData("-drs", "only this host sees")] // DRS cannot move what lies on a local datastore
    public async Task A_host_with_running_VMs_is_not_rebooted(string drs, string advice)
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Switches = [drs] });
        MoRef vm = await EsxStorageVmTests.NewAsync(lab, 0);
        await (await StorageVm.PlanPowerOnAsync(lab.Client, [vm], default)).RunAsync(SilentReporter.Instance, default);
        ZfsEsxException refusal = await lab.RefusedAsync(
            () => DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default));
        Assert.Equal("HostNotEvacuated", refusal.Id);
        Assert.Contains("uss1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stand_alone_host_is_waited_for_and_logged_in_to_again()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(
            new SimulatorOptions { StandaloneHost = true, RebootTime = TimeSpan.FromSeconds(1),
                Switches = ["-vm", "0"] });
        IReadOnlyList<VmDirectPathDevice> devices = await lab.RunTwiceAsync(
            () => DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], s_reboot, default));
        Assert.True(Assert.Single(devices).Active);
    }
}
