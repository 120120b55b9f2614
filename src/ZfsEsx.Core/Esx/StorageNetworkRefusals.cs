namespace ZfsEsx.Esx;

/// <summary>What a plan for a storage network refuses, before anything is changed.</summary>
internal static class StorageNetworkRefusals
{
    public static void Check(HostNetworkFacts host, IReadOnlyList<HostNetworkFacts> all, string address,
        NewStorageNetwork wanted)
    {
        if (!host.Connected)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, host.Name, "The host " + host.Name + " is not connected.",
                "Connect it to vCenter again, and repeat the command.");
        }

        CheckUplinks(host, wanted);
        CheckGroups(host, wanted);
        CheckPort(host, address, wanted);
        CheckAddress(host, all, address, wanted);
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

            string? owner = host.Switches.FirstOrDefault(s =>
                s.Name != wanted.Switch && s.Uplinks.Contains(uplink))?.Name
                ?? (host.DistributedUplinks.TryGetValue(uplink, out string? distributed) ? distributed : null);
            if (owner is not null)
            {
                throw new ZfsEsxException(
                    "UplinkInUse", FailureKind.InUse, host.Name + " " + uplink,
                    "The adapter " + uplink + " of " + host.Name + " belongs to the switch " + owner + ".",
                    "Choose a free adapter, or take it from that switch first.");
            }
        }
    }

    private static void CheckGroups(HostNetworkFacts host, NewStorageNetwork wanted)
    {
        foreach (HostPortGroup group in host.PortGroups.Where(g =>
            (g.Name == wanted.VmkernelPortGroup || g.Name == wanted.VmPortGroup) && g.Switch != wanted.Switch))
        {
            throw new ZfsEsxException(
                "PortGroupTaken", FailureKind.AlreadyExists, host.Name + " " + group.Name,
                "The port group " + group.Name + " of " + host.Name + " is on the switch " + group.Switch + ", not on "
                    + wanted.Switch + ".",
                "Choose another name for the port group, or give that switch's name.");
        }

        if (host.Ports.FirstOrDefault(p => p.PortGroup == wanted.VmPortGroup) is VmkernelPort port)
        {
            throw new ZfsEsxException(
                "PortGroupTaken", FailureKind.InUse, host.Name + " " + wanted.VmPortGroup,
                "The port group " + wanted.VmPortGroup + " of " + host.Name + " belongs to the vmkernel port "
                    + port.Device + "; no VM can use it.",
                "Choose another port group for the storage VM.");
        }
    }

    private static void CheckPort(HostNetworkFacts host, string address, NewStorageNetwork wanted)
    {
        VmkernelPort? port = host.Ports.FirstOrDefault(p => p.PortGroup == wanted.VmkernelPortGroup);
        if (port is not null && (port.IPAddress != address || port.SubnetMask != wanted.SubnetMask))
        {
            throw new ZfsEsxException(
                "VmkernelPortDiffers", FailureKind.InUse, host.Name + " " + port.Device,
                "The vmkernel port " + port.Device + " of " + host.Name + " has the address " + port.IPAddress + " ("
                    + port.SubnetMask + "), not "
                + address + " (" + wanted.SubnetMask + ").",
                "Datastores are mounted over it. Use its address, or unmount them and remove the port first.");
        }
    }

    // Two ports in one subnet: the host sends NFS out of whichever it likes.
    private static void CheckAddress(HostNetworkFacts host, IReadOnlyList<HostNetworkFacts> all, string address,
        NewStorageNetwork wanted)
    {
        foreach (HostNetworkFacts other in all)
        {
            foreach (VmkernelPort port in other.Ports.Where(p =>
                p.IPAddress == address && (other.Ref != host.Ref || p.PortGroup != wanted.VmkernelPortGroup)))
            {
                throw new ZfsEsxException(
                    "AddressTaken", FailureKind.AlreadyExists, host.Name + " " + address,
                    "The address " + address + " for " + host.Name + " belongs to " + port.Device + " of " + other.Name
                        + ".", "Choose a free address.");
            }
        }

        foreach (VmkernelPort port in host.Ports.Where(p =>
            p.PortGroup != wanted.VmkernelPortGroup
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
}
