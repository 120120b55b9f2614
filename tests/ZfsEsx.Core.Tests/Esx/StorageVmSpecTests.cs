using System.Text;
using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>
/// What is changed in a VM. The VM is a recorded one: 32 MB, a processor, a 10 GB disk, an E1000, a passed-through
/// device.
/// </summary>
public class StorageVmSpecTests
{
    private static readonly VmFacts s_vm = new()
    {
        Ref = new MoRef("VirtualMachine", "vm-47"),
        Name = "uss1",
        MemoryMB = 256,
        NumCpu = 1,
        ReservationLocked = true,
        ReservationMB = 256,
        Devices = Recorded.Objects("25-VM-config")[0]["config.hardware.device"].Items,
    };

    private static readonly NewStorageVm s_wanted = new()
    {
        Name = "uss1",
        Host = default,
        Template = default(MoRef),
        Memory = 256L << 20,
        NumCpu = 1,
        ManagementNetwork = VmFacts.Network(s_vm.Adapters[0]),
    };

    [Fact]
    public void Everything_that_is_missing_goes_in_one_request_in_the_order_of_the_type()
    {
        NewStorageVm wanted = s_wanted with
        {
            NumCpu = 2,
            Memory = 512L << 20,
            DataDisks = [1L << 30, 2L << 30],
            GuestInfo = new Dictionary<string, string> { ["hostname"] = "uss1; reboot" },
        };
        StorageVmSpec spec = StorageVmSpec.Compare(s_vm, wanted.Settings, s_vm.Disks.Count, fresh: false);
        Assert.True(spec.NeedsPowerOff);
        Assert.Equal(
            [
                "set 2 processors", "set 512 MB of memory", "add a thin disk of 1 GB", "add a thin disk of 2 GB",
                "add an adapter on eSAN-VM", "set guestinfo.hostname",
            ],
            spec.Words);
        string[] lines = Recorded.Canonical(spec.ToArg()).Split('\n');
        Assert.Equal(
            [
                "numCPUs = 2", "memoryMB = 512", "deviceChange xsi:VirtualDeviceConfigSpec",
                "deviceChange xsi:VirtualDeviceConfigSpec",
                "deviceChange xsi:VirtualDeviceConfigSpec", "memoryAllocation", "extraConfig xsi:OptionValue",
            ],
            lines.Where(l => l.StartsWith("    ", StringComparison.Ordinal) && l[4] != ' ').Select(l => l.Trim()));
        Assert.Contains("value xsi:xsd:string = uss1; reboot", string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Disks_get_keys_and_places_of_their_own()
    {
        NewStorageVm wanted = s_wanted with { DataDisks = [.. Enumerable.Repeat((NewDisk)(1L << 30), 20)] };
        string[] lines = Recorded
            .Canonical(StorageVmSpec.Compare(s_vm, wanted.Settings, s_vm.Disks.Count, fresh: false).ToArg())
            .Split('\n');
        string[] Values(string field) =>
            [.. lines.Where(l => l.Trim().StartsWith(field + " = ", StringComparison.Ordinal)).Select(l => l.Trim())];
        Assert.Equal(Values("key").Length, Values("key").Distinct().Count());
        Assert.DoesNotContain("unitNumber = 7", Values("unitNumber"));
        Assert.Equal(20, Values("unitNumber").Zip(Values("controllerKey")).Distinct().Count());
        Assert.Contains("device xsi:ParaVirtualSCSIController", string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_of_another_kind_is_replaced_only_before_the_first_start()
    {
        bool isOther = !s_vm.Adapters[0].Is("VirtualVmxnet3");
        Assert.True(isOther, "The recorded VM has an adapter of another kind.");
        StorageVmSpec fresh = StorageVmSpec.Compare(s_vm, s_wanted.Settings, s_vm.Disks.Count, fresh: true);
        Assert.Contains(fresh.Words, w => w.StartsWith("replace ", StringComparison.Ordinal));
        StorageVmSpec old = StorageVmSpec.Compare(s_vm, s_wanted.Settings, s_vm.Disks.Count, fresh: false);
        Assert.Equal(["add an adapter on eSAN-VM"], old.Words);
        Assert.Contains("VMXNET3", Assert.Single(old.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_is_moved_with_its_address()
    {
        NewStorageVm wanted = s_wanted with { ManagementNetwork = "Elsewhere" };
        string sent = Recorded.Canonical(
            StorageVmSpec.Compare(s_vm, wanted.Settings, s_vm.Disks.Count, fresh: false).ToArg());
        Assert.Contains("deviceName = Elsewhere", sent, StringComparison.Ordinal);
        Assert.Contains("macAddress = " + s_vm.Adapters[0]["macAddress"].Text, sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Reserved_memory_follows_the_memory()
    {
        string sent = Recorded.Canonical(StorageVmSpec.Compare(
            s_vm, (s_wanted with { Memory = 1L << 30 }).Settings, s_vm.Disks.Count, fresh: false).ToArg());
        Assert.Contains("memoryAllocation\n      reservation = 1024\n      limit = -1", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_with_a_device_of_the_host_gets_its_memory_reserved_as_recorded()
    {
        StorageVmSpec spec = StorageVmSpec.Compare(
            s_vm with { ReservationLocked = false, ReservationMB = 0 }, new StorageVmSettings(), 1, fresh: false);
        Assert.Equal(["reserve all of its memory"], spec.Words);
        string sent = Recorded.Canonical(Encoding.UTF8.GetString(
            VimEnvelope.Write(s_vm.Ref, "ReconfigVM_Task", [spec.ToArg()])));
        const string amount = "    memoryAllocation\n      reservation = 256\n      limit = -1\n";
        Assert.Contains(amount, sent, StringComparison.Ordinal);
        Assert.Equal(
            Recorded.Request("28-ReconfigVM-reserve"), sent.Replace(amount, string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public void Switching_on_is_as_recorded() => Assert.Equal(
        Recorded.Request("29-PowerOnVM"),
        Recorded.Canonical(Encoding.UTF8.GetString(VimEnvelope.Write(s_vm.Ref, "PowerOnVM_Task", []))));

    [Fact]
    public void What_a_disk_is_otherwise_is_told_and_left()
    {
        StorageVmSettings wanted = new()
        {
            SystemDisks = 0,
            DataDisks =
            [
                new NewDisk(VmFacts.Capacity(s_vm.Disks[0]))
                {
                    Format = VmFacts.FormatOf(s_vm.Disks[0]) == VirtualDiskFormat.Thin ? VirtualDiskFormat.Thick
                        : VirtualDiskFormat.Thin,
                    DatastoreName = "elsewhere",
                },
            ],
        };
        StorageVmSpec spec = StorageVmSpec.Compare(s_vm, wanted, 0, fresh: false);
        Assert.Empty(spec.Words);
        Assert.Equal(2, spec.Warnings.Count);
        Assert.Contains("not on elsewhere; it is left", spec.Warnings[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(255)]
    [InlineData(1025)]
    [InlineData(0)]
    public void Memory_comes_in_steps(int megabytes) => Assert.Equal(
        "InvalidMemory",
        Assert.Throws<ZfsEsxException>(() =>
            StorageVmRefusals.Check([s_wanted with { Memory = (long)megabytes << 20 }])).Id);

    [Fact]
    public void A_name_is_asked_for_once() => Assert.Equal(
        "DuplicateName", Assert.Throws<ZfsEsxException>(() =>
            StorageVmRefusals.Check([s_wanted, s_wanted with { Name = "USS1" }])).Id);
}
