using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IStorageNetworkActions"/>
internal sealed class StorageNetworkActions(VimClient client) : IStorageNetworkActions
{
    // Required by the schema, without a meaning since ESXi 5.5.
    private const int NumPorts = 128;

    public Task AddSwitchAsync(HostNetworkFacts host, NewStorageNetwork wanted, CancellationToken ct) =>
        AddAsync(
        host, "AddVirtualSwitch", "Add switch " + wanted.Switch, ct,
        Arg.E("vswitchName", wanted.Switch),
        Arg.O("spec", Arg.E("numPorts", NumPorts), wanted.Uplinks.Count > 0 ? Bridge(wanted.Uplinks) : null,
            Arg.E("mtu", wanted.Mtu)));

    public Task UpdateSwitchAsync(
        HostNetworkFacts host, HostSwitch observed, int mtu, IReadOnlyList<string> uplinks, CancellationToken ct) =>
            client.CallAsync(
        host.NetworkSystem, "UpdateVirtualSwitch", host.Name, "Change switch " + observed.Name, ct,
        Arg.E("vswitchName", observed.Name),
        Arg.O(
            "spec",
            Arg.E("numPorts", observed.Spec["numPorts"].Exists ? observed.Spec["numPorts"].Long : NumPorts),
            UpdatedBridge(observed, uplinks),
            Policy(observed, uplinks),
            Arg.E("mtu", mtu)));

    public Task AddPortGroupAsync(HostNetworkFacts host, string name, NewStorageNetwork wanted,
        CancellationToken ct) => AddAsync(
        host, "AddPortGroup", "Add port group " + name, ct,
        PortGroup(name, wanted.VlanId, wanted.Switch, VimValue.None));

    public Task UpdatePortGroupAsync(HostNetworkFacts host, HostPortGroup observed, int vlanId,
        CancellationToken ct) => client.CallAsync(
        host.NetworkSystem, "UpdatePortGroup", host.Name, "Change port group " + observed.Name, ct,
        Arg.E("pgName", observed.Name), PortGroup(observed.Name, vlanId, observed.Switch, observed.Spec["policy"]));

    public Task AddPortAsync(
        HostNetworkFacts host, string address, NewStorageNetwork wanted, (string SwitchUuid, string Key)? on,
        CancellationToken ct) => AddAsync(
        host, "AddVirtualNic", "Add vmkernel port " + address, ct,
        Arg.E("portgroup", on is null ? wanted.VmkernelPortGroup : string.Empty),
        Arg.O(
            "nic",
            Ip(address, wanted),
            on is (string uuid, string key)
                ? Arg.O("distributedVirtualPort", Arg.E("switchUuid", uuid), Arg.E("portgroupKey", key))
                : null,
            Arg.E("mtu", wanted.Mtu)));

    public Task UpdatePortAsync(
        HostNetworkFacts host, VmkernelPort observed, string address, NewStorageNetwork wanted, CancellationToken ct) =>
            client.CallAsync(
        host.NetworkSystem, "UpdateVirtualNic", host.Name, "Change vmkernel port " + observed.Device, ct,
        Arg.E("device", observed.Device),
        Arg.O(
            "nic",
            observed.IPAddress == address && observed.SubnetMask == wanted.SubnetMask ? null : Ip(address, wanted),
            Arg.E("mtu", wanted.Mtu)));

    public Task RemovePortAsync(HostNetworkFacts host, VmkernelPort observed, CancellationToken ct) => RemoveAsync(
        host, "RemoveVirtualNic", "Remove vmkernel port " + observed.Device, Arg.E("device", observed.Device), ct);

    public Task RemovePortGroupAsync(HostNetworkFacts host, HostPortGroup observed, CancellationToken ct) =>
        RemoveAsync(
            host, "RemovePortGroup", "Remove port group " + observed.Name, Arg.E("pgName", observed.Name), ct);

    public Task RemoveSwitchAsync(HostNetworkFacts host, HostSwitch observed, CancellationToken ct) => RemoveAsync(
        host, "RemoveVirtualSwitch", "Remove switch " + observed.Name, Arg.E("vswitchName", observed.Name), ct);

    private async Task AddAsync(
        HostNetworkFacts host, string method, string doing, CancellationToken ct, params Arg?[] what)
    {
        try
        {
            await client.CallAsync(host.NetworkSystem, method, host.Name, doing, ct, what).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("AlreadyExists"))
        {
            throw new ZfsEsxException(
                "AlreadyExists", FailureKind.AlreadyExists, host.Name, host.Name + ": " + doing
                    + " failed: somebody has made it in the meantime.",
                "Run the same command again: it compares with what is there now.", e);
        }
    }

    private async Task RemoveAsync(HostNetworkFacts host, string method, string doing, Arg what, CancellationToken ct)
    {
        try
        {
            await client.CallAsync(host.NetworkSystem, method, host.Name, doing, ct, what).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("NotFound"))
        {
            // Somebody else has removed it since we looked.
        }
    }

    private static Arg Ip(string address, NewStorageNetwork wanted) => Arg.O(
        "ip", Arg.E("dhcp", false), Arg.E("ipAddress", address), Arg.E("subnetMask", wanted.SubnetMask));

    private static Arg PortGroup(string name, int vlanId, string switchName, VimValue policy) => Arg.O(
        "portgrp",
        Arg.E("name", name),
        Arg.E("vlanId", vlanId),
        Arg.E("vswitchName", switchName),
        policy.Exists ? Arg.Echo(policy) : Arg.O("policy")); // required, and may be empty

    private static Arg Bridge(IEnumerable<string> uplinks) =>
        Arg.T("bridge", "HostVirtualSwitchBondBridge", uplinks.Select(u => Arg.E("nicDevice", u)).ToArray());

    // Beacon and discovery settings stay; only the list of adapters is new.
    private static Arg? UpdatedBridge(HostSwitch observed, IReadOnlyList<string> uplinks)
    {
        VimValue bridge = observed.Spec["bridge"];
        return uplinks.Count == 0
            ? null
            : Arg.T(
                "bridge", "HostVirtualSwitchBondBridge",
                uplinks.Select(u => Arg.E("nicDevice", u))
                    .Concat(bridge.Items.Where(i => i.Name != "nicDevice").Select(i => Arg.Echo(i))).ToArray());
    }

    // The order of adapters names every active one: a policy that is sent back would leave the new ones unused.
    private static Arg? Policy(HostSwitch observed, IReadOnlyList<string> uplinks)
    {
        VimValue policy = observed.Spec["policy"];
        return policy.Exists && uplinks.SequenceEqual(observed.Uplinks) ? Arg.Echo(policy) : null;
    }
}
