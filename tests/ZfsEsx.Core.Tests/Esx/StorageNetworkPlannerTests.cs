using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

public class StorageNetworkPlannerTests
{
    private static readonly MoRef s_host = new("HostSystem", "host-15");
    private static readonly NewStorageNetwork s_wanted = new() { Uplinks = ["vmnic1"] };

    private static readonly List<(string Name, HostNetworkFacts Host, string Expected)> s_cases =
    [
        ("nothing there", Host(), "Add switch|Add port group|Add port group|Add vmkernel port"),
        ("all there", Made(), ""),
        ("a larger MTU is left", Made(mtu: 9216), ""),
        ("a smaller MTU is raised", Made(mtu: 1500), "Change switch"),
        ("an uplink is missing", Made(uplinks: []), "Change switch"),
        ("another VLAN", Made(vlan: 7), "Change port group|Change port group"),
        ("the vmkernel port has another MTU", Made(portMtu: 1500), "Change vmkernel port"),
        ("the vmkernel port has another address", Made(address: "10.99.0.9"), "VmkernelPortDiffers"),
        (
            "the uplink is another switch's",
            Host(new HostSwitch("other", 1500, ["vmnic1"], VimValue.None)), "UplinkInUse"
        ),
        (
            "the uplink is a distributed switch's",
            Host() with { DistributedUplinks = new Dictionary<string, string> { ["vmnic1"] = "dvs" } }, "UplinkInUse"
        ),
        ("the uplink is not there", Host() with { Adapters = ["vmnic0"] }, "UplinkNotFound"),
        (
            "the port group is another switch's",
            Host() with { PortGroups = [new HostPortGroup("eSAN-VM", "vSwitch0", 0, VimValue.None)] }, "PortGroupTaken"
        ),
        (
            "management is in the subnet",
            Host() with { Ports = [new VmkernelPort("vmk0", "Management", "10.99.0.3", "255.255.0.0", 1500)] },
            "SubnetShared"
        ),
        (
            "the address is the host's own already",
            Host() with { Ports = [new VmkernelPort("vmk0", "Management", "10.99.0.101", "255.255.255.0", 1500)] },
            "AddressTaken"
        ),
        ("the host is away", Host() with { Connected = false }, "HostNotConnected"),
    ];

    public static TheoryData<string> Cases => [.. s_cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Planning(string name)
    {
        (_, HostNetworkFacts host, string expected) = s_cases.Single(c => c.Name == name);
        string result;
        try
        {
            (IReadOnlyList<Change> changes, _) = StorageNetworkPlanner.Compare(
                [host], [new StorageNetworkAddress(s_host, "10.99.0.101")], s_wanted, new Nothing());
            result = string.Join('|', changes.Select(c => Verb(c.Action)));
        }
        catch (ZfsEsxException refusal)
        {
            result = refusal.Id;
        }

        Assert.Equal(expected, result);
    }

    [Fact]
    public void More_uplinks_than_asked_for_are_told()
    {
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) = StorageNetworkPlanner.Compare(
            [Made(uplinks: ["vmnic1", "vmnic0"])], [new StorageNetworkAddress(s_host, "10.99.0.101")], s_wanted,
            new Nothing());
        Assert.Empty(changes);
        Assert.Contains("vmnic0", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Switch", "InvalidName")]
    [InlineData("Groups", "InvalidName")]
    [InlineData("Mtu", "InvalidMtu")]
    [InlineData("Vlan", "InvalidVlan")]
    [InlineData("Mask", "InvalidAddress")]
    public void Arguments_are_checked(string what, string id)
    {
        NewStorageNetwork wrong = what switch
        {
            "Switch" => s_wanted with { Switch = new string('x', 32) },
            "Groups" => s_wanted with { VmPortGroup = s_wanted.VmkernelPortGroup },
            "Mtu" => s_wanted with { Mtu = 9001 },
            "Vlan" => s_wanted with { VlanId = 4096 },
            _ => s_wanted with { SubnetMask = "/24" },
        };
        Assert.Equal(id, Assert.Throws<ZfsEsxException>(() => StorageNetworkPlanner.Check([], wrong)).Id);
    }

    [Fact]
    public async Task An_uplink_is_added_without_losing_what_the_switch_has()
    {
        using ReplayServer server = new();
        using VimClient client = await server.LoginAsync();
        VimValue observed = Recorded.Objects("37-NetworkInfo")[0]["config.network.vswitch"].Items[0];
        HostSwitch sw = new("vSwitch0", 1500, ["vmnic0"], observed["spec"]);
        await new StorageNetworkActions(client).UpdateSwitchAsync(Host(), sw, 9000, ["vmnic0", "vmnic1"], default);
        Assert.Equal(
            """
            UpdateVirtualSwitch
              _this ref:HostNetworkSystem = ns
              vswitchName = vSwitch0
              spec
                numPorts = 128
                bridge xsi:HostVirtualSwitchBondBridge
                  nicDevice = vmnic0
                  nicDevice = vmnic1
                  beacon
                    interval = 1
                  linkDiscoveryProtocolConfig
                    protocol = cdp
                    operation = listen
                mtu = 9000

            """.ReplaceLineEndings("\n"),
            server.Last("UpdateVirtualSwitch"));
    }

    private static string Verb(string action) =>
        new[] { "Add switch", "Add port group", "Add vmkernel port", "Change switch", "Change port group",
            "Change vmkernel port" }
            .Single(v => action.StartsWith(v, StringComparison.Ordinal));

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
            CancellationToken ct) =>
            Task.CompletedTask;

        public Task UpdatePortMtuAsync(HostNetworkFacts host, VmkernelPort observed, int mtu, CancellationToken ct) =>
            Task.CompletedTask;
    }
}
