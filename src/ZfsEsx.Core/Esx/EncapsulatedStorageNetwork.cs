using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>The storage network on one host: a switch, a vmkernel port and a port group for the storage VM.</summary>
public sealed record EncapsulatedStorageNetwork
{
    /// <summary>The host's name.</summary>
    public required string VMHost { get; init; }

    /// <summary>PowerCLI's id of the host.</summary>
    public required string VMHostId { get; init; }

    /// <summary>The switch.</summary>
    public required string Switch { get; init; }

    /// <summary>Whether it is a distributed switch, which ZfsEsx uses but does not change.</summary>
    public bool Distributed { get; init; }

    /// <summary>Its physical adapters; none means that only this host reaches it.</summary>
    public IReadOnlyList<string> Uplinks { get; init; } = [];

    /// <summary>The switch's largest packet in bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>The vmkernel port: <c>vmk1</c>; empty when there is none.</summary>
    public string VmkernelPort { get; init; } = string.Empty;

    /// <summary>The vmkernel port's largest packet in bytes.</summary>
    public int VmkernelMtu { get; init; }

    /// <summary>The vmkernel port's address.</summary>
    public string IPAddress { get; init; } = string.Empty;

    /// <summary>The vmkernel port's mask.</summary>
    public string SubnetMask { get; init; } = string.Empty;

    /// <summary>Port group of the vmkernel port; empty when there is none.</summary>
    public string VmkernelPortGroup { get; init; } = string.Empty;

    /// <summary>All port groups of the switch.</summary>
    public IReadOnlyList<string> PortGroups { get; init; } = [];

    /// <summary>VLAN of the vmkernel port's port group; 0 is none, -1 of a distributed one is several.</summary>
    public int VlanId { get; init; }

    /// <summary>NFS datastores that the host mounts over the vmkernel port.</summary>
    public IReadOnlyList<string> Datastores { get; init; } = [];

    /// <summary>VMs of the host with a network card on the switch.</summary>
    public IReadOnlyList<string> VMs { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => VMHost + " " + Switch + " " + IPAddress;
}

/// <summary>A storage network as it should be on every host given.</summary>
public sealed record NewStorageNetwork
{
    /// <summary>
    /// The standard switch, which is made where it is missing; or a distributed switch that the hosts belong to.
    /// </summary>
    public string Switch { get; init; } = "eSAN";

    /// <summary>Physical adapters for it. None: only the host itself reaches its storage VM over it.</summary>
    public IReadOnlyList<string> Uplinks { get; init; } = [];

    /// <summary>Largest packet in bytes, for the switch and the vmkernel port.</summary>
    public int Mtu { get; init; } = 9000;

    /// <summary>
    /// Port group of the vmkernel port; it serves nothing else. Of a distributed switch it must exist.
    /// </summary>
    public string VmkernelPortGroup { get; init; } = "eSAN-Interface1";

    /// <summary>Port group for the storage VM.</summary>
    public string VmPortGroup { get; init; } = "eSAN-VM";

    /// <summary>VLAN of both port groups; 0 is none.</summary>
    public int VlanId { get; init; }

    /// <summary>Mask of the vmkernel ports.</summary>
    public string SubnetMask { get; init; } = "255.255.255.0";
}

/// <summary>A host and the address of its vmkernel port in the storage network.</summary>
/// <param name="Host">The host.</param>
/// <param name="IPAddress">IPv4 address.</param>
public sealed record StorageNetworkAddress(MoRef Host, string IPAddress);
