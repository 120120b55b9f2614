namespace ZfsEsx.Esx;

/// <summary>A storage VM as the host has it.</summary>
public sealed record EncapsulatedStorageVm
{
    /// <summary>Its name in the inventory.</summary>
    public required string Name { get; init; }

    /// <summary>PowerCLI's id: <c>VirtualMachine-vm-10</c>.</summary>
    public required string VMId { get; init; }

    /// <summary>The name of the host that it is on.</summary>
    public required string VMHost { get; init; }

    /// <summary>PowerCLI's id of the host.</summary>
    public required string VMHostId { get; init; }

    /// <summary><c>poweredOn</c>, <c>poweredOff</c> or <c>suspended</c>.</summary>
    public required string PowerState { get; init; }

    /// <summary><c>connected</c>, or <c>inaccessible</c> while its files cannot be read.</summary>
    public string ConnectionState { get; init; } = string.Empty;

    /// <summary>Whether VMware Tools run in it: <c>Running</c>, <c>NotRunning</c>, <c>ExecutingScripts</c>.</summary>
    public string Tools { get; init; } = string.Empty;

    /// <summary>What vSphere takes its system for: <c>debian12_64Guest</c>.</summary>
    public string GuestId { get; init; } = string.Empty;

    /// <summary><c>bios</c> or <c>efi</c>.</summary>
    public string Firmware { get; init; } = string.Empty;

    /// <summary>
    /// Its place among the VMs that its host starts after a boot: 1 is first, -1 after all with a number; null when the
    /// host does not start it.
    /// </summary>
    public int? StartOrder { get; init; }

    /// <summary>Number of virtual processors.</summary>
    public int NumCpu { get; init; }

    /// <summary>Its memory.</summary>
    public ByteSize Memory { get; init; }

    /// <summary>How much of its memory is reserved.</summary>
    public ByteSize MemoryReservation { get; init; }

    /// <summary>Whether all of its memory is reserved, as passed-through devices require.</summary>
    public bool MemoryReserved { get; init; }

    /// <summary>Its disks, in the order of their device keys.</summary>
    public IReadOnlyList<StorageVmDisk> Disks { get; init; } = [];

    /// <summary>Its network adapters, in the order of their device keys.</summary>
    public IReadOnlyList<StorageVmAdapter> Adapters { get; init; } = [];

    /// <summary>Its passed-through devices.</summary>
    public IReadOnlyList<StorageVmDirectPath> DirectPath { get; init; } = [];

    /// <summary>The <c>guestinfo.*</c> values set on it, without that prefix.</summary>
    public IReadOnlyDictionary<string, string> GuestInfo { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A virtual disk.</summary>
/// <param name="Name">What vSphere calls it: <c>Hard disk 1</c>.</param>
/// <param name="Key">Its device key.</param>
/// <param name="Capacity">Its size.</param>
/// <param name="File">Datastore path: <c>[local] uss1/uss1.vmdk</c>.</param>
/// <param name="Thin">Whether space is taken as it is written.</param>
public sealed record StorageVmDisk(string Name, int Key, ByteSize Capacity, string File, bool Thin)
{
    /// <summary>How its space is taken.</summary>
    public VirtualDiskFormat Format { get; init; }

    /// <summary>The name of its datastore.</summary>
    public string Datastore { get; init; } = string.Empty;

    /// <summary>Where it hangs: <c>SCSI 0:1</c> is unit 1 of the first SCSI controller.</summary>
    public string DeviceNode { get; init; } = string.Empty;

    /// <summary>
    /// The serial number that its guest sees where the VM has <c>disk.EnableUUID</c>; empty where vSphere does not say.
    /// </summary>
    public string Serial { get; init; } = string.Empty;

    /// <inheritdoc/>
    public override string ToString() => Name + " (" + Capacity + ")";
}

/// <summary>
/// A network adapter. Match it with the guest's by its MAC address: guests order adapters as they like.
/// </summary>
/// <param name="Name">What vSphere calls it: <c>Network adapter 1</c>.</param>
/// <param name="Type">Its kind: <c>Vmxnet3</c>, <c>E1000e</c>.</param>
/// <param name="MacAddress">Lower case, with colons.</param>
/// <param name="Network">The port group.</param>
public sealed record StorageVmAdapter(string Name, string Type, string MacAddress, string Network)
{
    /// <summary>Its addresses, as VMware Tools tell them.</summary>
    public IReadOnlyList<string> IPAddress { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name + " (" + Network + ")";
}

/// <summary>A passed-through device of a VM.</summary>
/// <param name="Id">The host's PCI address; empty when the host chooses the device.</param>
/// <param name="VendorId">Four hexadecimal digits.</param>
/// <param name="DeviceId">Four hexadecimal digits.</param>
/// <param name="MsiDisabled">Whether <c>pciPassthruN.msiEnabled</c> is FALSE for it.</param>
/// <param name="Key">Its device key in the VM.</param>
public sealed record StorageVmDirectPath(string Id, string VendorId, string DeviceId, bool MsiDisabled, int Key)
{
    /// <inheritdoc/>
    public override string ToString() => Id.Length > 0 ? Id : VendorId + ":" + DeviceId;
}
