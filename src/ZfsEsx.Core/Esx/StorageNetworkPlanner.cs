using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for a storage network does to a host.</summary>
internal interface IStorageNetworkActions
{
    Task AddSwitchAsync(HostNetworkFacts host, NewStorageNetwork wanted, CancellationToken ct);

    Task UpdateSwitchAsync(HostNetworkFacts host, HostSwitch observed, int mtu, IReadOnlyList<string> uplinks,
        CancellationToken ct);

    Task AddPortGroupAsync(HostNetworkFacts host, string name, NewStorageNetwork wanted, CancellationToken ct);

    Task UpdatePortGroupAsync(HostNetworkFacts host, HostPortGroup observed, int vlanId, CancellationToken ct);

    Task AddPortAsync(HostNetworkFacts host, string address, NewStorageNetwork wanted, CancellationToken ct);

    Task UpdatePortMtuAsync(HostNetworkFacts host, VmkernelPort observed, int mtu, CancellationToken ct);
}

/// <summary>Compares the networks of hosts with the storage network wanted. Pure.</summary>
internal static class StorageNetworkPlanner
{
    /// <summary>Refuses arguments that are wrong in themselves.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>, <c>InvalidAddress</c>, <c>InvalidMtu</c>,
    /// <c>InvalidVlan</c>, <c>AddressTaken</c>.</exception>
    public static void Check(IReadOnlyList<StorageNetworkAddress> hosts, NewStorageNetwork wanted)
    {
        VimName.Check("switch", wanted.Switch, 31); // hosts take no longer name for a standard switch
        VimName.Check("port group", wanted.VmkernelPortGroup);
        VimName.Check("port group", wanted.VmPortGroup);
        if (wanted.VmkernelPortGroup == wanted.VmPortGroup)
        {
            throw Bad("InvalidName", wanted.VmPortGroup,
                "The vmkernel port and the storage VM cannot share the port group '" + wanted.VmPortGroup + "'.");
        }

        if (wanted.Mtu is < 1280 or > 9000)
        {
            throw Bad("InvalidMtu", "Mtu", "An MTU of " + wanted.Mtu + " is not possible: 1280 to 9000 are.");
        }

        if (wanted.VlanId is < 0 or > 4095)
        {
            throw Bad("InvalidVlan", "VlanId", "There is no VLAN " + wanted.VlanId + ": 0 (none) to 4095 are.");
        }

        if (!Subnet.IsMask(wanted.SubnetMask))
        {
            throw Bad("InvalidAddress", wanted.SubnetMask, "'" + wanted.SubnetMask + "' is not a subnet mask.");
        }

        foreach (StorageNetworkAddress host in hosts.Where(h => !Subnet.TryParse(h.IPAddress, out _)))
        {
            throw Bad("InvalidAddress", host.IPAddress, "'" + host.IPAddress + "' is not an IPv4 address.");
        }

        if (hosts.GroupBy(h => h.IPAddress).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Bad("AddressTaken", twice.Key,
                "The address " + twice.Key + " is given to " + twice.Count() + " hosts.");
        }
    }

    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Compare(
        IReadOnlyList<HostNetworkFacts> hosts,
        IReadOnlyList<StorageNetworkAddress> addresses,
        NewStorageNetwork wanted,
        IStorageNetworkActions actions)
    {
        List<Change> changes = [];
        List<string> warnings = [];
        foreach (HostNetworkFacts host in hosts)
        {
            string address = addresses.First(a => a.Host == host.Ref).IPAddress;
            StorageNetworkRefusals.Check(host, hosts, address, wanted);
            PlanSwitch(host, wanted, actions, changes, warnings);
            PlanGroup(host, wanted.VmkernelPortGroup, wanted, actions, changes);
            PlanGroup(host, wanted.VmPortGroup, wanted, actions, changes);
            PlanPort(host, address, wanted, actions, changes);
        }

        return (changes, warnings);
    }

    private static void PlanSwitch(
        HostNetworkFacts host, NewStorageNetwork wanted, IStorageNetworkActions actions, List<Change> changes,
        List<string> warnings)
    {
        HostSwitch? sw = host.Switches.FirstOrDefault(s => s.Name == wanted.Switch);
        if (sw is null)
        {
            string with = wanted.Uplinks.Count > 0 ? "uplinks " + string.Join(", ", wanted.Uplinks) : "no uplink";
            changes.Add(new Change(
                host.Name, "Add switch " + wanted.Switch + " with " + with + ", MTU " + wanted.Mtu,
                (_, ct) => actions.AddSwitchAsync(host, wanted, ct)));
            return;
        }

        string[] missing = wanted.Uplinks.Except(sw.Uplinks).ToArray();
        warnings.AddRange(sw.Uplinks.Except(wanted.Uplinks).Where(_ => wanted.Uplinks.Count > 0)
            .Select(u => "Switch " + sw.Name + " of " + host.Name + " has the uplink " + u
                + " too; it is left there."));

        // A switch that carries larger packets than asked for harms nobody.
        int mtu = Math.Max(sw.Mtu, wanted.Mtu);
        if (missing.Length > 0 || mtu != sw.Mtu)
        {
            string[] uplinks = sw.Uplinks.Concat(missing).ToArray();
            string what = (missing.Length > 0 ? "add uplinks " + string.Join(", ", missing) : string.Empty)
                + (missing.Length > 0 && mtu != sw.Mtu ? " and " : string.Empty)
                + (mtu != sw.Mtu ? "raise its MTU from " + sw.Mtu + " to " + mtu : string.Empty);
            changes.Add(new Change(
                host.Name, "Change switch " + sw.Name + ": " + what,
                (_, ct) => actions.UpdateSwitchAsync(host, sw, mtu, uplinks, ct), ChangeRisk.Disruptive));
        }
    }

    private static void PlanGroup(
        HostNetworkFacts host, string name, NewStorageNetwork wanted, IStorageNetworkActions actions,
        List<Change> changes)
    {
        HostPortGroup? group = host.PortGroups.FirstOrDefault(g => g.Name == name);
        if (group is null)
        {
            changes.Add(new Change(
                host.Name, "Add port group " + name + " to switch " + wanted.Switch + Vlan(wanted.VlanId),
                (_, ct) => actions.AddPortGroupAsync(host, name, wanted, ct)));
        }
        else if (group.VlanId != wanted.VlanId)
        {
            changes.Add(new Change(
                host.Name, "Change port group " + name + ": VLAN " + group.VlanId + " to " + wanted.VlanId,
                (_, ct) => actions.UpdatePortGroupAsync(host, group, wanted.VlanId, ct), ChangeRisk.Disruptive));
        }
    }

    private static void PlanPort(
        HostNetworkFacts host, string address, NewStorageNetwork wanted, IStorageNetworkActions actions,
        List<Change> changes)
    {
        VmkernelPort? port = host.Ports.FirstOrDefault(p => p.PortGroup == wanted.VmkernelPortGroup);
        if (port is null)
        {
            changes.Add(new Change(
                host.Name,
                "Add vmkernel port " + address + " (" + wanted.SubnetMask + ", MTU " + wanted.Mtu + ") to port group "
                    + wanted.VmkernelPortGroup,
                (_, ct) => actions.AddPortAsync(host, address, wanted, ct)));
        }
        else if (port.Mtu != wanted.Mtu)
        {
            changes.Add(new Change(
                host.Name, "Change vmkernel port " + port.Device + ": MTU " + port.Mtu + " to " + wanted.Mtu,
                (_, ct) => actions.UpdatePortMtuAsync(host, port, wanted.Mtu, ct), ChangeRisk.Disruptive));
        }
    }

    private static string Vlan(int id) => id == 0 ? string.Empty : " in VLAN " + id;

    private static ZfsEsxException Bad(string id, string target, string message) =>
        new(id, FailureKind.InvalidArgument, target, message);
}
