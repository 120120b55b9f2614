using System.Diagnostics;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>Storage VMs made from nothing and changed later, and what goes wrong on the way.</summary>
public sealed class EsxStorageVmChangeTests : IAsyncLifetime
{
    private EsxInventory _lab = null!;

    public async Task InitializeAsync()
    {
        _lab = await EsxInventory.StartAsync(new SimulatorOptions { Rebind = true, Switches = ["-tools"] });
        await EsxStorageVmTests.NetworkAsync(_lab);
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task A_VM_with_its_own_system_disk_is_made_once_with_everything_in_one_request()
    {
        NewStorageVm wanted = new()
        {
            Name = "uss2",
            Host = _lab.Hosts[1],
            SystemDisk = 32L << 30,
            GuestId = "Debian",
            Firmware = VmFirmware.Efi,
            InstallationImage = "[LocalDS_2] iso/debian-13.iso",
            DataDisks = [8L << 30, new NewDisk(16L << 30) { Format = VirtualDiskFormat.EagerZeroedThick }],
            GuestInfo = new Dictionary<string, string> { ["hostname"] = "uss2" },
        };
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanNewAsync(_lab.Client, [wanted], default);
        Assert.StartsWith(
            "uss2: Create on vh2, datastore LocalDS_2: EFI, set the system to debian1",
            Assert.Single(plan.Changes).ToString(),
            StringComparison.Ordinal);
        EncapsulatedStorageVm made = (
            await _lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(_lab.Client, [wanted], default)))[0];
        Assert.Equal(("efi", (ByteSize)(4L << 30), 2), (made.Firmware, made.Memory, made.NumCpu));
        Assert.Equal(["SCSI 0:0", "SCSI 0:1", "SCSI 0:2"], made.Disks.Select(d => d.DeviceNode));
        Assert.Equal(
            [VirtualDiskFormat.Thin, VirtualDiskFormat.Thin, VirtualDiskFormat.EagerZeroedThick],
            made.Disks.Select(d => d.Format));
        Assert.All(made.Disks, d => Assert.Equal("LocalDS_2", d.Datastore));
        Assert.Equal(["VM Network", "eSAN-VM"], made.Adapters.Select(a => a.Network));
        Assert.Equal(2, made.Adapters.Select(a => a.MacAddress).Distinct().Count());

        Assert.Equal("ImageNotFound", (await _lab.RefusedAsync(() => StorageVm.PlanNewAsync(
            _lab.Client,
            [wanted with { Name = "other", InstallationImage = "[LocalDS_2] iso/none.iso" }],
            default))).Id);
        Assert.Equal("GuestNotKnown", (await _lab.RefusedAsync(() => StorageVm.PlanNewAsync(
            _lab.Client, [wanted with { Name = "other", GuestId = "debian99_64Guest" }], default))).Id);
        Assert.Equal("FirmwareDiffers", (await _lab.RefusedAsync(() => StorageVm.PlanNewAsync(
            _lab.Client, [wanted with { Firmware = VmFirmware.Bios }], default))).Id);
    }

    [Fact]
    public async Task A_host_that_does_not_fit_does_not_keep_the_others_and_planning_asks_the_same_for_all()
    {
        NewStorageVm[] wanted = await EsxStorageVmTests.WantedAsync(_lab);
        wanted[1] = wanted[1] with { DataDisks = [new NewDisk(2L << 40) { Format = VirtualDiskFormat.Thick }] };
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanNewAsync(_lab.Client, wanted, default);
        Assert.Equal("DatastoreFull", Assert.Single(plan.Refusals).Id);
        Assert.Equal(["uss1", "uss3"], plan.Changes.Select(c => c.Target).Distinct());
        Task<SimulatorStats> PlanningAsync(int hosts) =>
            _lab.CountAsync(() => StorageVm.PlanNewAsync(_lab.Client, wanted[..hosts], default));
        Assert.Equal((await PlanningAsync(1)).Total, (await PlanningAsync(3)).Total);
    }

    [Fact]
    public async Task Settings_are_changed_once_while_off_and_refused_while_on()
    {
        MoRef vm = await NewAsync();
        StorageVmSettings wanted = new()
        {
            NumCpu = 4, Memory = 2L << 30, DataDisks = [16L << 30, 1L << 30], StorageNetwork = "VM Network",
        };
        EncapsulatedStorageVm changed = (
            await _lab.RunTwiceAsync(() => StorageVm.PlanSetAsync(_lab.Client, [vm], wanted, default)))[0];
        Assert.Equal((4, (ByteSize)(2L << 30)), (changed.NumCpu, changed.Memory));
        Assert.Equal([256L << 20, 16L << 30, 1L << 30], changed.Disks.Select(d => d.Capacity.Bytes));
        Assert.Equal(["VM Network", "VM Network"], changed.Adapters.Select(a => a.Network));
        await OnAsync(vm);
        Assert.Empty((await StorageVm.PlanSetAsync(_lab.Client, [vm], wanted, default)).Changes);
        async Task ExpectAsync(string id, StorageVmSettings other) =>
            Assert.Equal(
                id, (await _lab.RefusedAsync(() => StorageVm.PlanSetAsync(_lab.Client, [vm], other, default))).Id);
        await ExpectAsync("VmPoweredOn", new StorageVmSettings { Memory = 3L << 30 });
        await ExpectAsync("DiskTooLarge", new StorageVmSettings { DataDisks = [8L << 30] });
        await ExpectAsync("PortGroupNotFound", new StorageVmSettings { StorageNetwork = "elsewhere" });
        await ExpectAsync(
            "DatastoreFull",
            new StorageVmSettings
            {
                DataDisks = [16L << 30, 1L << 30, new NewDisk(2L << 40) { Format = VirtualDiskFormat.Thick }]
            });
    }

    [Fact]
    public async Task Memory_of_a_VM_with_a_device_stays_reserved()
    {
        const string device = "0000:04:00.0";
        MoRef vm = await NewAsync();
        await (await DirectPath.PlanEnableAsync(
            _lab.Client, [new(_lab.Hosts[0], device)], new DirectPathOptions(), default))
            .RunAsync(SilentReporter.Instance, default);
        await (await StorageVm.PlanAttachAsync(_lab.Client, vm, [device], new AttachOptions(), default))
            .RunAsync(SilentReporter.Instance, default);
        EncapsulatedStorageVm changed = (await _lab.RunTwiceAsync(() => StorageVm.PlanSetAsync(
            _lab.Client, [vm], new StorageVmSettings { Memory = 2L << 30 }, default)))[0];
        Assert.True(changed.MemoryReserved);
        Assert.Equal(changed.Memory, changed.MemoryReservation);
        await OnAsync(vm);
    }

    [Theory]
    [InlineData("CloneVM_Task", "DuplicateName", "VmNameTaken")]
    [InlineData("ReconfigVM_Task", "ConcurrentAccess", "ConcurrentAccess")]
    [InlineData("ReconfigVM_Task", "FileFault", "VimFault")]
    public async Task What_fails_in_between_is_said_and_the_next_run_finishes(string method, string fault, string id)
    {
        NewStorageVm[] wanted = [(await EsxStorageVmTests.WantedAsync(_lab))[0]];
        Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanAsync() =>
            StorageVm.PlanNewAsync(_lab.Client, wanted, default);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await PlanAsync();
        await _lab.Simulator.FaultAsync(method, fault, "as told");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal((id, "uss1"), (failure.Id, failure.Target));
        IReadOnlyList<EncapsulatedStorageVm> made = await _lab.RunTwiceAsync(PlanAsync);
        Assert.Equal([256L << 20, 8L << 30], made[0].Disks.Select(d => d.Capacity.Bytes));
    }

    [Fact]
    public async Task A_clone_that_fails_half_way_for_lack_of_space_leaves_nothing_and_is_made_again()
    {
        NewStorageVm[] wanted = [(await EsxStorageVmTests.WantedAsync(_lab))[0]];
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanNewAsync(_lab.Client, wanted, default);
        await _lab.Simulator.TaskFaultAsync("clone", "NoDiskSpace", "There is not enough space.");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(("NoDiskSpace", FailureKind.LimitReached), (failure.Id, failure.Kind));
        Assert.Contains("datastore", failure.Advice, StringComparison.Ordinal);
        await _lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(_lab.Client, wanted, default));
    }

    [Fact]
    public async Task A_clone_whose_answer_is_lost_goes_on_and_the_next_run_finishes_it()
    {
        NewStorageVm[] wanted = [(await EsxStorageVmTests.WantedAsync(_lab))[0]];
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanNewAsync(_lab.Client, wanted, default);
        await _lab.Simulator.FaultAsync("CloneVM_Task", "DROP-AFTER", string.Empty);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(("AnswerLost", FailureKind.Connection), (failure.Id, failure.Kind));
        await UntilAsync(IsThereAsync);
        await _lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(_lab.Client, wanted, default));
    }

    [Fact]
    public async Task A_clone_that_does_not_end_is_left_to_the_server_at_once_and_the_next_run_finishes_it()
    {
        NewStorageVm[] wanted = [(await EsxStorageVmTests.WantedAsync(_lab))[0]];
        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanNewAsync(_lab.Client, wanted, default);
        await _lab.Simulator.HoldTaskAsync("clone");
        using CancellationTokenSource stop = new();
        WarningList said = new();
        Task<IReadOnlyList<EncapsulatedStorageVm>> run = plan.RunAsync(said, stop.Token);
        await UntilAsync(async () => (await _lab.Simulator.StatsAsync()).Calls.ContainsKey("WaitForUpdatesEx"));
        Stopwatch clock = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(
            clock.Elapsed,
            TimeSpan.Zero,
            TimeSpan.FromSeconds(20)); // bound for a loaded machine; Pester asserts one second
        Assert.Matches("Still running on .*uss1: Clone from debian-zfs .task-", string.Join('\n', said));
        Assert.Contains("run the same command again", said[^1], StringComparison.Ordinal);

        await _lab.Simulator.ResetAsync();
        await UntilAsync(IsThereAsync);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> rest = await StorageVm.PlanNewAsync(_lab.Client, wanted, default);
        Assert.StartsWith("Reconfigure: ", Assert.Single(rest.Changes).Action, StringComparison.Ordinal);
        await _lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(_lab.Client, wanted, default));
    }

    [Fact]
    public async Task VMs_are_switched_on_with_one_filter_and_shut_down_by_their_guests()
    {
        NewStorageVm[] wanted = await EsxStorageVmTests.WantedAsync(_lab);
        await (await StorageVm.PlanNewAsync(_lab.Client, wanted, default)).RunAsync(SilentReporter.Instance, default);
        IReadOnlyList<MoRef> vms = await Inventory.ResolveAsync(
            _lab.Client, "VirtualMachine", ["uss1", "uss2", "uss3"], default);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> on = await StorageVm.PlanPowerOnAsync(_lab.Client, vms, default);
        SimulatorStats stats = await _lab.CountAsync(async () =>
        {
            // All three are asked for before the first has answered.
            await _lab.Simulator.DelayAsync("PowerOnVM_Task", TimeSpan.FromSeconds(3), 3);
            await on.RunAsync(SilentReporter.Instance, default);
        });
        Assert.Equal((3, 1), (stats.Calls["PowerOnVM_Task"], stats.Calls["CreateFilter"]));

        Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> DownAsync() =>
            StorageVm.PlanShutdownAsync(_lab.Client, vms, TimeSpan.FromMinutes(2), default);
        Assert.All(await _lab.RunTwiceAsync(DownAsync), v => Assert.Equal("poweredOff", v.PowerState));
    }

    [Fact]
    public async Task A_guest_that_does_not_listen_is_not_waited_for_without_end()
    {
        NewStorageVm deaf = (await EsxStorageVmTests.WantedAsync(_lab))[0];
        deaf = deaf with { GuestInfo = new Dictionary<string, string>(deaf.GuestInfo) { ["deaf"] = "yes" } };
        await (await StorageVm.PlanNewAsync(_lab.Client, [deaf], default)).RunAsync(SilentReporter.Instance, default);
        MoRef vm = await _lab.VMAsync("uss1");
        await OnAsync(vm);
        Plan<IReadOnlyList<EncapsulatedStorageVm>> down = await StorageVm.PlanShutdownAsync(
            _lab.Client, [vm], TimeSpan.FromSeconds(1), default);
        Assert.Equal("ShutdownTimeout", (await Assert.ThrowsAsync<ZfsEsxException>(
            () => down.RunAsync(SilentReporter.Instance, default))).Id);
        Assert.Equal("poweredOn", (await StorageVm.GetAsync(_lab.Client, [vm], default))[0].PowerState);
    }

    private async Task<MoRef> NewAsync()
    {
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(_lab))[0];
        await (await StorageVm.PlanNewAsync(_lab.Client, [wanted], default)).RunAsync(SilentReporter.Instance, default);
        return await _lab.VMAsync(wanted.Name);
    }

    private async Task OnAsync(MoRef vm) => Assert.Equal(
        "poweredOn",
        (await (await StorageVm.PlanPowerOnAsync(_lab.Client, [vm], default))
            .RunAsync(SilentReporter.Instance, default))[0].PowerState);

    private async Task<bool> IsThereAsync() =>
        (await _lab.Client.FindAsync("VirtualMachine", ["name"], default)).Any(v => v.Name == "uss1");

    private static async Task UntilAsync(Func<Task<bool>> met)
    {
        for (int i = 0; !await met(); i++)
        {
            Assert.True(i < 600, "not within a minute");
            await Task.Delay(100);
        }
    }

    private sealed class WarningList : List<string>, IReporter
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
            lock (this)
            {
                Add(message);
            }
        }

        public void Progress(string activity, string status, int? percent = null)
        {
        }

        public void Completed(string activity)
        {
        }
    }
}
