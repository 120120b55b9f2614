using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>New storage VMs: what is refused before anything is made, and what one request makes.</summary>
public class StorageVmPlannerTests
{
    private static readonly MoRef s_hostRef = new("HostSystem", "host-1");
    private static readonly MoRef s_template = new("VirtualMachine", "vm-1");
    private static readonly MoRef s_folder = new("Folder", "group-v3");

    private static readonly VmDatastore s_local = new(
        new MoRef("Datastore", "ds-1"), "local", true, false, 100L << 30, [s_hostRef]);

    private static readonly VmDatastore s_fast = new(
        new MoRef("Datastore", "ds-2"), "fast", true, false, 50L << 30, [s_hostRef]);

    private static readonly VmHost s_host = new(
        s_hostRef, "vh1", true, false, new MoRef("ResourcePool", "resgroup-1"), ["VM Network", "eSAN-VM"],
        [s_local, s_fast])
    { VmFolder = s_folder };

    private static readonly VmFacts s_templateFacts = new()
    {
        Ref = s_template, Name = "debian-zfs", IsTemplate = true, Firmware = "bios", GuestId = "debian12_64Guest",
    };

    private static readonly NewStorageVm s_new = new()
    {
        Name = "uss1", Host = s_hostRef, SystemDisk = 16L << 30, GuestId = "Debian", Memory = 4L << 30,
    };

    private static readonly StorageVmInventory s_inventory = new(
        [s_host], [s_templateFacts], [(s_template, "debian-zfs")])
    {
        FolderOfTemplate = new Dictionary<MoRef, MoRef> { [s_template] = s_folder },
        Guests = new Dictionary<MoRef, IReadOnlyList<GuestFact>>
        {
            [s_hostRef] =
            [
                new("debian12_64Guest", "ParaVirtualSCSIController", ["bios", "efi"]),
                new("debian11_64Guest", "ParaVirtualSCSIController", ["bios", "efi"]),
                new("solaris11_64Guest", "VirtualLsiLogicController", ["bios"]),
            ],
        },
    };

    private static NewStorageVm Cloned => s_new with { SystemDisk = null, Template = s_template, GuestId = null };

    public static TheoryData<string, NewStorageVm> Wrong => new()
    {
        { "InvalidName", s_new with { Name = "two\nlines" } },
        { "InvalidName", s_new with { Name = new string('/', 27) } }, // each is three characters to vSphere
        { "InvalidName", s_new with { Name = " uss1" } },
        { "InvalidName", s_new with { Name = new string('u', 81) } },
        { "NoSource", s_new with { SystemDisk = null } },
        { "NoSource", s_new with { Template = s_template } },
        { "NoSource", Cloned with { InstallationImage = "[local] iso/x.iso" } },
        { "NoGuest", s_new with { GuestId = null } },
        { "InvalidDiskSize", s_new with { SystemDisk = 1L << 20 } },
        { "InvalidDiskSize", s_new with { DataDisks = [1L << 20] } },
        { "InvalidImage", s_new with { InstallationImage = "iso/x.iso" } },
        { "InvalidImage", s_new with { InstallationImage = "[local] iso/" } },
        { "InvalidImage", s_new with { InstallationImage = "[local] *.iso" } },
        { "InvalidProcessors", s_new with { NumCpu = 0 } },
        { "InvalidName", s_new with { StorageNetwork = "two\nlines" } },
    };

    public static TheoryData<string, NewStorageVm> Unfit => new()
    {
        { "PortGroupNotFound", s_new with { StorageNetwork = "elsewhere" } },
        { "DatastoreNotOnHost", s_new with { Datastore = new MoRef("Datastore", "ds-9") } },
        {
            "DatastoreNotOnHost",
            s_new with { DataDisks = [new NewDisk(1L << 30) { Datastore = new MoRef("Datastore", "ds-9") }] }
        },
        { "GuestNotKnown", s_new with { GuestId = "FreeBSD" } },
        { "GuestNotKnown", s_new with { GuestId = "debian99_64Guest" } },
        { "FirmwareNotSupported", s_new with { GuestId = "Illumos", Firmware = VmFirmware.Efi } },
        { "FirmwareDiffers", Cloned with { Firmware = VmFirmware.Efi } },
        { "ImageNotFound", s_new with { InstallationImage = "[nowhere] iso/x.iso" } },
        { "DatastoreFull", s_new with { DataDisks = [Thick(97L << 30)] } },
        { "DatastoreFull", s_new with { DataDisks = [Thick(51L << 30) with { Datastore = s_fast.Ref }] } },
        { "NameIsTemplate", Cloned with { Name = "Debian-ZFS" } },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Wrong_arguments_are_refused_without_a_look(string id, NewStorageVm wanted) =>
        Assert.Equal(id, Assert.Throws<ZfsEsxException>(() => StorageVmRefusals.Check([wanted])).Id);

    [Theory, MemberData(nameof(Unfit))]
    public void What_does_not_fit_is_refused(string id, NewStorageVm wanted)
    {
        StorageVmRefusals.Check([wanted]);
        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(() => Plan(wanted));
        Assert.Equal(id, refusal.Id);
        Assert.False(string.IsNullOrEmpty(refusal.Target));
    }

    [Fact]
    public void A_missing_image_and_a_running_template_are_refused()
    {
        NewStorageVm image = s_new with { InstallationImage = "[local] iso/x.iso" };
        Assert.Equal("ImageNotFound", Assert.Throws<ZfsEsxException>(
            () => Plan(image, s_inventory with { MissingImages = ["[local] iso/x.iso"] })).Id);
        Assert.Single(Plan(image).Changes);
        StorageVmInventory running = s_inventory with { VMs = [s_templateFacts with { PowerState = "poweredOn" }] };
        Assert.Equal("TemplateRunning", Assert.Throws<ZfsEsxException>(() => Plan(Cloned, running)).Id);
    }

    [Fact]
    public void VMs_of_one_call_share_the_space()
    {
        SpaceClaims claims = new();
        NewStorageVm large = s_new with { DataDisks = [Thick(60L << 30)], Datastore = s_local.Ref };
        Assert.Single(StorageVmPlanner.Compare(s_inventory, large, claims, new Recorder(), []));
        Assert.Equal("DatastoreFull", Assert.Throws<ZfsEsxException>(() => StorageVmPlanner.Compare(
            s_inventory, large with { Name = "uss2" }, claims, new Recorder(), [])).Id);
    }

    [Fact]
    public void Thin_disks_that_can_outgrow_the_datastore_are_a_warning() =>
        Assert.Contains("can grow beyond datastore local", Assert.Single(
            Plan(s_new with { DataDisks = [200L << 30] }).Warnings), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 4, false)]
    [InlineData(256, 4, false)] // 2 GB for the table: 4 GB are enough
    [InlineData(1024, 4, true)]
    [InlineData(1024, 8, false)]
    [InlineData(2048, 8, true)]
    public void Deduplication_wants_8_GB_for_each_terabyte(int gigabytes, int memory, bool warned) => Assert.Equal(
        warned,
        Plan(s_new with { Deduplicated = (long)gigabytes << 30, Memory = (long)memory << 30 }).Warnings
            .Any(w => w.Contains("8 GB for each terabyte", StringComparison.Ordinal)));

    [Fact]
    public void A_VM_with_its_own_system_disk_is_one_request_in_the_order_of_the_type()
    {
        NewStorageVm wanted = s_new with
        {
            Firmware = VmFirmware.Efi,
            InstallationImage = "[local] iso/debian.iso",
            DataDisks = [Thick(8L << 30) with { Datastore = s_fast.Ref }],
            GuestInfo = new Dictionary<string, string> { ["hostname"] = "uss1" },
        };
        Recorder made = new();
        Change change = Assert.Single(StorageVmPlanner.Compare(s_inventory, wanted, new SpaceClaims(), made, []));
        Assert.Equal(
            "uss1: Create on vh1, datastore local: EFI, set the system to debian12_64Guest, set 2 processors, "
            + "set 4 GB of memory, add a thin disk of 16 GB, add an eager-zeroed disk of 8 GB on datastore fast, "
            + "add an adapter on VM Network, add an adapter on eSAN-VM, set guestinfo.hostname, "
            + "insert [local] iso/debian.iso",
            change.ToString());
        string sent = Recorded.Canonical(
            made.Spec(change).ToCreateArg("uss1", "local", VmFirmware.Efi, wanted.InstallationImage));
        Assert.Equal(
            [
                "name = uss1", "guestId = debian12_64Guest", "files", "numCPUs = 2", "memoryMB = 4096",
                .. Enumerable.Repeat("deviceChange xsi:VirtualDeviceConfigSpec", 6), "extraConfig xsi:OptionValue",
                "firmware = efi",
            ],
            sent.Split('\n')
                .Where(l => l.StartsWith("    ", StringComparison.Ordinal) && l[4] != ' ')
                .Select(l => l.Trim()));
        string flat = string.Join('|', sent.Split('\n').Select(l => l.Trim()));
        Assert.Contains(
            "fileName = [fast]|diskMode = persistent|thinProvisioned = false|eagerlyScrub = true|", flat,
            StringComparison.Ordinal);
        Assert.Contains("backing xsi:VirtualCdromIsoBackingInfo|fileName = [local] iso/debian.iso|", flat,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_system_disk_hangs_on_the_controller_that_the_host_recommends()
    {
        Recorder made = new();
        Change change = StorageVmPlanner.Compare(
            s_inventory, s_new with { GuestId = "Illumos" }, new SpaceClaims(), made, [])[0];
        string sent = Recorded.Canonical(made.Spec(change).ToCreateArg("uss1", "local", VmFirmware.Bios, null));
        Assert.Contains("device xsi:VirtualLsiLogicController", sent, StringComparison.Ordinal);
        Assert.Contains("guestId = solaris11_64Guest", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void More_disks_than_places_are_refused_and_every_controller_has_its_own_bus()
    {
        NewStorageVm many = s_new with { DataDisks = [.. Enumerable.Repeat((NewDisk)(1L << 30), 59)] };
        Recorder made = new();
        Change change = StorageVmPlanner.Compare(s_inventory, many, new SpaceClaims(), made, [])[0];
        string sent = Recorded.Canonical(made.Spec(change).ToCreateArg("uss1", "local", VmFirmware.Bios, null));
        Assert.Equal(
            ["0", "1", "2", "3"],
            sent.Split('\n')
                .Where(l => l.Contains("busNumber", StringComparison.Ordinal))
                .Select(l => l.Split('=')[1].Trim()));
        Assert.Equal("TooManyDisks", Assert.Throws<ZfsEsxException>(
            () => Plan(many with { DataDisks = [.. many.DataDisks, 1L << 30] })).Id);
    }

    [Fact]
    public void A_clone_that_was_not_configured_is_finished_like_a_new_one()
    {
        VmFacts bare = s_templateFacts with
        {
            Ref = new MoRef("VirtualMachine", "vm-7"), Name = "uss1", IsTemplate = false, Host = s_hostRef
        };
        StorageVmInventory left = s_inventory with
        {
            VMs = [s_templateFacts, bare], Names = [.. s_inventory.Names, (bare.Ref, "uss1")],
        };
        NewStorageVm wanted = Cloned with { GuestInfo = new Dictionary<string, string> { ["hostname"] = "uss1" } };
        Change change = Assert.Single(Plan(wanted, left).Changes);
        Assert.StartsWith("Reconfigure: set 2 processors", change.Action, StringComparison.Ordinal);
        Assert.Equal("FirmwareDiffers", Assert.Throws<ZfsEsxException>(
            () => Plan(s_new with { Firmware = VmFirmware.Efi }, left)).Id);
    }

    [Fact]
    public void A_template_of_another_datacenter_does_not_take_the_VM_there()
    {
        StorageVmInventory elsewhere = s_inventory with
        {
            FolderOfTemplate = new Dictionary<MoRef, MoRef> { [s_template] = new("Folder", "group-v99") },
        };
        Recorder made = new();
        Change clone = StorageVmPlanner.Compare(elsewhere, Cloned, new SpaceClaims(), made, [])[0];
        _ = clone.ApplyAsync(SilentReporter.Instance, default);
        Assert.Equal(s_folder, made.Place!.Folder);
    }

    private static NewDisk Thick(long size) => new(size) { Format = VirtualDiskFormat.EagerZeroedThick };

    private static (IReadOnlyList<Change> Changes, List<string> Warnings) Plan(
        NewStorageVm wanted, StorageVmInventory? inventory = null)
    {
        List<string> warnings = [];
        return (StorageVmPlanner.Compare(inventory ?? s_inventory, wanted, new SpaceClaims(), new Recorder(), warnings),
            warnings);
    }

    private sealed class Recorder : IStorageVmActions
    {
        private StorageVmSpec? _spec;

        public StorageVmPlace? Place { get; private set; }

        public StorageVmSpec Spec(Change change)
        {
            _ = change.ApplyAsync(SilentReporter.Instance, default);
            return _spec!;
        }

        public Task CloneAsync(
            VmFacts template, NewStorageVm wanted, StorageVmPlace place, IReporter reporter, CancellationToken ct)
        {
            Place = place;
            return Task.CompletedTask;
        }

        public Task CreateAsync(
            NewStorageVm wanted, StorageVmPlace place, StorageVmSpec spec, IReporter reporter, CancellationToken ct)
        {
            _spec = spec;
            return Task.CompletedTask;
        }

        public Task ConfigureCloneAsync(
            NewStorageVm wanted, int systemDisks, IReporter reporter, CancellationToken ct) => Task.CompletedTask;

        public Task ReconfigureAsync(VmFacts vm, StorageVmSpec spec, IReporter reporter, CancellationToken ct) =>
            Task.CompletedTask;
    }
}
