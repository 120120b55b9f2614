namespace ZfsEsx.Esx;

/// <summary>What a plan for a storage network refuses of a host, before anything is changed.</summary>
internal static class StorageNetworkRefusals
{
    public static void Check(HostNetworkFacts host, IReadOnlyList<HostNetworkFacts> all, string address,
        NewStorageNetwork wanted)
    {
        CheckConnected(host);
        HostSwitch? sw = host.Switch(wanted.Switch);
        if (sw is { IsDistributed: true })
        {
            CheckDistributed(host, sw, wanted);
        }
        else
        {
            CheckUplinks(host, wanted);
            CheckGroups(host, wanted);
        }

        HostPortGroup? group = host.Group(wanted.VmkernelPortGroup, wanted.Switch);
        CheckPort(host, host.PortOn(group), group, address, wanted);
        CheckAddress(host, all, host.PortOn(group), address, wanted);
    }

    public static void CheckConnected(HostNetworkFacts host)
    {
        if (!host.Connected)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, host.Name, "The host " + host.Name + " is not connected.",
                "Connect it to vCenter again, and repeat the command.");
        }
    }

    public static void CheckServices(HostNetworkFacts host, VmkernelPort port)
    {
        if (port.Services.Count > 0)
        {
            throw new ZfsEsxException(
                "VmkernelPortInUse", FailureKind.InUse, host.Name + " " + port.Device,
                "The vmkernel port " + port.Device + " of " + host.Name + " serves " + string.Join(", ", port.Services)
                    + ".",
                "Storage needs a port of its own: choose another port group.");
        }
    }

    private static void CheckDistributed(HostNetworkFacts host, HostSwitch sw, NewStorageNetwork wanted)
    {
        if (wanted.Uplinks.Count > 0)
        {
            throw new ZfsEsxException(
                "SwitchDistributed", FailureKind.InvalidArgument, host.Name + " " + sw.Name,
                "The switch " + sw.Name + " of " + host.Name
                    + " is a distributed one: its uplinks are not given host by host.",
                "Leave out -Uplink, and change the switch in the vSphere client.");
        }

        foreach (string name in new[] { wanted.VmkernelPortGroup, wanted.VmPortGroup })
        {
            HostPortGroup group = host.Group(name, sw.Name) ?? throw new ZfsEsxException(
                "PortGroupNotFound", FailureKind.NotFound, host.Name + " " + name,
                "The distributed switch " + sw.Name + " has no port group " + name + " on " + host.Name + ".",
                "It has " + string.Join(", ", host.PortGroups.Where(g => g.Switch == sw.Name).Select(g => g.Name))
                    + ". Make the port group in the vSphere client, or give the name of an existing one.");
            if (wanted.VlanId != 0 && group.VlanId != wanted.VlanId)
            {
                throw new ZfsEsxException(
                    "SwitchDistributed", FailureKind.InvalidArgument, host.Name + " " + name,
                    "The distributed port group " + name + " is in "
                        + (group.VlanId > 0 ? "VLAN " + group.VlanId : group.VlanId == 0 ? "no VLAN" : "several VLANs")
                        + ", not in VLAN " + wanted.VlanId + ".",
                    "Leave out -VlanId, and change the port group in the vSphere client: all hosts share it.");
            }
        }

        if (sw.Mtu > 0 && sw.Mtu < wanted.Mtu)
        {
            throw new ZfsEsxException(
                "SwitchMtu", FailureKind.InvalidState, host.Name + " " + sw.Name,
                "The distributed switch " + sw.Name + " carries packets of " + sw.Mtu + " bytes, not of " + wanted.Mtu
                    + ".",
                "Raise its MTU in the vSphere client: all hosts share it. Or give -Mtu " + sw.Mtu + ".");
        }
    }

    private static void CheckUplinks(HostNetworkFacts host, NewStorageNetwork wanted)
    {
        foreach (string uplink in wanted.Uplinks)
        {
            if (!host.Adapters.Contains(uplink))
            {
                throw new ZfsEsxException(
                    "UplinkNotFound", FailureKind.NotFound, host.Name + " " + uplink,
                    "The host " + host.Name + " has no physical adapter '" + uplink + "'.",
                    "It has " + string.Join(", ", host.Adapters) + ".");
            }

            if (host.Switches.FirstOrDefault(s => s.Name != wanted.Switch && s.Uplinks.Contains(uplink))
                is HostSwitch owner)
            {
                throw new ZfsEsxException(
                    "UplinkInUse", FailureKind.InUse, host.Name + " " + uplink,
                    "The adapter " + uplink + " of " + host.Name + " belongs to the switch " + owner.Name + ".",
                    "Choose a free adapter, or take it from that switch first.");
            }
        }
    }

    private static void CheckGroups(HostNetworkFacts host, NewStorageNetwork wanted)
    {
        foreach (HostPortGroup group in host.PortGroups.Where(g => g.Key is null
            && (g.Name == wanted.VmkernelPortGroup || g.Name == wanted.VmPortGroup) && g.Switch != wanted.Switch))
        {
            throw new ZfsEsxException(
                "PortGroupTaken", FailureKind.AlreadyExists, host.Name + " " + group.Name,
                "The port group " + group.Name + " of " + host.Name + " is on the switch " + group.Switch + ", not on "
                    + wanted.Switch + ".",
                "Choose another name for the port group, or give that switch's name.");
        }

        HostPortGroup? vmGroup = host.Group(wanted.VmPortGroup, wanted.Switch);
        if (host.PortOn(vmGroup) is VmkernelPort port)
        {
            throw new ZfsEsxException(
                "PortGroupTaken", FailureKind.InUse, host.Name + " " + wanted.VmPortGroup,
                "The port group " + wanted.VmPortGroup + " of " + host.Name + " belongs to the vmkernel port "
                    + port.Device + "; no VM can use it.",
                "Choose another port group for the storage VM.");
        }

        string[] running = vmGroup is null || vmGroup.VlanId == wanted.VlanId ? []
            : [.. host.VMsOn(vmGroup).Where(c => c.Running).Select(c => c.VM).Distinct()];
        if (running.Length > 0)
        {
            throw InUse(host, vmGroup!.Name, "Running VMs are on the port group " + vmGroup.Name + " of " + host.Name
                + ", which is in VLAN " + vmGroup.VlanId + ", not " + wanted.VlanId + ": " + string.Join(", ", running),
                "In another VLAN they would be cut off. Shut them down first, or give -VlanId " + vmGroup.VlanId + ".");
        }
    }

    private static void CheckPort(
        HostNetworkFacts host, VmkernelPort? port, HostPortGroup? group, string address, NewStorageNetwork wanted)
    {
        if (port is null)
        {
            return;
        }

        CheckServices(host, port);
        string[] mounted = [.. host.MountedThrough(port), .. host.MountedByName()];
        if (mounted.Length == 0)
        {
            return;
        }

        string datastores = string.Join(", ", mounted);
        if (port.IPAddress != address || port.SubnetMask != wanted.SubnetMask)
        {
            throw new ZfsEsxException(
                "VmkernelPortDiffers", FailureKind.InUse, host.Name + " " + port.Device,
                "The vmkernel port " + port.Device + " of " + host.Name + " has the address " + port.IPAddress + " ("
                    + port.SubnetMask + "), not " + address + " (" + wanted.SubnetMask
                    + "), and datastores are mounted over it: " + datastores + ".",
                "Use its address, or unmount them first: Dismount-ZfsNfsDatastore.");
        }

        if (!host.Switches.Any(s => s.Name == group!.Switch && s.IsDistributed) && group!.VlanId != wanted.VlanId)
        {
            throw InUse(host, group.Name, "The port group " + group.Name + " of " + host.Name + " is in VLAN "
                + group.VlanId + ", not " + wanted.VlanId + ", and datastores are mounted over it: " + datastores,
                "In another VLAN they would be lost. Unmount them first (Dismount-ZfsNfsDatastore), or give -VlanId "
                    + group.VlanId + ".");
        }
    }

    // Two ports in one subnet: the host sends NFS out of whichever it likes.
    private static void CheckAddress(
        HostNetworkFacts host, IReadOnlyList<HostNetworkFacts> all, VmkernelPort? own, string address,
        NewStorageNetwork wanted)
    {
        string? owner = all.SelectMany(h => h.Ports
            .Where(p => p.IPAddress == address && (h.Ref != host.Ref || p != own))
            .Select(p => p.Device + " of " + h.Name)
            .Concat(h.GuestAddresses.Where(g => g.Address == address).Select(g => "the VM " + g.VM))).FirstOrDefault();
        if (owner is not null)
        {
            throw new ZfsEsxException(
                "AddressTaken", FailureKind.AlreadyExists, host.Name + " " + address,
                "The address " + address + " for " + host.Name + " belongs to " + owner + ".",
                "Choose a free address.");
        }

        foreach (VmkernelPort port in host.Ports.Where(p => p != own
            && Subnet.Overlap(p.IPAddress, p.SubnetMask, address, wanted.SubnetMask)))
        {
            throw new ZfsEsxException(
                "SubnetShared", FailureKind.InUse, host.Name + " " + address,
                "The address " + address + " is in the subnet of " + port.Device + " (" + port.IPAddress + ") of "
                    + host.Name + ".",
                "With two ports in one subnet the host may send NFS over the wrong one. Use a subnet of its own "
                    + "for storage.");
        }
    }

    internal static ZfsEsxException InUse(HostNetworkFacts host, string thing, string message, string advice) =>
        new("StorageNetworkInUse", FailureKind.InUse, host.Name + " " + thing, message + ".", advice);
}
