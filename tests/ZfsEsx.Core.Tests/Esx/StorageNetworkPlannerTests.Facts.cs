using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>Hosts as they may be found.</summary>
public partial class StorageNetworkPlannerTests
{
    private static HostNetworkFacts Mounting(HostNetworkFacts host, string server) =>
        host with { Mounts = [new HostNfsMount("vol0", [server])] };

    private static HostNetworkFacts With(HostNetworkFacts host, string vm, bool running, string? key = null) =>
        host with { Connections = [new HostConnection(vm, running, "eSAN-VM", key)] };

    private static HostNetworkFacts Distributed(string? address = null) =>
        Host(new HostSwitch("eSAN", 9000, ["vmnic1"], VimValue.None, "uuid-1")) with
        {
            PortGroups =
            [
                new HostPortGroup("eSAN-Interface1", "eSAN", 0, VimValue.None, "dvpg-1"),
                new HostPortGroup("eSAN-VM", "eSAN", 0, VimValue.None, "dvpg-2"),
            ],
            Ports = address is null ? [] : [new VmkernelPort("vmk1", "eSAN-Interface1", address, "255.255.255.0", 9000)
                { DistributedKey = "dvpg-1" }],
        };

    private static HostNetworkFacts Host(params HostSwitch[] switches) =>
        new()
        {
            Ref = s_host,
            Name = "vh1",
            NetworkSystem = new MoRef("HostNetworkSystem", "ns"),
            Adapters = ["vmnic0", "vmnic1"],
            Switches = switches,
        };

    private static HostNetworkFacts Made(
        int mtu = 9000, string[]? uplinks = null, int vlan = 0, int portMtu = 9000, string address = "10.99.0.101") =>
        Host(new HostSwitch("eSAN", mtu, uplinks ?? ["vmnic1"], VimValue.None)) with
        {
            PortGroups =
            [
                new HostPortGroup("eSAN-Interface1", "eSAN", vlan, VimValue.None),
                new HostPortGroup("eSAN-VM", "eSAN", vlan, VimValue.None),
            ],
            Ports = [new VmkernelPort("vmk1", "eSAN-Interface1", address, "255.255.255.0", portMtu)],
        };

    private sealed class Nothing : IStorageNetworkActions
    {
        public Task AddSwitchAsync(HostNetworkFacts host, NewStorageNetwork wanted, CancellationToken ct) =>
            Task.CompletedTask;

        public Task UpdateSwitchAsync(
            HostNetworkFacts host, HostSwitch observed, int mtu, IReadOnlyList<string> uplinks, CancellationToken ct) =>
            Task.CompletedTask;

        public Task AddPortGroupAsync(HostNetworkFacts host, string name, NewStorageNetwork wanted,
            CancellationToken ct) =>
            Task.CompletedTask;

        public Task UpdatePortGroupAsync(HostNetworkFacts host, HostPortGroup observed, int vlanId,
            CancellationToken ct) =>
            Task.CompletedTask;

        public Task AddPortAsync(HostNetworkFacts host, string address, NewStorageNetwork wanted,
            (string SwitchUuid, string Key)? on, CancellationToken ct) => Task.CompletedTask;

        public Task UpdatePortAsync(HostNetworkFacts host, VmkernelPort observed, string address,
            NewStorageNetwork wanted, CancellationToken ct) => Task.CompletedTask;

        public Task RemovePortAsync(HostNetworkFacts host, VmkernelPort observed, CancellationToken ct) =>
            Task.CompletedTask;

        public Task RemovePortGroupAsync(HostNetworkFacts host, HostPortGroup observed, CancellationToken ct) =>
            Task.CompletedTask;

        public Task RemoveSwitchAsync(HostNetworkFacts host, HostSwitch observed, CancellationToken ct) =>
            Task.CompletedTask;
    }
}
