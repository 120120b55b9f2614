using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>The network between storage VMs and hosts.</summary>
public static class StorageNetwork
{
    /// <summary>The storage network of all hosts, read in one call; a host without the switch is left out.</summary>
    public static async Task<IReadOnlyList<EncapsulatedStorageNetwork>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string switchName, CancellationToken ct)
    {
        IReadOnlyList<HostNetworkFacts> read = await HostNetworkFacts.ReadAsync(client, hosts, ct)
            .ConfigureAwait(false);
        return Describe(read, switchName, null);
    }

    /// <summary>Makes the storage network on hosts, or completes it: switch, two port groups, vmkernel port.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidName</c>, <c>InvalidAddress</c>, <c>AddressTaken</c>, <c>SubnetShared</c>, <c>UplinkInUse</c>,
    /// <c>UplinkNotFound</c>, <c>PortGroupTaken</c>, <c>VmkernelPortDiffers</c>, <c>HostNotConnected</c>: nothing has
    /// been changed.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanNewAsync(
        VimClient client, IReadOnlyList<StorageNetworkAddress> hosts, NewStorageNetwork wanted, CancellationToken ct)
    {
        StorageNetworkPlanner.Check(hosts, wanted);
        MoRef[] refs = hosts.Select(h => h.Host).ToArray();
        IReadOnlyList<HostNetworkFacts> observed = await HostNetworkFacts.ReadAsync(client, refs, ct)
            .ConfigureAwait(false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            StorageNetworkPlanner.Compare(observed, hosts, wanted, new StorageNetworkActions(client));
        return new Plan<IReadOnlyList<EncapsulatedStorageNetwork>>(
            changes,
            async token => Describe(
                changes.Count == 0 ? observed
                    : await HostNetworkFacts.ReadAsync(client, refs, token).ConfigureAwait(false),
                wanted.Switch,
                wanted.VmkernelPortGroup),
            warnings);
    }

    private static EncapsulatedStorageNetwork[] Describe(
        IReadOnlyList<HostNetworkFacts> hosts, string switchName, string? vmkernelGroup) => (
        from host in hosts
        let found = host.Switches.FirstOrDefault(s => string.Equals(s.Name, switchName, StringComparison.Ordinal))
        where found is not null
        let groups = host.PortGroups.Where(g => g.Switch == found.Name).Select(g => g.Name).ToArray()
        let port = host.Ports.FirstOrDefault(p =>
            vmkernelGroup is null ? groups.Contains(p.PortGroup) : p.PortGroup == vmkernelGroup)
        select new EncapsulatedStorageNetwork
        {
            VMHost = host.Name,
            VMHostId = host.Ref.Id,
            Switch = found.Name,
            Uplinks = found.Uplinks,
            Mtu = found.Mtu,
            PortGroups = groups,
            VmkernelPort = port?.Device ?? string.Empty,
            VmkernelPortGroup = port?.PortGroup ?? string.Empty,
            VmkernelMtu = port?.Mtu ?? 0,
            IPAddress = port?.IPAddress ?? string.Empty,
            SubnetMask = port?.SubnetMask ?? string.Empty,
        }).ToArray();
}
