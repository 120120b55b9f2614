using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>Devices of a VM where hosts do what was not foretold, and where somebody else is at work.</summary>
public sealed class EsxDirectPathVmTests
{
    private const string LogDevice = "0000:04:00.0";
    private const string Nvme = "0000:03:00.0";
    private const string Moved = "0000:06:00.0";

    [Fact]
    public async Task Each_class_gets_its_interrupts()
    {
        await using EsxInventory lab = await StartAsync();
        MoRef vm = await NewAsync(lab);
        EncapsulatedStorageVm attached = await lab.RunTwiceAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [Nvme, LogDevice], new(), default));
        Assert.Equal([(Nvme, false, 13000), (LogDevice, true, 13001)],
            attached.DirectPath.Select(d => (d.Id, d.MsiDisabled, d.Key)));
        Assert.Equal((ByteSize)(1L << 30), attached.Memory);
        Assert.True(attached.MemoryReserved);
        await PowerOnAsync(lab, vm);
    }

    [Fact]
    public async Task Two_devices_with_their_settings_are_one_reconfiguration()
    {
        await using EsxInventory lab = await StartAsync();
        MoRef vm = await NewAsync(lab);
        Plan<EncapsulatedStorageVm> plan =
            await StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice, Nvme], new(), default);
        SimulatorStats stats = await lab.CountAsync(() => plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(1, Assert.Single(stats.ChangingCalls).Value);
    }

    [Fact]
    public async Task A_setting_follows_its_device_when_the_host_gives_another_number()
    {
        await using EsxInventory lab = await StartAsync("-first-pci-device", "5");
        MoRef vm = await NewAsync(lab);
        EncapsulatedStorageVm attached = await lab.RunTwiceAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new(), default));
        Assert.Equal((13005, true), (attached.DirectPath[0].Key, attached.DirectPath[0].MsiDisabled));

        EncapsulatedStorageVm left = await lab.RunTwiceAsync(
            () => StorageVm.PlanDetachAsync(lab.Client, vm, [LogDevice], default));
        Assert.Empty(left.DirectPath);
        VimObject config = (await lab.Client.RetrieveAsync([vm], "VirtualMachine", ["config.extraConfig"], default))[0];
        Assert.DoesNotContain(config["config.extraConfig"].Items,
            o => o["key"].Text.StartsWith("pciPassthru", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dynamic_device_is_told_by_its_kind_and_starts()
    {
        await using EsxInventory lab = await StartAsync();
        MoRef vm = await NewAsync(lab);
        AttachOptions dynamic = new() { Dynamic = true };
        EncapsulatedStorageVm attached = await lab.RunTwiceAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [Nvme], dynamic, default));
        Assert.Equal(("144d", "a808"), (attached.DirectPath[0].VendorId, attached.DirectPath[0].DeviceId));
        await PowerOnAsync(lab, vm);
        Assert.Contains(await DirectPath.GetAsync(lab.Client, [lab.Hosts[0]], default),
            d => d.Id == Nvme && d.UsedBy.Contains("VM uss1"));
    }

    /// <summary>What the server answers, the id of the error, and whether the change was made all the same.</summary>
    [Theory]
    [InlineData("ConcurrentAccess", "ConcurrentAccess", false)]
    [InlineData("InvalidDeviceBacking", "InvalidDeviceBacking", false)]
    [InlineData("DROP", "AnswerLost", false)]
    [InlineData("DROP-AFTER", "AnswerLost", true)]
    public async Task A_failure_names_the_VM_and_the_same_command_goes_on(string fault, string id, bool done)
    {
        await using EsxInventory lab = await StartAsync();
        MoRef vm = await NewAsync(lab);
        Task<Plan<EncapsulatedStorageVm>> PlanAsync() =>
            StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new(), default);
        Plan<EncapsulatedStorageVm> plan = await PlanAsync();
        await lab.Simulator.FaultAsync("ReconfigVM_Task", fault, "told by the test");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(id, failure.Id);
        plan = await PlanAsync();
        Assert.Equal(done, plan.Changes.Count == 0);
        Assert.Equal(LogDevice, (await plan.RunAsync(SilentReporter.Instance, default)).DirectPath[0].Id);
    }

    [Fact]
    public async Task What_another_tool_has_changed_in_between_is_not_overwritten()
    {
        await using EsxInventory lab = await StartAsync();
        MoRef vm = await NewAsync(lab);
        Plan<EncapsulatedStorageVm> ours = await StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new(), default);
        await (await StorageVm.PlanAttachAsync(lab.Client, vm, [Nvme], new(), default))
            .RunAsync(SilentReporter.Instance, default);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => ours.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("ConcurrentAccess", failure.Id);
        Assert.Contains("Try again", failure.Advice, StringComparison.Ordinal);
        EncapsulatedStorageVm both = await lab.RunTwiceAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new(), default));
        Assert.Equal([(Nvme, false), (LogDevice, true)], both.DirectPath.Select(d => (d.Id, d.MsiDisabled)));
    }

    [Fact]
    public async Task A_VM_whose_card_has_moved_is_recognised_everywhere_and_mended_as_advised()
    {
        await using EsxInventory lab = await StartAsync();
        MoRef vm = await NewAsync(lab);
        await (await StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new(), default))
            .RunAsync(SilentReporter.Instance, default);
        await lab.Simulator.RenumberAsync(LogDevice, Moved);
        await lab.Simulator.RenumberAsync(Nvme, LogDevice);
        await HostReboot.RunAsync(lab.Client, lab.Hosts[0], "vh1", new(), SilentReporter.Instance, default);

        VmDirectPathDevice there = (await DirectPath.GetAsync(lab.Client, [lab.Hosts[0]], default))
            .Single(d => d.Id == LogDevice);
        Assert.Equal(["VM uss1 (for 19e3:5801, which was here)"], there.UsedBy);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() => PowerOnAsync(lab, vm));
        Assert.Contains("Remove-VmDirectPath", failure.Advice, StringComparison.Ordinal);
        ZfsEsxException refusal = await lab.RefusedAsync(
            () => StorageVm.PlanAttachAsync(lab.Client, vm, [LogDevice], new(), default));
        Assert.Equal("DeviceRenumbered", refusal.Id);
        Assert.Contains(Moved, refusal.Message, StringComparison.Ordinal);

        await (await StorageVm.PlanDetachAsync(lab.Client, vm, [LogDevice], default))
            .RunAsync(SilentReporter.Instance, default);
        await EnableAsync(lab, Moved);
        await (await StorageVm.PlanAttachAsync(lab.Client, vm, [Moved], new(), default))
            .RunAsync(SilentReporter.Instance, default);
        await PowerOnAsync(lab, vm);
    }

    private static Task<EsxInventory> StartAsync(params string[] switches) =>
        EsxInventory.StartAsync(new SimulatorOptions { Rebind = true, Hosts = 1, Switches = switches });

    private static async Task<MoRef> NewAsync(EsxInventory lab)
    {
        MoRef vm = await EsxStorageVmTests.NewAsync(lab, 0);
        await EnableAsync(lab, LogDevice, Nvme);
        return vm;
    }

    private static async Task EnableAsync(EsxInventory lab, params string[] devices) =>
        await (await DirectPath.PlanEnableAsync(
            lab.Client, [.. devices.Select(d => new DirectPathSelection(lab.Hosts[0], d))], new(), default))
            .RunAsync(SilentReporter.Instance, default);

    private static async Task PowerOnAsync(EsxInventory lab, MoRef vm) =>
        await (await StorageVm.PlanPowerOnAsync(lab.Client, [vm], default)).RunAsync(SilentReporter.Instance, default);
}
