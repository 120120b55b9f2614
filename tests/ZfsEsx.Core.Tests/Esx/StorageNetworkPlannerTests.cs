using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

public partial class StorageNetworkPlannerTests
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
        ("the vmkernel port has another address", Made(address: "10.99.0.9"), "Change vmkernel port"),
        ("and a datastore comes over it", Mounting(Made(address: "10.99.0.9"), "10.99.0.11"), "VmkernelPortDiffers"),
        ("or may come over it", Mounting(Made(address: "10.99.0.9"), "filer"), "VmkernelPortDiffers"),
        ("and a datastore of elsewhere", Mounting(Made(address: "10.99.0.9"), "10.1.0.9"), "Change vmkernel port"),
        ("another VLAN, and a datastore", Mounting(Made(vlan: 7), "10.99.0.11"), "StorageNetworkInUse"),
        ("another VLAN, and a running VM", With(Made(vlan: 7), "uss1", running: true), "StorageNetworkInUse"),
        (
            "another VLAN, and a VM that is off", With(Made(vlan: 7), "uss1", running: false),
            "Change port group|Change port group"
        ),
        (
            "the port serves management",
            Made() with
            {
                Ports = [new VmkernelPort("vmk0", "eSAN-Interface1", "10.99.0.101", "255.255.255.0", 9000)
                    { Services = ["management"] }],
            },
            "VmkernelPortInUse"
        ),
        (
            "the uplink is another switch's",
            Host(new HostSwitch("other", 1500, ["vmnic1"], VimValue.None)), "UplinkInUse"
        ),
        (
            "the uplink is a distributed switch's",
            Host(new HostSwitch("dvs", 9000, ["vmnic1"], VimValue.None, "uuid-1")), "UplinkInUse"
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
        ("a VM has the address", Host() with { GuestAddresses = [("10.99.0.101", "uss1")] }, "AddressTaken"),
        ("the host is away", Host() with { Connected = false }, "HostNotConnected"),
        ("a distributed switch", Distributed(), "Add vmkernel port"),
        ("all there on a distributed switch", Distributed("10.99.0.101"), ""),
        ("a distributed port group is missing", Distributed() with { PortGroups = [] }, "PortGroupNotFound"),
        (
            "the distributed switch carries small packets",
            Distributed() with { Switches = [new HostSwitch("eSAN", 1500, [], VimValue.None, "uuid-1")] }, "SwitchMtu"
        ),
    ];

    public static TheoryData<string> Cases => [.. s_cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Planning(string name)
    {
        (_, HostNetworkFacts host, string expected) = s_cases.Single(c => c.Name == name);
        NewStorageNetwork wanted = host.Switches.Any(s => s is { IsDistributed: true, Name: "eSAN" })
            ? s_wanted with { Uplinks = [] }
            : s_wanted;
        Assert.Equal(expected, Planned(() => StorageNetworkPlanner.Compare(
            host, [host], "10.99.0.101", wanted, new Nothing(), [])));
    }

    [Fact]
    public void The_address_of_another_host_is_taken()
    {
        HostNetworkFacts other = Made() with { Ref = new MoRef("HostSystem", "host-16"), Name = "vh2" };
        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(() => StorageNetworkPlanner.Compare(
            Host(), [Host(), other], "10.99.0.101", s_wanted, new Nothing(), []));
        Assert.Equal("The address 10.99.0.101 for vh1 belongs to vmk1 of vh2.", refusal.Message);
    }

    [Theory]
    [InlineData("vmnic1", "uplink vmnic0 too")]
    [InlineData("", "")]
    public void More_uplinks_than_asked_for_are_told(string uplinks, string expected)
    {
        List<string> warnings = [];
        Assert.Empty(StorageNetworkPlanner.Compare(
            Made(uplinks: ["vmnic1", "vmnic0"]), [], "10.99.0.101",
            s_wanted with { Uplinks = uplinks.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
            new Nothing(), warnings));
        Assert.Contains(expected, string.Join('|', warnings), StringComparison.Ordinal);
        Assert.Equal(expected.Length > 0 ? 1 : 0, warnings.Count);
    }

    [Fact]
    public void A_switch_without_uplinks_is_told()
    {
        List<string> warnings = [];
        StorageNetworkPlanner.Compare(
            Host(), [], "10.99.0.101", s_wanted with { Uplinks = [] }, new Nothing(), warnings);
        Assert.Contains("only vh1 itself reaches its storage VM", Assert.Single(warnings), StringComparison.Ordinal);
    }

    /// <summary>"range, addresses that vh1…vh3 have already", and what they get.</summary>
    [Theory]
    [InlineData("10.99.0.101-10.99.0.110", "- - -", "101 102 103")]
    [InlineData("10.99.0.101-103", "- - -", "101 102 103")]
    [InlineData("10.99.0.101-103", "103 - -", "103 101 102")] // who has one keeps it
    [InlineData("10.99.0.101-103", "101 102 103", "101 102 103")]
    [InlineData("10.99.0.101-102", "- - -", "AddressCount")]
    [InlineData("10.99.0.101-102", "9 - -", "AddressCount")]
    [InlineData("10.99.0.5-101", "- - -", "AddressTaken")] // a VM has 10.99.0.11
    [InlineData("10.99.0.195-210", "- - -", "AddressTaken")] // a host that is not asked for has 10.99.0.200
    [InlineData("10.99.0.103-101", "- - -", "InvalidAddress")]
    [InlineData("10.99.0.200-255", "- - -", "InvalidAddress")] // the broadcast address
    [InlineData("10.99.0.200-10.99.1.10", "- - -", "InvalidAddress")]
    [InlineData("10.99.0.101-x", "- - -", "InvalidAddress")]
    public void Addresses_from_a_range(string range, string had, string expected)
    {
        HostNetworkFacts[] hosts =
        [
            .. had.Split(' ').Select((h, i) => (h == "-" ? Host() : Made(address: "10.99.0." + h)) with
            {
                Ref = new MoRef("HostSystem", "host-" + i), Name = "vh" + (i + 1),
            }),
        ];
        HostNetworkFacts other = Made(address: "10.99.0.200") with { GuestAddresses = [("10.99.0.11", "uss1")] };
        Assert.Equal(expected, Planned(() => StorageNetworkAddresses.FromRange(
            hosts, [other], StorageNetworkAddresses.ParseRange(range, "255.255.255.0"), s_wanted)));
    }

    [Theory]
    [InlineData("10.99.0.101 10.99.0.102", "")]
    [InlineData("10.99.0.101 10.99.0.101", "AddressTaken")]
    [InlineData("10.99.0.101 10.99.0", "InvalidAddress")]
    [InlineData("10.99.0.101 10.99.0.255", "InvalidAddress")]
    [InlineData("10.99.0.0 10.99.0.1", "InvalidAddress")]
    public void Addresses_from_a_list(string addresses, string expected) => Assert.Equal(expected, Planned(() =>
    {
        StorageNetworkAddresses.Check(
            [.. addresses.Split(' ').Select((a, i) => new StorageNetworkAddress(new MoRef("HostSystem", "h" + i), a))],
            "255.255.255.0");
        return Array.Empty<Change>();
    }));

    private static readonly List<(string Name, HostNetworkFacts Host, bool Force, string Expected)> s_removals =
    [
        ("all of it", Made(), false, "vmkernel port vmk1|port group eSAN-Interface1|port group eSAN-VM|switch eSAN"),
        ("nothing there", Host(), false, ""),
        ("the rest of an interrupted removal", Made() with { Ports = [], PortGroups = [] }, false, "switch eSAN"),
        (
            "somebody else's port group", Made() with
            {
                PortGroups = [.. Made().PortGroups, new HostPortGroup("theirs", "eSAN", 0, VimValue.None)],
            },
            false, "vmkernel port vmk1|port group eSAN-Interface1|port group eSAN-VM"
        ),
        ("a datastore comes over it", Mounting(Made(), "10.99.0.11"), true, "StorageNetworkInUse"),
        ("a datastore may come over it", Mounting(Made(), "filer"), false, "StorageNetworkInUse"),
        (
            "and the user knows better", Mounting(Made(), "filer"), true,
            "vmkernel port vmk1|port group eSAN-Interface1|port group eSAN-VM|switch eSAN"
        ),
        (
            "a datastore comes another way", Mounting(Made(), "10.1.0.9"), false,
            "vmkernel port vmk1|port group eSAN-Interface1|port group eSAN-VM|switch eSAN"
        ),
        ("a VM is on it", With(Made(), "uss1", running: false), true, "StorageNetworkInUse"),
        ("the host is away", Made() with { Connected = false }, false, "HostNotConnected"),
        ("of a distributed switch only the port", Distributed("10.99.0.101"), false, "vmkernel port vmk1"),
        (
            "with VMs too", With(Distributed("10.99.0.101"), "uss1", running: true, "dvpg-2"), false,
            "vmkernel port vmk1"
        ),
    ];

    public static TheoryData<string> Removals => [.. s_removals.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Removals))]
    public void Removing(string name)
    {
        (_, HostNetworkFacts host, bool force, string expected) = s_removals.Single(c => c.Name == name);
        List<string> warnings = [];
        Assert.Equal(
            expected, Planned(() => StorageNetworkRemoval.Compare(host, s_wanted, force, new Nothing(), warnings)));
        Assert.Equal(name == "somebody else's port group" ? 1 : 0, warnings.Count);
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
            "Switch" => s_wanted with { Switch = "two\nlines" },
            "Groups" => s_wanted with { VmPortGroup = s_wanted.VmkernelPortGroup },
            "Mtu" => s_wanted with { Mtu = 9001 },
            "Vlan" => s_wanted with { VlanId = 4095 },
            _ => s_wanted with { SubnetMask = "/24" },
        };
        Assert.Equal(id, Assert.Throws<ZfsEsxException>(() => StorageNetworkPlanner.Check(wrong)).Id);
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

    [Fact]
    public void A_standard_switch_has_a_short_name()
    {
        NewStorageNetwork wanted = s_wanted with { Switch = new string('x', 32) };
        Assert.Throws<ZfsEsxException>(() => StorageNetworkPlanner.CheckSwitchName([Host()], wanted));
        StorageNetworkPlanner.CheckSwitchName(
            [Host(new HostSwitch(wanted.Switch, 9000, [], VimValue.None, "uuid-1"))], wanted);
    }

    /// <summary>What is done, in short; or why not.</summary>
    private static string Planned(Func<object> work)
    {
        try
        {
            return work() switch
            {
                IReadOnlyList<Change> changes => string.Join('|', changes.Select(c => Verb(c.Action))),
                IReadOnlyList<StorageNetworkAddress> all =>
                    string.Join(' ', all.Select(a => a.IPAddress["10.99.0.".Length..])),
                _ => string.Empty,
            };
        }
        catch (ZfsEsxException refusal)
        {
            return refusal.Id;
        }
    }

    private static string Verb(string action) => action.StartsWith("Remove ", StringComparison.Ordinal)
        ? action["Remove ".Length..].Split(" (")[0]
        : new[] { "Add switch", "Add port group", "Add vmkernel port", "Change switch", "Change port group",
            "Change vmkernel port" }
            .Single(v => action.StartsWith(v, StringComparison.Ordinal));
}
