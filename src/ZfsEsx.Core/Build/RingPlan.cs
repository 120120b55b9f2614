namespace ZfsEsx.Build;

/// <summary>What is wanted: a ring of storage VMs, one on each host, each replicating to the next.</summary>
public sealed record RingPlan
{
    /// <summary>
    /// The members, in the order of the ring: each replicates to the one after it, the last to the first.
    /// </summary>
    public required IReadOnlyList<NodePlan> Nodes { get; init; }

    /// <summary>The storage network, the same on every host.</summary>
    public required StorageNetworkPlan Network { get; init; }

    /// <summary>
    /// Name of the template or VM that storage VMs are cloned from: an installed system with ZFS, ssh and NFS.
    /// </summary>
    public required string Template { get; init; }

    /// <summary>Port group of the storage VMs' first adapter.</summary>
    public required string ManagementNetwork { get; init; }

    /// <summary>The account on a storage VM that its predecessor in the ring logs in to.</summary>
    public string ReplicationUser { get; init; } = "zfsadm";

    /// <summary>How often each file system goes to the neighbour, in minutes; a divisor of 60.</summary>
    public int IntervalMinutes { get; init; } = 15;

}

/// <summary>One member of the ring: a host, its storage VM, and what that serves.</summary>
public sealed record NodePlan
{
    /// <summary>The ESXi host, by its name in the inventory.</summary>
    public required string VMHost { get; init; }

    /// <summary>Address of the host's vmkernel port in the storage network.</summary>
    public required string HostAddress { get; init; }

    /// <summary>Name of that address on the storage VMs: NFS clients are admitted by name.</summary>
    public required string HostName { get; init; }

    /// <summary>Device, as a PowerShell wildcard over its name, that becomes the pool's log device.</summary>
    public required string LogDevice { get; init; }

    /// <summary>Name of the storage VM.</summary>
    public required string StorageVm { get; init; }

    /// <summary>Its address in the storage network.</summary>
    public required string Address { get; init; }

    /// <summary>Name of that address on the other storage VMs.</summary>
    public required string AddressName { get; init; }

    /// <summary>Its memory in MB; all of it is reserved. 4096 serves a pool without dedup.</summary>
    public int MemoryMB { get; init; } = 4096;

    /// <summary>Its virtual CPUs.</summary>
    public int NumCpu { get; init; } = 2;

    /// <summary>Size of the data disk.</summary>
    public required ByteSize DataDisk { get; init; }

    /// <summary>Name of the pool.</summary>
    public required string Pool { get; init; }

    /// <summary>The shared file system, below the pool: <c>nas/vol0</c>.</summary>
    public required string Volume { get; init; }

    /// <summary>Where it is mounted, which is also the path of the export.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Name of the datastore on every host.</summary>
    public required string Datastore { get; init; }

    /// <summary>The shared file system's full name.</summary>
    public string FileSystem => Pool + "/" + Volume;
}

/// <summary>
/// A vSwitch for storage alone, with a vmkernel port for the host and a port group for the storage VM.
/// </summary>
public sealed record StorageNetworkPlan
{
    /// <summary>Name of the vSwitch.</summary>
    public required string Switch { get; init; }

    /// <summary>Its physical adapters; without any, a share is reachable from its own host only.</summary>
    public IReadOnlyList<string> Uplinks { get; init; } = [];

    /// <summary>Bytes per packet on the switch, the vmkernel ports and the storage VMs' adapters.</summary>
    public int Mtu { get; init; } = 9000;

    /// <summary>Port group of the hosts' vmkernel ports.</summary>
    public required string VmkernelPortGroup { get; init; }

    /// <summary>Port group of the storage VMs.</summary>
    public required string VmPortGroup { get; init; }

    /// <summary>VLAN of both port groups; 0 is none.</summary>
    public int VlanId { get; init; }

    /// <summary>Network part of every address, in bits.</summary>
    public int PrefixLength { get; init; } = 24;
}
