using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>Storage VMs, against a simulated vCenter Server.</summary>
public sealed class EsxStorageVmTests
{
    private const string LogDevice = "0000:04:00.0";

    internal static readonly NewStorageNetwork Network = new() { Uplinks = ["vmnic1"] };

    [Fact]
    public async Task A_storage_VM_is_made_once_and_then_found_as_wanted()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        await NetworkAsync(lab);
        NewStorageVm[] wanted = await WantedAsync(lab);
        IReadOnlyList<EncapsulatedStorageVm> made = await lab.RunTwiceAsync(() =>
            StorageVm.PlanNewAsync(lab.Client, wanted, default));

        Assert.Equal(["uss1", "uss2", "uss3"], made.Select(v => v.Name));
        EncapsulatedStorageVm uss2 = made[1];
        Assert.Equal("vh2", uss2.VMHost);
        Assert.Equal("poweredOff", uss2.PowerState);
        Assert.Equal((ByteSize)(1L << 30), uss2.Memory);
        Assert.Equal([256L << 20, 8L << 30], uss2.Disks.Select(d => d.Capacity.Bytes));
        Assert.True(uss2.Disks[1].Thin);
        Assert.All(uss2.Disks, d => Assert.StartsWith("[LocalDS_2]", d.File, StringComparison.Ordinal));
        Assert.Equal(["VM Network", "eSAN-VM"], uss2.Adapters.Select(a => a.Network));
        Assert.All(uss2.Adapters, a => Assert.Equal("Vmxnet3", a.Type));
        Assert.Equal("uss2", uss2.GuestInfo["hostname"]);
    }

    [Fact]
    public async Task A_VM_that_differs_is_changed_when_off_and_refused_when_on()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        MoRef vm = await NewAsync(lab, 0);
        NewStorageVm more = (await WantedAsync(lab))[0] with { Memory = 2L << 30, NumCpu = 2,
            DataDisks = [16L << 30, 1L << 30] };
        EncapsulatedStorageVm changed = (
            await lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(lab.Client, [more], default)))[0];
        Assert.Equal((2, (ByteSize)(2L << 30)), (changed.NumCpu, changed.Memory));
        Assert.Equal([256L << 20, 16L << 30, 1L << 30], changed.Disks.Select(d => d.Capacity.Bytes));

        await (await StorageVm.PlanPowerOnAsync(lab.Client, [vm], default)).RunAsync(SilentReporter.Instance, default);
        Assert.Empty((await StorageVm.PlanNewAsync(lab.Client, [more], default)).Changes);
        ZfsEsxException refusal = await lab.RefusedAsync(
            () => StorageVm.PlanNewAsync(lab.Client, [more with { Memory = 3L << 30 }], default));
        Assert.Equal("VmPoweredOn", refusal.Id);
        refusal = await lab.RefusedAsync(() =>
            StorageVm.PlanNewAsync(lab.Client, [more with { DataDisks = [8L << 30] }], default));
        Assert.Equal("DiskTooLarge", refusal.Id);
    }

    [Fact]
    public async Task A_host_without_the_port_group_is_named()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        NewStorageVm wanted = (await WantedAsync(lab))[0];
        ZfsEsxException refusal = await lab.RefusedAsync(() => StorageVm.PlanNewAsync(lab.Client, [wanted], default));
        Assert.Equal("PortGroupNotFound", refusal.Id);
        Assert.Contains("vh1", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'eSAN-VM'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_asks_the_same_for_one_VM_and_for_three()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        await NetworkAsync(lab);
        await (await StorageVm.PlanNewAsync(lab.Client, await WantedAsync(lab), default))
            .RunAsync(SilentReporter.Instance, default);
        IReadOnlyList<MoRef> vms = await Inventory.ResolveAsync(lab.Client, "VirtualMachine", ["uss1", "uss2", "uss3"],
            default);
        Assert.Equal(1, (await lab.CountAsync(() => StorageVm.GetAsync(lab.Client, [vms[0]], default))).Total);
        Assert.Equal(1, (await lab.CountAsync(() => StorageVm.GetAsync(lab.Client, vms, default))).Total);
    }

    [Fact]
    public async Task A_device_is_attached_with_memory_reserved_and_MSI_off_and_the_VM_starts()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Rebind = true });
        MoRef vm = await NewAsync(lab, 0);
        await EnableAsync(lab, LogDevice, "0000:03:00.0");
        EncapsulatedStorageVm attached = await lab.RunTwiceAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new AttachOptions { DisableMsi = true },
                default));
        Assert.Equal(new StorageVmDirectPath(LogDevice, "19e3", "5801", true, 13000),
            Assert.Single(attached.DirectPath));
        Assert.True(attached.MemoryReserved);

        // A second device, whose id does not fit into a signed short.
        attached = await lab.RunTwiceAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice, "0000:03:00.0"], new AttachOptions(), default));
        Assert.Equal("a808", attached.DirectPath[1].DeviceId);
        Assert.False(attached.DirectPath[1].MsiDisabled);

        IReadOnlyList<EncapsulatedStorageVm> running =
            await lab.RunTwiceAsync(() => StorageVm.PlanPowerOnAsync(lab.Client, [vm], default));
        Assert.Equal("poweredOn", running[0].PowerState);
        VmDirectPathDevice device = (await DirectPath.GetAsync(lab.Client, [lab.Hosts[0]], default))
            .Single(d => d.Id == LogDevice);
        Assert.Equal(["VM uss1"], device.UsedBy);

        ZfsEsxException refusal = await lab.RefusedAsync(() =>
            StorageVm.PlanDetachAsync(lab.Client, vm, [LogDevice], default));
        Assert.Equal("VmPoweredOn", refusal.Id);
        refusal = await lab.RefusedAsync(
            () => DirectPath.PlanDisableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], new(), default));
        Assert.Equal("DeviceInUse", refusal.Id);
    }

    [Fact]
    public async Task A_device_is_detached_with_its_setting()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync(new SimulatorOptions { Rebind = true });
        MoRef vm = await NewAsync(lab, 0);
        await EnableAsync(lab, LogDevice);
        AttachOptions options = new() { DisableMsi = true };
        await (await StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], options, default))
            .RunAsync(SilentReporter.Instance, default);
        EncapsulatedStorageVm left = await lab.RunTwiceAsync(() =>
            StorageVm.PlanDetachAsync(lab.Client, vm, [LogDevice], default));
        Assert.Empty(left.DirectPath);
    }

    [Fact]
    public async Task Attaching_is_refused_with_the_reason()
    {
        await using EsxInventory lab = await EsxInventory.StartAsync();
        MoRef vm = await NewAsync(lab, 0);
        async Task ExpectAsync(string id, string device)
        {
            ZfsEsxException refusal = await lab.RefusedAsync(
                () => StorageVm.PlanAttachAsync(lab.Client, vm, [device], new AttachOptions(), default));
            Assert.Equal(id, refusal.Id);
        }

        await ExpectAsync("DeviceNotFound", "0000:77:00.0");
        await ExpectAsync("DeviceNotEnabled", LogDevice);
        await EnableAsync(lab, LogDevice);
        await ExpectAsync("DeviceRebootPending", LogDevice);
        DirectPathOptions reboot = new() { AllowReboot = true };
        await (await DirectPath.PlanEnableAsync(lab.Client, [new(lab.Hosts[0], LogDevice)], reboot, default))
            .RunAsync(SilentReporter.Instance, default);
        await (await StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new AttachOptions(), default))
            .RunAsync(SilentReporter.Instance, default);
        NewStorageVm second = (await WantedAsync(lab))[0] with { Name = "other" };
        await (await StorageVm.PlanNewAsync(lab.Client, [second], default)).RunAsync(SilentReporter.Instance, default);
        vm = await lab.VMAsync("other");
        await ExpectAsync("DeviceInUse", LogDevice);
    }

    internal static async Task<MoRef> NewAsync(EsxInventory lab, int host)
    {
        await NetworkAsync(lab);
        NewStorageVm wanted = (await WantedAsync(lab))[host];
        await (await StorageVm.PlanNewAsync(lab.Client, [wanted], default)).RunAsync(SilentReporter.Instance, default);
        return await lab.VMAsync(wanted.Name);
    }

    internal static async Task NetworkAsync(EsxInventory lab) =>
        await (await StorageNetwork.PlanNewAsync(
            lab.Client, [.. lab.Hosts.Select((h, i) => new StorageNetworkAddress(h, "10.99.0." + (101 + i)))], Network,
            default))
            .RunAsync(SilentReporter.Instance, default);

    internal static async Task<NewStorageVm[]> WantedAsync(EsxInventory lab)
    {
        MoRef template = await lab.VMAsync("debian-zfs");
        return [.. lab.Hosts.Select((h, i) => new NewStorageVm
        {
            Name = "uss" + (i + 1),
            Host = h,
            Template = template,
            Memory = 1L << 30,
            NumCpu = 1,
            DataDisks = [8L << 30],
            GuestInfo = new Dictionary<string, string> { ["hostname"] = "uss" + (i + 1) },
        })];
    }

    private static async Task EnableAsync(EsxInventory lab, params string[] devices) =>
        await (await DirectPath.PlanEnableAsync(
            lab.Client, [.. devices.Select(d => new DirectPathSelection(lab.Hosts[0], d))], new DirectPathOptions(),
            default))
            .RunAsync(SilentReporter.Instance, default);
}
