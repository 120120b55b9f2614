using ZfsEsx.Os;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>
/// Addresses of OpenSolaris and illumos: the scripts under ksh93 over programs that answer as theirs do.
/// </summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SolarisNetworkTests
{
    private static readonly HostNetworkRequest Storage =
        new() { Address = "10.99.0.11/24", Mac = "00:50:56:aa:09:02", Mtu = 9000 };

    private static readonly SolarisDialect Snv = new(HostSystem.OpenSolaris);

    [Theory]
    [InlineData(false, false, "physical:default")]
    [InlineData(false, true, "nwam")]
    [InlineData(true, false, "ipadm")]
    public async Task Interfaces_and_the_one_we_came_by(bool ipadm, bool nwam, string keptBy)
    {
        using SunHost host = new(ipadm, nwam);
        NetworkState state = await ReadAsync(host);
        Assert.Equal(
            ["e1000g0 00:0c:29:01:02:03 True True " + keptBy, "e1000g1 00:50:56:aa:09:02 False False " + keptBy],
            state.Interfaces.Select(i => $"{i.Interface} {i.Mac} {i.Up} {i.Management} {i.KeptBy}"));
        Assert.Equal(
            ("192.168.10.21/24", 1500, "192.168.10.1"),
            (state.Interfaces[0].Addresses[0], state.Interfaces[0].Mtu, state.Interfaces[0].Gateway));
        Assert.Equal(("e1000g0", 0), (state.DefaultRoute, state.Interfaces[1].Addresses.Count));
    }

    [Fact]
    public async Task The_articles_way_a_hostname_file_without_blank_lines()
    {
        using SunHost host = new(ipadm: false, nwam: false);
        IReadOnlyList<NetworkStep> steps = Snv.CompareNetwork("uss1", await ReadAsync(host), Storage);
        NetworkStep step = Assert.Single(steps);
        Assert.Empty(step.Files);
        Assert.Equal("/etc/hostname.e1000g1", step.Trial!.KeepFile);
        Assert.EndsWith(
            "confirms it, then kept after a restart in /etc/hostname.e1000g1", step.Action, StringComparison.Ordinal);
        File.WriteAllText(host.FileOf("dhcp.e1000g1"), "");

        await TryAsync(host, steps[0].Trial!, 60);
        Assert.Equal(
            [
                "dladm set-linkprop -t -p mtu=9000 e1000g1",
                "ifconfig e1000g1 plumb",
                "ifconfig e1000g1 dhcp drop",
                "ifconfig e1000g1 inet 10.99.0.11 netmask 255.255.255.0 broadcast + up",
                "route add -net 10.98.0.0/16 10.99.0.1",
            ],
            host.Made.Where(c => c != "ifconfig e1000g1 unplumb"));
        int before = host.Made.Length;
        await KeepAsync(host, steps[0].Trial!);
        Assert.Equal(
            ["dladm set-linkprop -p mtu=9000 e1000g1", "route -p add -net 10.98.0.0/16 10.99.0.1"],
            host.Made.Skip(before));
        Assert.False(Directory.Exists(host.Run));
        Assert.Equal(
            "10.99.0.11 netmask 255.255.255.0 broadcast + up\n", File.ReadAllText(host.FileOf("hostname.e1000g1")));
        Assert.False(File.Exists(host.FileOf("dhcp.e1000g1")));
    }

    [Fact]
    public async Task Nwam_goes_for_good_only_when_the_change_stays_and_the_others_keep_their_addresses()
    {
        using SunHost host = new(ipadm: false, nwam: true);
        IReadOnlyList<NetworkStep> steps = Snv.CompareNetwork("uss1", await ReadAsync(host), Storage);
        // All in one: declined is either everything or nothing.
        NetworkStep step = Assert.Single(steps);
        Assert.Equal(
            new NetworkFile("/etc/hostname.e1000g0", "192.168.10.21 netmask 255.255.255.0 broadcast + up\n"),
            Assert.Single(step.Files));
        Assert.Equal(ChangeRisk.Disruptive, step.Risk);
        await TryAsync(host, step.Trial!, 60);
        Assert.Equal(
            ["svcadm disable -st network/physical:nwam", "svcadm enable -st network/physical:default"],
            host.Made.Take(2));
        // The file is there when nwam goes for good.
        host.Before("svcadm", "'disable network/physical:nwam'", "cat \"$SUN/hostname.e1000g1\" >\"$SUN/then\"");
        await KeepAsync(host, step.Trial!);
        Assert.StartsWith("10.99.0.11 ", File.ReadAllText(host.FileOf("then")), StringComparison.Ordinal);
        Assert.Contains("svcadm.real disable network/physical:nwam", host.Made);
        Assert.Contains("svcadm.real enable network/physical:default", host.Made);
    }

    [Fact]
    public async Task What_nobody_confirms_is_taken_back()
    {
        using SunHost host = new(ipadm: false, nwam: true);
        HostNetworkRequest own =
            new() { Address = "192.168.10.99/24", Interface = "e1000g0", Gateway = "192.168.10.2" };
        NetworkTrial trial = Snv.CompareNetwork("uss1", await ReadAsync(host), own)[0].Trial!;
        await TryAsync(host, trial, 2);
        int before = host.Made.Length;
        await GoneAsync(host);
        Assert.Equal("Nobody connected to confirm it within 2 s.\n", File.ReadAllText(host.Run + ".last"));
        Assert.Equal(
            [
                "route delete default 192.168.10.2", "ifconfig e1000g0 unplumb",
                "dladm set-linkprop -t -p mtu=1500 e1000g0",
                "svcadm disable -st network/physical:default", "svcadm enable -st network/physical:nwam",
                "route add default 192.168.10.1",
            ],
            host.Made.Skip(before));
        // Too late is too late.
        (int code, string said) =
            await host.ShAsync(Snv.GuardScript + Resource.Text("guard-keep.sh"), host.Run, "e1000g0");
        Assert.Equal((3, "Nobody connected to confirm it within 2 s.\n"), (code, said));
    }

    [Fact]
    public async Task An_address_of_before_comes_back_with_its_mask()
    {
        using SunHost host = new(ipadm: false, nwam: false);
        HostNetworkRequest own = new() { Address = "192.168.10.99/24", Interface = "e1000g0" };
        await TryAsync(host, Snv.CompareNetwork("uss1", await ReadAsync(host), own)[0].Trial!, 60);
        (int code, string said) = await host.ShAsync(Resource.Text("guard-undo.sh"), host.Run);
        Assert.Equal((0, "It was taken back on request.\n"), (code, said));
        Assert.Contains("ifconfig e1000g0 inet 192.168.10.21 netmask 0xffffff00 broadcast + up", host.Made);
    }

    [Fact]
    public async Task Illumos_is_changed_for_the_time_being_and_then_for_good()
    {
        using SunHost host = new(ipadm: true, nwam: false);
        NetworkStep step = Assert.Single(new SolarisDialect(HostSystem.Illumos).CompareNetwork(
            "uss1", await ReadAsync(host), Storage));
        await TryAsync(host, step.Trial!, 60);
        Assert.Equal(
            [
                "dladm set-linkprop -t -p mtu=9000 e1000g1", "ipadm create-if -t e1000g1",
                "ipadm create-addr -t -T static -a local=10.99.0.11/24 e1000g1/zfsesxtry",
                "route add -net 10.98.0.0/16 10.99.0.1",
            ],
            host.Made);
        int before = host.Made.Length;
        await KeepAsync(host, step.Trial!);
        Assert.Equal(
            [
                "dladm set-linkprop -p mtu=9000 e1000g1",
                "ipadm delete-addr e1000g1/zfsesxtry", "ipadm delete-if e1000g1", "ipadm create-if e1000g1",
                "ipadm create-addr -T static -a local=10.99.0.11/24 e1000g1/zfsesx",
                "route -p add -net 10.98.0.0/16 10.99.0.1",
            ],
            host.Made.Skip(before));
    }

    [Fact]
    public async Task What_the_system_refuses_is_taken_back_at_once_with_its_words()
    {
        using SunHost host = new(ipadm: true, nwam: false);
        HostNetworkRequest own = new() { Address = "192.168.10.99/24", Interface = "e1000g0" };
        NetworkTrial trial = Assert.Single(Snv.CompareNetwork("uss1", await ReadAsync(host), own)).Trial!;
        host.Refuse("ipadm", "'create-addr '*", "ipadm: cannot create address: Address already in use");
        (int code, string said) = await StartAsync(host, trial, 60);
        Assert.Equal(
            (1, "The system refused it: ipadm: cannot create address: Address already in use\n"), (code, said));
        Assert.Contains("ipadm.real disable-addr -t e1000g0/v4", host.Made);
        Assert.Contains("ipadm.real enable-addr -t e1000g0/v4", host.Made);
    }

    [Fact]
    public async Task Only_one_change_at_a_time_and_a_dead_guard_is_none()
    {
        using SunHost host = new(ipadm: true, nwam: false);
        NetworkTrial trial = Assert.Single(Snv.CompareNetwork("uss1", await ReadAsync(host), Storage)).Trial!;
        await TryAsync(host, trial, 60);
        Assert.Equal((75, "another change of addresses is under way\n"), await StartAsync(host, trial, 60));
        // No process has the second number: the first may stay a zombie where nobody reaps.
        await host.ShAsync("kill -9 $(cat \"$1/pid\"); echo 99999999 > \"$1/pid\"", host.Run);
        await TryAsync(host, trial, 60);
        await KeepAsync(host, trial);
    }

    [Fact]
    public async Task A_change_that_is_not_made_in_time_is_ended_before_it_is_taken_back()
    {
        using SunHost host = new(ipadm: false, nwam: true);
        NetworkTrial trial = Assert.Single(Snv.CompareNetwork("uss1", await ReadAsync(host), Storage)).Trial!;
        // svcadm -s waits until the service is down; and this one does not end when it is told.
        host.Before(
            "svcadm", "'disable -st network/physical:nwam'", "trap '' TERM; echo $$ >\"$SUN/hangs\"; sleep 300");
        Assert.Equal((3, "Nobody connected to confirm it within 2 s.\n"), await StartAsync(host, trial, seconds: 2));
        await GoneAsync(host);
        int hangs = int.Parse(File.ReadAllText(host.FileOf("hangs")));
        string stat = File.Exists($"/proc/{hangs}/stat") ? File.ReadAllText($"/proc/{hangs}/stat") : "";
        Assert.True(stat.Length == 0 || stat.Contains(") Z ", StringComparison.Ordinal), stat);
        // Nothing but what puts the former state back, and nothing after it.
        string[] back =
        [
            "ifconfig e1000g1 unplumb", "dladm set-linkprop -t -p mtu=1500 e1000g1",
            "svcadm.real disable -st network/physical:default", "svcadm.real enable -st network/physical:nwam",
            "route add default 192.168.10.1",
        ];
        Assert.Equal(back, host.Made);
        await Task.Delay(500);
        Assert.Equal(back, host.Made);
    }

    [Fact]
    public async Task Routes_that_are_there_are_no_failure_and_all_come_back()
    {
        using SunHost host = new(ipadm: false, nwam: false);
        host.Route("10.97.0.0/16 192.168.10.7");
        host.Route("10.96.0.0/16 192.168.10.8");
        NetworkState state = await ReadAsync(host);
        Assert.Equal(
            ["10.97.0.0/16 via 192.168.10.7", "10.96.0.0/16 via 192.168.10.8"],
            state.Interfaces[0].Routes.Select(r => r.ToString()));
        string[] before = host.Routes;
        HostNetworkRequest own = new()
        {
            Address = "192.168.10.99/24", Interface = "e1000g0",
            Routes = [new("10.97.0.0/16", "192.168.10.7"), new("10.95.0.0/16", "192.168.10.9")],
        };
        await TryAsync(host, Assert.Single(Snv.CompareNetwork("uss1", state, own)).Trial!, 60);
        Assert.Equal(
            ["10.95.0.0/16 192.168.10.9", "10.97.0.0/16 192.168.10.7", "default 192.168.10.1"], host.Routes.Order());
        Assert.Equal(
            (0, "It was taken back on request.\n"), await host.ShAsync(Resource.Text("guard-undo.sh"), host.Run));
        Assert.Equal(before, host.Routes);

        const string Words = "add net 10.95.0.0: gateway 192.168.10.9: Network is unreachable";
        host.Refuse("route", "'add -net 10.95.0.0/16 '*", Words);
        (int code, string said) = await StartAsync(
            host, Assert.Single(Snv.CompareNetwork("uss1", state, own)).Trial!, 60);
        Assert.Equal((1, "The system refused it: " + Words + "\n"), (code, said));
        Assert.Equal(before, host.Routes);
    }

    [Fact]
    public async Task A_default_gateway_out_of_reach_is_refused()
    {
        using SunHost host = new(ipadm: false, nwam: false);
        NetworkState state = await ReadAsync(host);
        HostNetworkRequest away = new() { Address = "172.16.0.5/24", Interface = "e1000g0" };
        Assert.Equal(
            "GatewayNotRemoved",
            Assert.Throws<ZfsEsxException>(() => Snv.CompareNetwork("uss1", state, away)).Id);
        HostNetworkRequest same = new() { Address = "192.168.10.21/24", Interface = "e1000g0" };
        Dictionary<string, string> files = new()
        {
            ["/etc/hostname.e1000g0"] = "192.168.10.21 netmask 255.255.255.0 broadcast + up\n",
        };
        Assert.Empty(Snv.CompareNetwork("uss1", state with { Files = files }, same));
        Assert.NotEmpty(Snv.CompareNetwork("uss1", state, same));
    }

    private static async Task<NetworkState> ReadAsync(SunHost host) =>
        Snv.ParseNetwork("uss1", (await host.ShAsync(Snv.NetworkScript)).Output);

    private static Task<(int Code, string Output)> StartAsync(SunHost host, NetworkTrial trial, int seconds) =>
        host.ShAsync(
            Resource.Text("guard-start.sh"),
            [
                host.Run, Snv.GuardScript + Resource.Text("guard.sh"), trial.Text, seconds.ToString("0"),
                trial.Wanted.Nic.Interface, trial.Way, trial.Wanted.Address, "255.255.255.0",
                trial.Wanted.Mtu.ToString("0"), trial.Wanted.Gateway ?? "-", .. Routes(trial),
            ]);

    private static async Task TryAsync(SunHost host, NetworkTrial trial, int seconds) =>
        Assert.Equal((0, ""), await StartAsync(host, trial, seconds));

    private static async Task KeepAsync(SunHost host, NetworkTrial trial) => Assert.Equal(
        (0, ""),
        await host.ShAsync(
            Snv.GuardScript + Resource.Text("guard-keep.sh"),
            [
                host.Run, trial.Wanted.Nic.Interface, trial.Way, trial.Wanted.Address, trial.Wanted.Mtu.ToString("0"),
                trial.Wanted.Gateway ?? "-",
                trial.KeepFile is null ? "-" : host.FileOf(Path.GetFileName(trial.KeepFile)), .. Routes(trial),
            ]));

    private static string[] Routes(NetworkTrial trial) =>
        trial.Wanted.Nic.Interface == "e1000g1" ? ["10.98.0.0/16", "10.99.0.1"] : [.. trial.Wanted.RouteWords];

    private static async Task GoneAsync(SunHost host)
    {
        for (int i = 0; Directory.Exists(host.Run) || !File.Exists(host.Run + ".last"); i++)
        {
            Assert.True(i < 600, "the guard should have ended");
            await Task.Delay(100);
        }
    }
}
