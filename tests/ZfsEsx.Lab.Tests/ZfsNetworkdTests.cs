using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Addresses kept by a real systemd-networkd and by a real netplan, on a host of the light lab. There is no systemd as
/// first process: <c>systemctl</c> and <c>udevadm</c> are stand-ins that do what netplan asks of them.
/// </summary>
public sealed class ZfsNetworkdTests : IAsyncLifetime
{
    private const string SetUp = """
        set -e
        rm -rf /etc/network /etc/netplan/* /etc/systemd/network/*
        # nobody names interfaces here: networkd is not to wait for udev
        mount -o remount,ro,bind /sys
        mkdir -p /run/dbus /etc/netplan /etc/systemd/network
        for d in links leases lldp; do mkdir -p /run/systemd/netif/$d; done
        chown -R systemd-network:systemd-network /run/systemd/netif
        dbus-daemon --system --fork --nopidfile </dev/null >/run/dbus.log 2>&1
        ip link add eth1 type veth peer name peer1
        ip link set peer1 mtu 9000 up
        printf '#!/bin/sh\nexit 0\n' >/usr/local/bin/udevadm
        cat >/usr/local/bin/systemctl <<'END'
        #!/bin/sh
        # -x: no process of the machine's is seen here, and the name is cut at 15 characters
        case "$*" in
          *is-active*systemd-networkd*) pgrep -x systemd-network >/dev/null;;
          *is-active*) exit 3;;
          *start*systemd-networkd* | *stop*systemd-networkd*)
            pkill -x systemd-network
            n=0
            while pgrep -x systemd-network >/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
            case "$1" in stop) ;; *) setsid /usr/lib/systemd/systemd-networkd </dev/null >>/run/networkd.log 2>&1 & ;; esac;;
        esac
        END
        chmod 755 /usr/local/bin/*
        systemctl start systemd-networkd
        n=0
        until [ -e /run/systemd/netif/state ]; do sleep 0.1; n=$((n + 1)); [ $n -lt 300 ]; done
        """;

    private static readonly HostNetworkRequest Storage = new()
    {
        Address = "10.99.0.11/24", Interface = "eth1", Mtu = 9000, Routes = [new("10.97.0.0/16", "10.99.0.1")],
    };

    private static readonly HostNetworkRequest Own = new() { Address = "10.98.0.11/24", Interface = "eth0" };

    private FuseLab? _lab;
    private ZfsHost? _host;

    private ZfsHost Host => _host!;

    public async Task InitializeAsync()
    {
        await Prerequisites.EnsureNetworksAsync(Console.WriteLine, CancellationToken.None);
        _lab = await FuseLab.UpAsync(
            new LabOptions { Name = "networkd-" + Environment.ProcessId, Nodes = 1 }, Console.WriteLine,
            CancellationToken.None);
        OpenSshShell shell = await OpenSshShell.ConnectAsync(
            new SshOptions { HostName = "uss1", ConfigFile = _lab.SshConfigPath }, CancellationToken.None);
        _host = await ZfsHost.OpenAsync(shell, CancellationToken.None);
        await RunAsync(SetUp);
    }

    public async Task DisposeAsync()
    {
        _host?.Dispose();
        await (_lab?.DownAsync() ?? Task.CompletedTask);
    }

    [Fact]
    public async Task Networkd_keeps_what_is_right_and_what_is_wrong_is_taken_back()
    {
        Assert.Equal("systemd-networkd", (await TwiceAsync(Storage with { Mtu = 8000 })).KeptBy);
        await TwiceAsync(Storage); // what is tried counts before what was kept
        Assert.Equal("05-zfsesx-eth1.network\n", (await RunAsync("ls /etc/systemd/network")).Output);
        await WrongAsync();
        await TwiceAsync(Own with { Mtu = 1400 });
        await AgainFromFilesAsync("");
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, Storage, default)).Changes);
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, Own with { Mtu = 1400 }, default)).Changes);

        // Set up by the administrator: only when told; his file stays.
        await RunAsync("""
            cd /etc/systemd/network && mv 05-zfsesx-eth1.network 20-eth1.network
            networkctl reload && networkctl reconfigure eth1
            n=0
            until grep -q 20-eth1 /run/systemd/netif/links/*; do sleep 0.1; n=$((n + 1)); [ $n -lt 300 ]; done
            """);
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => HostNetwork.PlanSetAsync(Host, Storage, default));
        Assert.Equal("InterfaceConfiguredElsewhere", e.Id);
        await TwiceAsync(Storage with { TakeOver = true });
        Assert.Contains("20-eth1.network", (await RunAsync("ls /etc/systemd/network")).Lines);

        // The address that we came by, through an alias whose user, key and way lead to the new one as well.
        await TwiceAsync(Own with { Address = "10.98.0.12/24" });
        Assert.Equal("10.98.0.12", Host.Shell.Address);
    }

    [Fact]
    public async Task Netplan_keeps_what_is_right_and_what_is_wrong_is_taken_back()
    {
        await RunAsync("printf 'network:\\n  version: 2\\n  renderer: networkd\\n' >/etc/netplan/10-base.yaml");
        Assert.Equal("netplan", (await TwiceAsync(Storage)).KeptBy);
        Assert.Equal("", (await RunAsync("ls /run/netplan")).Output);
        await WrongAsync();
        await TwiceAsync(Own with { Mtu = 1400 });
        await AgainFromFilesAsync("rm -rf /run/systemd/network; netplan generate");
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, Storage, default)).Changes);
        await TwiceAsync(Storage with { Mtu = 8000, Routes = [] });

        // A definition of the administrator's whose list netplan would join with ours.
        await RunAsync("mv /etc/netplan/90-zfsesx-eth1.yaml /etc/netplan/50-nas.yaml");
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => HostNetwork.PlanSetAsync(Host, Storage with { TakeOver = true }, default));
        Assert.Equal("InterfaceConfiguredElsewhere", e.Id);
    }

    // As the real one: what is started gets the manager's environment, and nothing of the login's.
    private const string SystemdRun = """
        mkdir -p /run/systemd/system
        cat >/usr/local/bin/systemd-run <<'END'
        #!/bin/sh
        echo "$1 $2 $3 $4 $5 $6 $8" >>/run/systemd-run.log
        if [ -e /run/no-bus ]; then echo 'Failed to connect to bus: No such file or directory' >&2; exit 1; fi
        shift 4
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin setsid "$@" </dev/null >/dev/null 2>&1 &
        END
        chmod 755 /usr/local/bin/systemd-run
        """;

    [Fact]
    public async Task The_guard_is_started_by_systemd_where_that_runs()
    {
        await RunAsync(SystemdRun);
        await WrongAsync();
        await TwiceAsync(Own with { Mtu = 1400 });
        // KillMode: what putting back has started, a DHCP client, is not to end with the guard.
        const string Call = "--quiet --collect -p KillMode=process sh -c /var/run/zfsesx-network/guard";
        Assert.Equal([Call, Call], (await RunAsync("cat /run/systemd-run.log")).Lines);

        // No bus: asked once more, and then started by other means.
        await RunAsync(": >/run/no-bus");
        await WrongAsync();
        await TwiceAsync(Own with { Mtu = 1300 });
        Assert.Equal(4, (await RunAsync("cat /run/systemd-run.log")).Lines.Length);
    }

    [Fact]
    public async Task Name_servers_are_set_and_the_lines_of_others_stay()
    {
        await RunAsync("""
            rm -f /etc/resolv.conf
            printf 'options timeout:1\nnameserver 192.0.2.1\n' >/etc/resolv.conf
            printf 'passwd: files\nhosts: dns # by hand\n' >/etc/nsswitch.conf
            """);
        HostNameRequest wanted = new()
        {
            Entries = [new HostEntry("vh1-nas", "10.99.0.101")], NameServers = ["192.0.2.53"],
            SearchDomains = ["storage.example.org"],
        };
        Plan<ZfsHostName> plan = await HostNames.PlanSetAsync(Host, wanted, default);
        Assert.Equal(3, plan.Changes.Count);
        ZfsHostName names = await plan.RunAsync(SilentReporter.Instance, default);
        Assert.Equal(["192.0.2.53"], names.NameServers);
        Assert.Equal(["storage.example.org"], names.SearchDomains);
        Assert.Equal(["files", "dns"], names.Lookup);
        Assert.Empty((await HostNames.PlanSetAsync(Host, wanted, default)).Changes);
        Assert.Equal(
            ["options timeout:1", "#ZfsEsx# nameserver 192.0.2.1"],
            (await RunAsync("cat /etc/resolv.conf")).Lines.Take(2));
        Assert.Equal(["10.99.0.101"], (await HostNames.ResolveAsync(Host, ["vh1-nas"], default))["vh1-nas"]);
    }

    private async Task WrongAsync()
    {
        string before = await StateAsync();
        HostNetworkRequest wrong = Own with { Address = "10.96.0.5/24", RollBackAfter = TimeSpan.FromSeconds(10) };
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(async () =>
            await (await HostNetwork.PlanSetAsync(Host, wrong, default)).RunAsync(SilentReporter.Instance, default));
        Assert.True(e.Id == "NetworkRolledBack", e.Message);
        Assert.Equal(before, await StateAsync());
    }

    // What a restart would do, as far as the network goes: nothing in memory, then the daemon with its files.
    private async Task AgainFromFilesAsync(string generate)
    {
        await RunAsync("""
            systemctl stop systemd-networkd
            for i in eth0 eth1; do ip addr flush dev $i; ip link set $i mtu 1500; done
            eval "$1"
            systemctl start systemd-networkd
            n=0
            until ip -4 addr show eth0 | grep -q inet && ip -4 route | grep -q '^10.97'; do
              sleep 0.1
              n=$((n + 1))
              [ $n -lt 300 ]
            done
            """, generate);
        await Host.ReconnectAsync(null, default);
    }

    private async Task<ZfsHostNetwork> TwiceAsync(HostNetworkRequest wanted)
    {
        Plan<ZfsHostNetwork> plan = await HostNetwork.PlanSetAsync(
            Host, wanted with { RollBackAfter = TimeSpan.FromMinutes(10) }, default);
        Assert.NotEmpty(plan.Changes);
        ZfsHostNetwork result = await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal(wanted.Address, Assert.Single(result.Addresses));
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, wanted, default)).Changes);
        return result;
    }

    // Without the order and the marks of who has set a route: they come and go with the daemon.
    private async Task<string> StateAsync() => (await RunAsync("""
        ip -o -4 addr show scope global | awk '{ print $2, $4 }' | sort
        ip -4 route show | sed 's/ proto.*//' | sort
        ip -o link show | sed 's/.*: \(eth[01]\).* mtu \([0-9]*\) .*/\1 \2/' | grep ^eth
        ls /run/netplan /etc/systemd/network /etc/netplan
        """)).Output;

    private async Task<CommandResult> RunAsync(string script, params string[] arguments)
    {
        CommandResult result = await Host.RunAsync(RemoteCommand.Script(script, arguments), CancellationToken.None);
        Assert.True(result.Succeeded || result.Complaint.Contains("No such file", StringComparison.Ordinal),
            script + ": " + result.Complaint);
        return result;
    }
}
