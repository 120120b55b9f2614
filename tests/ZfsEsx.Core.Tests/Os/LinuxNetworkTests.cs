using ZfsEsx.Core.Tests.Zfs;
using ZfsEsx.Os;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>Addresses on Linux: what is read, and which steps lead to what is wanted.</summary>
public sealed class LinuxNetworkTests
{
    private const string Own = "# Written by ZfsEsx (Set-ZfsHostNetwork). Changes by hand are overwritten.\n";

    private static readonly HostNetworkRequest Other =
        new() { Address = "10.99.0.12/24", Interface = "eth1", Mtu = 1500 };

    [Fact]
    public void Interfaces_and_the_one_we_came_by()
    {
        NetworkState state = Network();
        Assert.Equal(["eth0 True", "eth1 False"], state.Interfaces.Select(i => i.Interface + " " + i.Management));
        ZfsHostNetwork nic = state.Interfaces[1];
        Assert.Equal(("52:54:00:99:00:01", "10.99.0.11", 9000, true, (string?)null, "ifupdown"),
            (nic.Mac, nic.Address, nic.Mtu, nic.Up, nic.Gateway, nic.KeptBy));
        Assert.Equal(("eth0", "10.0.2.2"), (state.DefaultRoute, state.Interfaces[0].Gateway));
        Assert.Equal(["ifupdown"], state.Managers);
    }

    [Fact]
    public void What_is_so_now_and_after_a_restart_needs_nothing() => Assert.Empty(Compare(
        Network(), new HostNetworkRequest { Address = "10.99.0.11/24", Mac = "52-54-00-99-00-01", Mtu = 9000 }));

    [Fact]
    public void Another_address_is_tried_first_and_then_kept()
    {
        IReadOnlyList<NetworkStep> steps = Compare(Network(), Other);
        Assert.Equal(
            "Set eth1 to 10.99.0.12/24, MTU 1500 instead of 10.99.0.11/24 with MTU 9000, "
                + "taken back unless a fresh connection confirms it",
            steps[0].Action);
        Assert.Equal((ChangeRisk.Disruptive, "ifupdown"), (steps[0].Risk, steps[0].Trial!.Way));
        NetworkFile file = Assert.Single(steps[1].Files);
        Assert.Equal("/etc/network/interfaces.d/eth1", file.Path);
        Assert.Equal(
            Own + "auto eth1\niface eth1 inet static\n    address 10.99.0.12/24\n    mtu 1500\n", file.Content);
        Assert.Equal(file.Content, steps[0].Trial!.Text);
    }

    [Fact]
    public void Gateway_and_routes_stay_while_the_new_network_reaches_them()
    {
        NetworkState state = Network("default via 10.99.0.1 dev eth1\n10.98.0.0/16 via 10.99.0.2 dev eth1 \n");
        Assert.EndsWith(
            "    gateway 10.99.0.1\n    up ip route replace 10.98.0.0/16 via 10.99.0.2 dev eth1\n",
            Compare(state, Other)[1].Files[0].Content, StringComparison.Ordinal);
        Assert.EndsWith("mtu 1500\n", Compare(state, Other with { Address = "10.50.0.1/24" })[1].Files[0].Content,
            StringComparison.Ordinal);
        Assert.EndsWith(
            "    up ip route replace 10.1.0.0/16 via 10.99.0.3 dev eth1\n",
            Compare(state, Other with
            {
                Gateway = HostNetworkRequest.None, Routes = [new NetworkRoute("10.1.0.0/16", "10.99.0.3")],
            })[1].Files[0].Content,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_main_file_that_reads_no_others_gets_a_line_and_keeps_the_rest()
    {
        NetworkState state = Network() with
        {
            Files = new Dictionary<string, string> { ["/etc/network/interfaces"] = "auto lo\niface lo inet loopback" },
        };
        NetworkStep keep = Compare(state, Other)[1];
        Assert.Equal(
            "Keep 10.99.0.12/24, MTU 1500 for eth1 after a restart, in /etc/network/interfaces.d/eth1; "
                + "let /etc/network/interfaces read /etc/network/interfaces.d",
            keep.Action);
        Assert.Equal(["/etc/network/interfaces.d/eth1", "/etc/network/interfaces"], keep.Files.Select(f => f.Path));
        Assert.Equal("auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n", keep.Files[1].Content);
    }

    [Fact]
    public void Lines_of_the_administrator_are_put_aside_only_when_told_and_after_ours_are_there()
    {
        const string main = "auto lo eth1\niface lo inet loopback\n# storage\niface eth1 inet dhcp\n    hostname x\n\n"
            + "iface eth1 inet6 auto\niface eth0 inet dhcp\n";
        const string aside = "auto lo eth1\niface lo inet loopback\n# storage\n#ZfsEsx# iface eth1 inet dhcp\n"
            + "#ZfsEsx#     hostname x\n\niface eth1 inet6 auto\niface eth0 inet dhcp\n"
            + "source /etc/network/interfaces.d/*\n";
        const string path = "/etc/network/interfaces";
        NetworkState state = Network() with
        {
            Files = new Dictionary<string, string> { [path] = main, [path + ".d/san"] = "iface eth1 inet dhcp\n" },
        };
        Assert.Equal("InterfaceConfiguredElsewhere", Refused(state, Other));
        HostNetworkRequest told = Other with { TakeOver = true };
        IReadOnlyList<NetworkStep> steps = Compare(state, told);
        Assert.Equal(2, steps.Count);
        Assert.EndsWith(
            "; let " + path + " read " + path + ".d; put the lines for eth1 in " + path + ", " + path
                + ".d/san aside as comments",
            steps[1].Action, StringComparison.Ordinal);
        Assert.Equal([path + ".d/eth1", path, path + ".d/san"], steps[1].Files.Select(f => f.Path));
        Assert.Equal([aside, "#ZfsEsx# iface eth1 inet dhcp\n"], steps[1].Files.Skip(1).Select(f => f.Content));

        // The rest of a run that ended after the first file.
        Dictionary<string, string> files = new(state.Files) { [path + ".d/eth1"] = steps[1].Files[0].Content };
        ZfsHostNetwork made = state.Interfaces[1] with { Addresses = ["10.99.0.12/24"], Mtu = 1500 };
        NetworkState half = state with { Files = files, Interfaces = [state.Interfaces[0], made] };
        Assert.Equal(steps[1].Files.Skip(1), Assert.Single(Compare(half, told)).Files);
        foreach (NetworkFile file in steps[1].Files)
        {
            files[file.Path] = file.Content;
        }

        Assert.Empty(Compare(half, Other));
    }

    [Fact]
    public void Networkd_gets_a_file_that_comes_before_others()
    {
        NetworkState state = Kept("systemd-networkd");
        IReadOnlyList<NetworkStep> steps = Compare(
            state, Other with { Routes = [new NetworkRoute("10.98.0.0/16", "10.99.0.1")] });
        Assert.Equal(
            ("networkd", "/run/systemd/network/04-zfsesx-eth1.network"),
            (steps[0].Trial!.Way, steps[0].Trial!.TrialFile));
        Assert.Equal("/etc/systemd/network/05-zfsesx-eth1.network", steps[1].Files[0].Path);
        Assert.Equal(
            Own + "[Match]\nName=eth1\n\n[Link]\nMTUBytes=1500\n\n[Network]\nDHCP=no\nAddress=10.99.0.12/24\n"
                + "\n[Route]\nDestination=10.98.0.0/16\nGateway=10.99.0.1\n",
            steps[1].Files[0].Content);
        NetworkState theirs = state with
        {
            NetworkdFiles = new Dictionary<string, string> { ["eth1"] = "/etc/systemd/network/20-all.network" },
        };
        Assert.Equal("InterfaceConfiguredElsewhere", Refused(theirs, Other));
        Assert.Equal(2, Compare(theirs, Other with { TakeOver = true }).Count);
    }

    [Theory]
    [InlineData("", "eth1", false, null)]
    [InlineData("eth1:\n  dhcp4: true\n", "eth1", true, "force")]
    [InlineData("eth1:\n  dhcp4: no\n  optional: true\n", "eth1", false, null)]
    [InlineData("nas:\n  match:\n    macaddress: \"52:54:00:99:00:01\"\n  dhcp4: true\n", "nas", true, "force")]
    [InlineData("nas:\n  set-name: \"eth1\"\n", "nas", false, null)]
    [InlineData("eth1:\n  addresses:\n  - 10.99.0.11/24\n", "eth1", true, "never")]
    [InlineData("eth0:\n  dhcp4: true\n", "eth1", false, null)]
    public void Netplan_gets_a_file_of_its_own(string definitions, string id, bool refused, string? how)
    {
        NetworkState state = Kept("netplan") with { Netplan = definitions };
        if (refused)
        {
            Assert.Equal("InterfaceConfiguredElsewhere", Refused(state, Other));
        }

        HostNetworkRequest request = Other with { TakeOver = how is not null };
        if (how == "never")
        {
            Assert.Equal("InterfaceConfiguredElsewhere", Refused(state, request));
            return;
        }

        NetworkFile file = Assert.Single(Compare(state, request)[1].Files);
        Assert.Equal(("/etc/netplan/90-zfsesx-eth1.yaml", "0600"), (file.Path, file.Mode));
        Assert.Equal(
            Own + "network:\n  version: 2\n  ethernets:\n    " + id + ":\n      dhcp4: false\n      mtu: 1500\n"
                + "      addresses:\n        - 10.99.0.12/24\n",
            file.Content);
    }

    [Theory]
    [InlineData("NetworkManager", "nmcli connection modify")]
    [InlineData("TrueNAS", "TrueNAS' own interface")]
    [InlineData("dhcpcd", "by hand")]
    [InlineData("", "by hand")]
    public void What_others_keep_is_left_to_them(string keptBy, string advice)
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => Compare(Kept(keptBy), Other));
        Assert.Equal("NetworkManagerNotSupported", e.Id);
        Assert.Contains(advice, e.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("managers\nTrueNAS\nsystemd-networkd", "TrueNAS")]
    [InlineData("managers\nNetworkManager\nifupdown\n\u001enetworkmanager\neth1:connected", "NetworkManager")]
    [InlineData("managers\nNetworkManager\nifupdown\n\u001enetworkmanager\neth1:unmanaged", "ifupdown")]
    [InlineData("managers\nsystemd-networkd\nnetplan", "netplan")]
    [InlineData("managers\nsystemd-networkd", "systemd-networkd")]
    [InlineData("managers\nsystemd-networkd\nifupdown\n\u001enetworkd\n2 /etc/systemd/network/x.network",
        "systemd-networkd")]
    [InlineData("managers\nsystemd-networkd\nifupdown\n\u001efile /etc/network/interfaces\niface eth1 inet dhcp",
        "ifupdown")]
    [InlineData("managers\nsystemd-networkd\nifupdown", "ifupdown")]
    [InlineData("managers\n", "")]
    public void Who_keeps_an_interface(string text, string keptBy) => Assert.Equal(
        keptBy,
        Assert.Single(LinuxNetwork.Parse(
            "uss1", "\u001elinks\n2: eth1: <UP,LOWER_UP> mtu 1500 link/ether 52:54:00:99:00:01\n\u001e" + text)
            .Interfaces).KeptBy);

    [Fact]
    public void What_could_not_work_is_refused()
    {
        NetworkState state = Network();
        Assert.Equal("InterfaceNotFound", Refused(state, Other with { Interface = "eth7" }));
        Assert.Equal("InterfaceNotFound", Refused(state, Other with { Interface = null, Mac = "00:50:56:00:00:01" }));
        Assert.Equal("AddressInUse", Refused(state, Other with { Address = "10.0.2.15/24" }));
        Assert.Equal("DefaultRouteExists", Refused(state, Other with { Gateway = "10.99.0.1" }));
        NetworkState small =
            Network(edit: t => t.Replace("mtu 9000", "mtu 1500 maxmtu 1500", StringComparison.Ordinal));
        Assert.Equal("MtuTooLarge", Refused(small, Other with { Mtu = 9000 }));
        Assert.NotEmpty(Compare(small, Other));
    }

    public static TheoryData<string, string?, string?, int?, string?> BadRequests => new()
    {
        { "10.99.0.11", "eth1", null, null, null },
        { "10.99.0.11/33", "eth1", null, null, null },
        { "10.99.0.256/24", "eth1", null, null, null },
        { "010.99.0.1/24", "eth1", null, null, null },
        { "10.99.0.11/24", null, null, null, null },
        { "10.99.0.11/24", "eth1", "00:50:56:00:00:01", null, null },
        { "10.99.0.11/24", "eth1;reboot", null, null, null },
        { "10.99.0.11/24", "../x", null, null, null },
        { "10.99.0.11/24", null, "00:50:56", null, null },
        { "10.99.0.11/24", "eth1", null, 100, null },
        { "10.99.0.11/24", "eth1", null, null, "10.98.0.1" },
        { "10.99.0.11/24", "eth1", null, null, "10.99.0.11" },
        { "10.99.0.11/24", "eth1", null, null, "$(reboot)" },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void Bad_requests(string address, string? nic, string? mac, int? mtu, string? gateway) => Bad(
        new HostNetworkRequest { Address = address, Interface = nic, Mac = mac, Mtu = mtu, Gateway = gateway });

    [Theory]
    [InlineData("10.98.0.1/16", "10.99.0.1", 60)]
    [InlineData("10.98.0.0", "10.99.0.1", 60)]
    [InlineData("10.98.0.0/16", "10.1.0.1", 60)]
    [InlineData("10.98.0.0/16;reboot", "10.99.0.1", 60)]
    [InlineData("10.98.0.0/16", "10.99.0.1", 9)]
    [InlineData("10.98.0.0/16", "10.99.0.1", 9999)]
    public void Bad_routes_and_times(string destination, string gateway, int seconds) => Bad(Other with
    {
        Routes = [new NetworkRoute(destination, gateway)], RollBackAfter = TimeSpan.FromSeconds(seconds),
    });

    private static void Bad(HostNetworkRequest request) =>
        Assert.Equal("InvalidAddress", Assert.Throws<ZfsEsxException>(() => NetworkRules.Check(request)).Id);

    private static IReadOnlyList<NetworkStep> Compare(NetworkState state, HostNetworkRequest request)
    {
        NetworkRules.Check(request);
        return LinuxNetworkPlanner.Compare("uss1", state, request);
    }

    private static string Refused(NetworkState state, HostNetworkRequest request) =>
        Assert.Throws<ZfsEsxException>(() => Compare(state, request)).Id;

    private static NetworkState Kept(string by)
    {
        NetworkState state = Network();
        return state with
        {
            Interfaces = [.. state.Interfaces.Select(i => i with { KeptBy = by })],
            Files = new Dictionary<string, string>(),
        };
    }

    // With other routes in place of the recorded ones.
    private static NetworkState Network(string? routes = null, Func<string, string>? edit = null)
    {
        string text = ZfsFixture.Text("openzfs-2.3.9/network.txt");
        if (routes is not null)
        {
            int at = text.IndexOf("default via", StringComparison.Ordinal);
            text = text[..at] + routes + text[text.IndexOf("\u001eback", StringComparison.Ordinal)..];
        }

        return LinuxNetwork.Parse("uss1", edit is null ? text : edit(text));
    }
}
