namespace ZfsEsx.Esx;

/// <summary>What is to be removed from a host so that its storage network is gone. Pure.</summary>
internal static class StorageNetworkRemoval
{
    /// <summary>The steps for one host: vmkernel port, port groups, switch.</summary>
    /// <exception cref="ZfsEsxException">The host is refused.</exception>
    public static IReadOnlyList<Change> Compare(
        HostNetworkFacts host,
        NewStorageNetwork names,
        bool force,
        IStorageNetworkActions actions,
        List<string> warnings)
    {
        if (host.Switch(names.Switch) is not HostSwitch sw)
        {
            return [];
        }

        HostPortGroup? ports = host.Group(names.VmkernelPortGroup, sw.Name);
        HostPortGroup? vms = host.Group(names.VmPortGroup, sw.Name);
        VmkernelPort? port = host.PortOn(ports);
        StorageNetworkRefusals.CheckConnected(host);
        Check(host, ports, vms, port, force);

        List<Change> changes = [];
        if (port is not null)
        {
            Remove("vmkernel port " + port.Device + " (" + port.IPAddress + ")", ct =>
                actions.RemovePortAsync(host, port, ct));
        }

        if (sw.IsDistributed)
        {
            return changes;
        }

        foreach (HostPortGroup group in new[] { ports, vms }.OfType<HostPortGroup>())
        {
            Remove("port group " + group.Name, ct => actions.RemovePortGroupAsync(host, group, ct));
        }

        string[] left =
            [.. host.PortGroups.Where(g => g.Switch == sw.Name && g != ports && g != vms).Select(g => g.Name)];
        if (left.Length == 0)
        {
            Remove("switch " + sw.Name, ct => actions.RemoveSwitchAsync(host, sw, ct));
        }
        else if (changes.Count > 0)
        {
            warnings.Add("Switch " + sw.Name + " of " + host.Name + " is left: it has other port groups too ("
                + string.Join(", ", left) + ").");
        }

        return changes;

        void Remove(string what, Func<CancellationToken, Task> apply) => changes.Add(new Change(
            host.Name, "Remove " + what, (_, ct) => apply(ct), ChangeRisk.Disruptive));
    }

    private static void Check(
        HostNetworkFacts host, HostPortGroup? ports, HostPortGroup? vms, VmkernelPort? port, bool force)
    {
        if (port is not null)
        {
            StorageNetworkRefusals.CheckServices(host, port);
            Refuse(host.MountedThrough(port), port.Device, "Datastores are mounted over " + port.Device,
                "Unmount them first: Dismount-ZfsNfsDatastore.");
            if (!force)
            {
                Refuse(host.MountedByName(), port.Device,
                    "Datastores are mounted whose servers are given by name, so that they may come over " + port.Device,
                    "Unmount them first, or, if they come another way, repeat with -Force.");
            }
        }

        foreach (HostPortGroup group in new[] { ports, vms }.OfType<HostPortGroup>())
        {
            if (group.Key is null)
            {
                Refuse(host.VMsOn(group).Select(c => c.VM).Distinct(), group.Name,
                    "VMs have a network card on the port group " + group.Name,
                    "Move the card to another port group, or remove the VM first.");
            }
        }

        if (host.PortOn(vms) is VmkernelPort other)
        {
            Refuse([other.Device], vms!.Name, "Another vmkernel port is on the port group " + vms.Name,
                "Name the port group of the storage VM.");
        }

        void Refuse(IEnumerable<string> users, string thing, string what, string advice)
        {
            string[] all = [.. users];
            if (all.Length > 0)
            {
                throw StorageNetworkRefusals.InUse(
                    host, thing, what + " of " + host.Name + ": " + string.Join(", ", all), advice);
            }
        }
    }
}
