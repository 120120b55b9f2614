using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>The network between storage VMs and hosts.</summary>
public static class StorageNetwork
{
    /// <summary>The storage network of all hosts, read in one call; a host without the switch is left out.</summary>
    public static async Task<IReadOnlyList<EncapsulatedStorageNetwork>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string switchName, CancellationToken ct) =>
        Describe(await HostNetworkReader.ReadAsync(client, hosts, ct).ConfigureAwait(false), switchName, null);

    /// <summary>
    /// Makes the storage network on hosts, or completes it: switch, two port groups, vmkernel port. Of a distributed
    /// switch and its port groups, which must exist, only the vmkernel port is made.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidName</c>, <c>InvalidAddress</c>, <c>InvalidMtu</c>, <c>InvalidVlan</c>, <c>AddressTaken</c>,
    /// <c>AddressCount</c>: nothing has been changed. What is refused of a single host is in the plan's refusals:
    /// <c>HostNotConnected</c>, <c>SubnetShared</c>, <c>AddressTaken</c>, <c>UplinkInUse</c>, <c>UplinkNotFound</c>,
    /// <c>PortGroupTaken</c>, <c>PortGroupNotFound</c>, <c>SwitchDistributed</c>, <c>SwitchMtu</c>,
    /// <c>VmkernelPortDiffers</c>, <c>VmkernelPortInUse</c>, <c>StorageNetworkInUse</c>.
    /// </exception>
    public static Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanNewAsync(
        VimClient client, IReadOnlyList<StorageNetworkAddress> hosts, NewStorageNetwork wanted, CancellationToken ct)
    {
        StorageNetworkPlanner.Check(wanted);
        StorageNetworkAddresses.Check(hosts, wanted.SubnetMask);
        return PlanNewAsync(client, [.. hosts.Select(h => h.Host)], (_, _) => hosts, wanted, ct);
    }

    /// <summary>
    /// The same with addresses from a range, as in <c>10.99.0.101-10.99.0.120</c>: a host that has one of them keeps
    /// it, the others get the next ones in their order.
    /// </summary>
    /// <inheritdoc
    ///     cref="PlanNewAsync(VimClient, IReadOnlyList{StorageNetworkAddress}, NewStorageNetwork, CancellationToken)"/>
    public static Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanNewAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string range, NewStorageNetwork wanted, CancellationToken ct)
    {
        StorageNetworkPlanner.Check(wanted);
        (uint, uint) ends = StorageNetworkAddresses.ParseRange(range, wanted.SubnetMask);
        return PlanNewAsync(
            client,
            hosts,
            (these, others) => StorageNetworkAddresses.FromRange(these, others, ends, wanted),
            wanted,
            ct);
    }

    /// <summary>
    /// Removes the vmkernel port, the two port groups and the switch from hosts, in this order; what serves anything
    /// else is left. A distributed switch and its port groups are left as they are.
    /// </summary>
    /// <param name="client">The connection.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="names">Which network: its switch and port groups.</param>
    /// <param name="force">
    /// Also where datastores are mounted from servers given by name, which might come over this network.
    /// </param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException">
    /// In the plan's refusals: <c>HostNotConnected</c>, <c>VmkernelPortInUse</c>, <c>StorageNetworkInUse</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanRemoveAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, NewStorageNetwork names, bool force, CancellationToken ct)
    {
        IReadOnlyList<HostNetworkFacts> observed = await HostNetworkReader.ReadAsync(client, hosts, ct)
            .ConfigureAwait(false);
        StorageNetworkActions actions = new(client);
        List<string> warnings = [];
        List<ZfsEsxException> refusals = [];
        Change[] changes =
        [
            .. observed.CompareEach(
                h => StorageNetworkRemoval.Compare(h, names, force, actions, warnings), refusals)
                .SelectMany(h => h.Result),
        ];
        return new Plan<IReadOnlyList<EncapsulatedStorageNetwork>>(
            changes, token => GetAsync(client, hosts, names.Switch, token), warnings, refusals);
    }

    private static async Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanNewAsync(
        VimClient client,
        IReadOnlyList<MoRef> hosts,
        Func<IReadOnlyList<HostNetworkFacts>, IReadOnlyList<HostNetworkFacts>, IReadOnlyList<StorageNetworkAddress>>
            assign,
        NewStorageNetwork wanted,
        CancellationToken ct)
    {
        IReadOnlyList<HostNetworkFacts> all = await HostNetworkReader.ReadAllAsync(client, hosts, ct)
            .ConfigureAwait(false);
        HostNetworkFacts[] observed = [.. all.Where(h => hosts.Contains(h.Ref))];
        StorageNetworkPlanner.CheckSwitchName(observed, wanted);
        IReadOnlyList<StorageNetworkAddress> addresses = assign(observed, [.. all.Except(observed)]);
        StorageNetworkActions actions = new(client);
        List<string> warnings = [];
        List<ZfsEsxException> refusals = [];
        IReadOnlyList<(HostNetworkFacts Item, IReadOnlyList<Change> Result)> compared = observed.CompareEach(
            h => StorageNetworkPlanner.Compare(
                h, all, addresses.First(a => a.Host == h.Ref).IPAddress, wanted, actions, warnings),
            refusals);
        Change[] changes = [.. compared.SelectMany(h => h.Result)];
        MoRef[] accepted = [.. compared.Select(h => h.Item.Ref)];
        return new Plan<IReadOnlyList<EncapsulatedStorageNetwork>>(
            changes,
            async token => Describe(
                changes.Length == 0
                    ? [.. compared.Select(h => h.Item)]
                    : await HostNetworkReader.ReadAsync(client, accepted, token).ConfigureAwait(false),
                wanted.Switch,
                wanted.VmkernelPortGroup),
            warnings,
            refusals);
    }

    private static EncapsulatedStorageNetwork[] Describe(
        IReadOnlyList<HostNetworkFacts> hosts, string switchName, string? vmkernelGroup) => (
        from host in hosts
        let found = host.Switch(switchName)
        where found is not null
        let groups = host.PortGroups.Where(g => g.Switch == found.Name).ToArray()
        let vmkernel = groups.Where(g => vmkernelGroup is null || g.Name == vmkernelGroup)
            .OrderBy(g => host.PortOn(g)?.Services.Count ?? int.MaxValue).FirstOrDefault()
        let port = host.PortOn(vmkernel)
        select new EncapsulatedStorageNetwork
        {
            VMHost = host.Name,
            VMHostId = host.Ref.Id,
            Switch = found.Name,
            Distributed = found.IsDistributed,
            Uplinks = found.Uplinks,
            Mtu = found.Mtu,
            PortGroups = groups.Select(g => g.Name).ToArray(),
            VlanId = (port is null ? groups.FirstOrDefault() : vmkernel)?.VlanId ?? 0,
            VmkernelPort = port?.Device ?? string.Empty,
            VmkernelPortGroup = port?.PortGroup ?? string.Empty,
            VmkernelMtu = port?.Mtu ?? 0,
            IPAddress = port?.IPAddress ?? string.Empty,
            SubnetMask = port?.SubnetMask ?? string.Empty,
            Datastores = port is null ? [] : host.MountedThrough(port).ToArray(),
            VMs = groups.SelectMany(host.VMsOn).Select(c => c.VM).Distinct().OrderBy(v => v, StringComparer.Ordinal)
                .ToArray(),
        }).ToArray();
}
