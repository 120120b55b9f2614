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

    // on: a distributed switch and the key of its port group; null for the standard switch wanted.
    Task AddPortAsync(HostNetworkFacts host, string address, NewStorageNetwork wanted,
        (string SwitchUuid, string Key)? on, CancellationToken ct);

    Task UpdatePortAsync(HostNetworkFacts host, VmkernelPort observed, string address, NewStorageNetwork wanted,
        CancellationToken ct);

    Task RemovePortAsync(HostNetworkFacts host, VmkernelPort observed, CancellationToken ct);

    Task RemovePortGroupAsync(HostNetworkFacts host, HostPortGroup observed, CancellationToken ct);

    Task RemoveSwitchAsync(HostNetworkFacts host, HostSwitch observed, CancellationToken ct);
}

/// <summary>Compares the network of a host with the storage network wanted. Pure.</summary>
internal static class StorageNetworkPlanner
{
    /// <summary>Refuses arguments that are wrong in themselves.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>, <c>InvalidAddress</c>, <c>InvalidMtu</c>,
    /// <c>InvalidVlan</c>.</exception>
    public static void Check(NewStorageNetwork wanted)
    {
        VimName.Check("switch", wanted.Switch);
        VimName.Check("port group", wanted.VmkernelPortGroup);
        VimName.Check("port group", wanted.VmPortGroup);
        if (wanted.VmkernelPortGroup == wanted.VmPortGroup)
        {
            throw Bad("InvalidName", wanted.VmPortGroup,
                "The vmkernel port and the storage VM cannot share the port group '" + wanted.VmPortGroup + "'.",
                "Give each a port group of its own name.");
        }

        if (wanted.Mtu is < 1280 or > 9000)
        {
            throw Bad("InvalidMtu", "Mtu", "An MTU of " + wanted.Mtu + " is not possible.",
                "Give 1280 to 9000; 9000 where all switches between the hosts can, else 1500.");
        }

        if (wanted.VlanId is < 0 or > 4094)
        {
            throw Bad("InvalidVlan", "VlanId", "There is no VLAN " + wanted.VlanId + ".",
                "Give 1 to 4094, or 0 for none.");
        }

        if (!Subnet.IsMask(wanted.SubnetMask))
        {
            throw Bad("InvalidAddress", wanted.SubnetMask, "'" + wanted.SubnetMask + "' is not a subnet mask.",
                "Give one as in 255.255.255.0.");
        }
    }

    /// <summary>Refuses a name that is too long for the standard switch that it would be.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>.</exception>
    public static void CheckSwitchName(IEnumerable<HostNetworkFacts> hosts, NewStorageNetwork wanted)
    {
        const int Longest = 31; // hosts take no longer one
        if (!hosts.Any(h => h.Switch(wanted.Switch) is { IsDistributed: true }))
        {
            VimName.Check("switch", wanted.Switch, Longest);
        }
    }

    /// <summary>The steps for one host.</summary>
    /// <exception cref="ZfsEsxException">The host is refused.</exception>
    public static IReadOnlyList<Change> Compare(
        HostNetworkFacts host,
        IReadOnlyList<HostNetworkFacts> all,
        string address,
        NewStorageNetwork wanted,
        IStorageNetworkActions actions,
        List<string> warnings)
    {
        StorageNetworkRefusals.Check(host, all, address, wanted);
        List<Change> changes = [];
        List<string> said = [];
        HostSwitch? sw = host.Switch(wanted.Switch);
        if (sw is not { IsDistributed: true })
        {
            PlanSwitch(host, sw, wanted, actions, changes, said);
            PlanGroup(host, wanted.VmkernelPortGroup, wanted, actions, changes);
            PlanGroup(host, wanted.VmPortGroup, wanted, actions, changes);
        }

        PlanPort(host, sw, address, wanted, actions, changes);
        if (changes.Count > 0 && (sw is null ? wanted.Uplinks.Count : sw.Uplinks.Count + wanted.Uplinks.Count) == 0)
        {
            said.Add("Switch " + wanted.Switch + " of " + host.Name + " has no uplink: only " + host.Name
                + " itself reaches its storage VM over it, other hosts cannot mount its shares.");
        }

        warnings.AddRange(said);
        return changes;
    }

    private static void PlanSwitch(
        HostNetworkFacts host, HostSwitch? sw, NewStorageNetwork wanted, IStorageNetworkActions actions,
        List<Change> changes, List<string> said)
    {
        if (sw is null)
        {
            string with = wanted.Uplinks.Count > 0 ? "uplinks " + string.Join(", ", wanted.Uplinks) : "no uplink";
            changes.Add(new Change(
                host.Name, "Add switch " + wanted.Switch + " with " + with + ", MTU " + wanted.Mtu,
                (_, ct) => actions.AddSwitchAsync(host, wanted, ct)));
            return;
        }

        string[] missing = wanted.Uplinks.Except(sw.Uplinks).ToArray();
        said.AddRange(sw.Uplinks.Except(wanted.Uplinks).Where(_ => wanted.Uplinks.Count > 0)
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
        HostPortGroup? group = host.Group(name, wanted.Switch);
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
        HostNetworkFacts host, HostSwitch? sw, string address, NewStorageNetwork wanted,
        IStorageNetworkActions actions, List<Change> changes)
    {
        HostPortGroup? group = host.Group(wanted.VmkernelPortGroup, wanted.Switch);
        VmkernelPort? port = host.PortOn(group);
        if (port is null)
        {
            (string, string)? on = sw?.Uuid is string uuid && group?.Key is string key ? (uuid, key) : null;
            changes.Add(new Change(
                host.Name,
                "Add vmkernel port " + address + " (" + wanted.SubnetMask + ", MTU " + wanted.Mtu + ") to "
                    + (on is null ? string.Empty : "distributed ") + "port group " + wanted.VmkernelPortGroup,
                (_, ct) => actions.AddPortAsync(host, address, wanted, on, ct)));
            return;
        }

        bool moves = port.IPAddress != address || port.SubnetMask != wanted.SubnetMask;
        if (moves || port.Mtu != wanted.Mtu)
        {
            string what = (moves ? "address " + port.IPAddress + " (" + port.SubnetMask + ") to " + address + " ("
                    + wanted.SubnetMask + ")" : string.Empty)
                + (moves && port.Mtu != wanted.Mtu ? ", " : string.Empty)
                + (port.Mtu != wanted.Mtu ? "MTU " + port.Mtu + " to " + wanted.Mtu : string.Empty);
            changes.Add(new Change(
                host.Name, "Change vmkernel port " + port.Device + ": " + what,
                (_, ct) => actions.UpdatePortAsync(host, port, address, wanted, ct), ChangeRisk.Disruptive));
        }
    }

    private static string Vlan(int id) => id == 0 ? string.Empty : " in VLAN " + id;

    private static ZfsEsxException Bad(string id, string target, string message, string advice) =>
        new(id, FailureKind.InvalidArgument, target, message, advice);
}
