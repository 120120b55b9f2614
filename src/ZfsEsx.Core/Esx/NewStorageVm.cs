using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A storage VM as it should be.</summary>
public sealed record NewStorageVm
{
    /// <summary>Its name in the inventory.</summary>
    public required string Name { get; init; }

    /// <summary>The host whose disks and devices it gets.</summary>
    public required MoRef Host { get; init; }

    /// <summary>
    /// The template or powered-off VM that it is cloned from: an installed system with ZFS. Null for a VM with an empty
    /// system disk of its own.
    /// </summary>
    public MoRef? Template { get; init; }

    /// <summary>The empty system disk of a VM that is not cloned.</summary>
    public NewDisk? SystemDisk { get; init; }

    /// <summary>
    /// The image that its system is installed from, as <c>[datastore] iso/debian.iso</c>; only with a system disk of
    /// its own.
    /// </summary>
    public string? InstallationImage { get; init; }

    /// <summary>
    /// What vSphere should take its system for: an id such as <c>debian12_64Guest</c>, or a name that
    /// <see cref="GuestSystem"/> knows. The template's when null.
    /// </summary>
    public string? GuestId { get; init; }

    /// <summary>What starts its system. The template's, or BIOS, when null.</summary>
    public VmFirmware? Firmware { get; init; }

    /// <summary>
    /// Where its files go. When null: the datastore with the most free space among those that only this host has, else
    /// the template's. Never an NFS datastore: it may come from a storage VM.
    /// </summary>
    public MoRef? Datastore { get; init; }

    /// <summary>The inventory folder it is put into; the template's when null.</summary>
    public MoRef? Folder { get; init; }

    /// <summary>Its memory, in whole megabytes. The article: 4 GB without deduplication.</summary>
    public ByteSize Memory { get; init; } = 4L << 30;

    /// <summary>Number of virtual processors.</summary>
    public int NumCpu { get; init; } = 2;

    /// <summary>
    /// How much storage is to be deduplicated; only for advice about memory. The article: about 8 GB for each terabyte.
    /// </summary>
    public ByteSize Deduplicated { get; init; }

    /// <summary>
    /// Its data disks; they come after the system's. None where it gets a controller with disks passed through.
    /// </summary>
    public IReadOnlyList<NewDisk> DataDisks { get; init; } = [];

    /// <summary>Port group of the first adapter.</summary>
    public string ManagementNetwork { get; init; } = "VM Network";

    /// <summary>Port group of the second adapter.</summary>
    public string StorageNetwork { get; init; } = "eSAN-VM";

    /// <summary>Values that the guest can read as <c>guestinfo.NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> GuestInfo { get; init; } = new Dictionary<string, string>();

    internal IReadOnlyDictionary<string, DistributedGroup> Distributed { get; init; } =
        new Dictionary<string, DistributedGroup>();

    internal StorageVmSettings Settings => new()
    {
        NumCpu = NumCpu,
        Memory = Memory,
        DataDisks = DataDisks,
        ManagementNetwork = ManagementNetwork,
        StorageNetwork = StorageNetwork,
        Distributed = Distributed,
        GuestInfo = GuestInfo,
        GuestId = GuestId,
    };
}

/// <summary>What may change in a storage VM later. What is null is left as it is.</summary>
public sealed record StorageVmSettings
{
    /// <summary>Number of virtual processors.</summary>
    public int? NumCpu { get; init; }

    /// <summary>Its memory; a reservation of all of it goes along.</summary>
    public ByteSize? Memory { get; init; }

    /// <summary>
    /// All of its data disks in their order: missing ones are added, smaller ones grown, and none is ever made smaller
    /// or removed.
    /// </summary>
    public IReadOnlyList<NewDisk>? DataDisks { get; init; }

    /// <summary>How many disks are the system's; the data disks come after them.</summary>
    public int SystemDisks { get; init; } = 1;

    /// <summary>Port group of the first adapter.</summary>
    public string? ManagementNetwork { get; init; }

    /// <summary>Port group of the second adapter.</summary>
    public string? StorageNetwork { get; init; }

    /// <summary>Values that the guest can read as <c>guestinfo.NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> GuestInfo { get; init; } = new Dictionary<string, string>();

    internal string? GuestId { get; init; }

    /// <summary>The host's distributed port groups, once it is known.</summary>
    internal IReadOnlyDictionary<string, DistributedGroup> Distributed { get; init; } =
        new Dictionary<string, DistributedGroup>();
}

/// <summary>What starts a VM's system. It cannot be changed once a system is installed.</summary>
public enum VmFirmware
{
    /// <summary>The old kind, which every system knows.</summary>
    Bios,

    /// <summary>The new kind; needed for devices with very large memory windows.</summary>
    Efi,
}
