using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A virtual switch of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mtu">Its largest packet.</param>
/// <param name="Uplinks">Its physical adapters.</param>
/// <param name="Spec">What the host was told: a change sends all of it back.</param>
/// <param name="Uuid">Of a distributed switch; null for a standard one.</param>
internal sealed record HostSwitch(
    string Name, int Mtu, IReadOnlyList<string> Uplinks, VimValue Spec, string? Uuid = null)
{
    public bool IsDistributed => Uuid is not null;
}

/// <summary>A port group that a host has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Switch">The name of its switch.</param>
/// <param name="VlanId">Its VLAN; 0 is none, <see cref="Trunk"/> is no single one.</param>
/// <param name="Spec">What the host was told; empty for a distributed one.</param>
/// <param name="Key">Of a distributed port group; null for one of a standard switch.</param>
internal sealed record HostPortGroup(string Name, string Switch, int VlanId, VimValue Spec, string? Key = null)
{
    /// <summary>The VLAN of a distributed port group that carries a range of them, or a private one.</summary>
    public const int Trunk = -1;

    /// <summary>Whether a port is on this port group, and not on one of the same name on another switch.</summary>
    public bool Has(VmkernelPort port) => Key is null
        ? port.DistributedKey is null && port.PortGroup == Name
        : port.DistributedKey == Key;
}

/// <summary>A VM with a network card on a port group of its host.</summary>
internal sealed record HostConnection(string VM, bool Running, string PortGroup, string? Key);

/// <summary>An NFS datastore of a host, and the servers it comes from.</summary>
internal sealed record HostNfsMount(string Name, IReadOnlyList<string> Servers);

/// <summary>Switches, port groups, vmkernel ports and physical adapters of a host, and what uses them.</summary>
internal sealed record HostNetworkFacts
{
    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public bool Connected { get; init; } = true;

    public MoRef NetworkSystem { get; init; }

    /// <summary>Standard and distributed switches.</summary>
    public IReadOnlyList<HostSwitch> Switches { get; init; } = [];

    public IReadOnlyList<HostPortGroup> PortGroups { get; init; } = [];

    public IReadOnlyList<VmkernelPort> Ports { get; init; } = [];

    /// <summary>Physical adapters: <c>vmnic0</c>.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    public IReadOnlyList<HostConnection> Connections { get; init; } = [];

    public IReadOnlyList<HostNfsMount> Mounts { get; init; } = [];

    /// <summary>Addresses that its VMs report, and the VM.</summary>
    public IReadOnlyList<(string Address, string VM)> GuestAddresses { get; init; } = [];

    public HostSwitch? Switch(string name) => Switches.FirstOrDefault(s => s.Name == name);

    public HostPortGroup? Group(string name, string switchName) =>
        PortGroups.FirstOrDefault(g => g.Name == name && g.Switch == switchName);

    public VmkernelPort? PortOn(HostPortGroup? group) => group is null ? null : Ports.FirstOrDefault(group.Has);

    public IEnumerable<HostConnection> VMsOn(HostPortGroup group) =>
        Connections.Where(c => c.PortGroup == group.Name && c.Key == group.Key);

    /// <summary>Datastores that come over a port, because their server is in its subnet.</summary>
    public IEnumerable<string> MountedThrough(VmkernelPort port) => Mounts
        .Where(m => m.Servers.Any(s => Subnet.Overlap(s, port.SubnetMask, port.IPAddress, port.SubnetMask)))
        .Select(m => m.Name);

    /// <summary>Datastores of servers that are given by name: which port they come over cannot be told.</summary>
    public IEnumerable<string> MountedByName() => Mounts
        .Where(m => m.Servers.All(s => !Subnet.TryParse(s, out _))).Select(m => m.Name + " (server given by name)");
}
