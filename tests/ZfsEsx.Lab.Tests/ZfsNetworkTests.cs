using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>Addresses of a real guest with ifupdown: a wrong change is taken back, a right one stays.</summary>
[Collection(LabTests.Name)]
public sealed class ZfsNetworkTests(LabFixture fixture) : IAsyncLifetime
{
    private const string Vm = "net1";
    private const string Management = "00:50:56:aa:08:01";
    private const string Storage = "00:50:56:aa:08:02";
    private static readonly HostNetworkRequest Own = new() { Address = "10.0.2.15/24", Mac = Management };
    private readonly JsonObject _vm = Machine();
    private ZfsHost? _host;

    private ZfsHost Host => _host!;

    public async Task InitializeAsync()
    {
        await StartAsync();
        _host = await ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        _host?.Dispose();
        await fixture.Lab.EventAsync("power-off", _vm, CancellationToken.None);
    }

    [Fact]
    public async Task Nobody_is_locked_out_and_what_is_right_stays()
    {
        Assert.Equal("10.0.2.2", (await NicAsync(Management)).Gateway);
        string before = await StateAsync();
        await WrongAsync(Own with { Address = "10.0.2.99/24" });
        Assert.Equal(before, await StateAsync());
        // Without a route to where we come from, and without the default gateway.
        await WrongAsync(Own with { Address = "10.0.2.15/32", Gateway = HostNetworkRequest.None, Mtu = 1400 });
        Assert.Equal(before, await StateAsync());

        await RestartInBetweenAsync();
        Assert.Equal(before, await StateAsync());

        ZfsHostNetwork right = await TwiceAsync(Own with { Mtu = 1400 });
        Assert.Equal(
            ("10.0.2.15", 1400, "10.0.2.2", "ifupdown"), (right.Address, right.Mtu, right.Gateway, right.KeptBy));
        HostNetworkRequest storage = new()
        {
            Address = "10.99.0.88/24", Mac = Storage, Mtu = 9000, Routes = [new("10.97.0.0/16", "10.99.0.1")],
        };
        await TwiceAsync(storage);
        await RunAsync("sync");
        await RestartAsync();
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, Own with { Mtu = 1400 }, default)).Changes);
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, storage, default)).Changes);
        Assert.Equal("10.97.0.0/16 via 10.99.0.1", Assert.Single((await NicAsync(Storage)).Routes).ToString());

        // An interface that is set up by the administrator's lines: only when told, and they are kept.
        await RunAsync("sh", "-c", """
            cd /etc/network
            printf 'auto eth1\niface eth1 inet static\n    # by hand\n    address 10.99.0.89/24\n' >> interfaces
            rm -r interfaces.d # it may be missing
            """);
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => HostNetwork.PlanSetAsync(Host, storage, default));
        Assert.Equal("InterfaceConfiguredElsewhere", e.Id);
        await TwiceAsync(storage with { TakeOver = true });
        Assert.Contains(
            "#ZfsEsx#     address 10.99.0.89/24", (await RunAsync("cat", "/etc/network/interfaces")).Lines);
    }

    private async Task WrongAsync(HostNetworkRequest wrong)
    {
        Plan<ZfsHostNetwork> plan = await HostNetwork.PlanSetAsync(
            Host, wrong with { RollBackAfter = TimeSpan.FromSeconds(15) }, default);
        Assert.Equal(ChangeRisk.Disruptive, plan.Changes[0].Risk);
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => plan.RunAsync(SilentReporter.Instance, CancellationToken.None));
        Assert.Equal("NetworkRolledBack", e.Id);
        Assert.Contains("Nobody connected to confirm it within 15 s.", e.Message, StringComparison.Ordinal);
        Assert.Equal("10.0.2.15", (await NicAsync(Management)).Address);
    }

    // The power goes while a wrong change waits for its confirmation: the machine comes up as it was.
    private async Task RestartInBetweenAsync()
    {
        Plan<ZfsHostNetwork> plan = await HostNetwork.PlanSetAsync(
            Host, Own with { Address = "10.0.2.99/24", RollBackAfter = TimeSpan.FromMinutes(20) }, default);
        using CancellationTokenSource stop = new();
        Task running = plan.RunAsync(SilentReporter.Instance, stop.Token);
        Assert.True(await LoopbackSshd.BecomesAsync(() => !AnswersAsync().GetAwaiter().GetResult(), 60));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await RestartAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        RemoteCommand probe = new("true") { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            return (await fixture.Lab.GuestAsync(Vm, probe, CancellationToken.None)).Succeeded;
        }
        catch (LabException)
        {
            return false;
        }
    }

    private async Task RestartAsync()
    {
        Host.Dispose();
        await fixture.Lab.EventAsync("power-off", _vm, CancellationToken.None);
        await StartAsync();
        _host = await ConnectAsync();
    }

    // Does it, and proves that a second run has nothing to do.
    private async Task<ZfsHostNetwork> TwiceAsync(HostNetworkRequest wanted)
    {
        Plan<ZfsHostNetwork> plan = await HostNetwork.PlanSetAsync(
            Host, wanted with { RollBackAfter = TimeSpan.FromMinutes(10) }, default);
        Assert.NotEmpty(plan.Changes);
        ZfsHostNetwork result = await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Empty((await HostNetwork.PlanSetAsync(Host, wanted, default)).Changes);
        Assert.False((await Host.RunAsync(new RemoteCommand("test", "-e", "/run/zfsesx-network"), default)).Succeeded);
        return result;
    }

    private async Task<ZfsHostNetwork> NicAsync(string mac) =>
        (await HostNetwork.GetAsync(Host, default)).Single(n => n.Mac == mac);

    // Addresses, routes and files: everything that a change could leave behind.
    private async Task<string> StateAsync() => (await RunAsync("sh", "-c", """
        ip -o -4 addr show scope global | awk '{ print $2, $4 }'
        ip -4 route show
        cat /sys/class/net/eth*/mtu
        cat /etc/network/interfaces
        ls /etc/network/interfaces.d /run | grep -v 'zfsesx-network[.]'
        """)).Output;

    private async Task<CommandResult> RunAsync(params string[] words)
    {
        CommandResult result = await Host.RunAsync(new RemoteCommand(words), CancellationToken.None);
        Assert.True(result.Succeeded, result.Complaint);
        return result;
    }

    private async Task StartAsync()
    {
        CommandResult result = await fixture.Lab.EventAsync("power-on", _vm, CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
        await fixture.Lab.WaitReadyAsync(Vm, CancellationToken.None);
    }

    private async Task<ZfsHost> ConnectAsync() => await ZfsHost.OpenAsync(
        await OpenSshShell.ConnectAsync(
            new SshOptions
            {
                HostName = "127.0.0.1", Name = Vm, Port = fixture.Lab.SshPortOf(Vm), UserName = "root",
                ConfigFile = "/dev/null", IdentityFile = fixture.Lab.SshKeyPath,
                KnownHostsFile = fixture.Lab.KnownHostsPath,
            },
            CancellationToken.None),
        CancellationToken.None);

    private static JsonObject Machine() => new()
    {
        ["vm"] = Vm,
        ["uuid"] = "42aa0000-0000-0000-0000-00006e657431",
        ["host"] = "vh1",
        ["numCpu"] = 1,
        ["memoryMB"] = Lab.UsualMemoryMB,
        ["guestInfo"] = new JsonObject { ["hostname"] = Vm },
        ["nics"] = new JsonArray(
            new JsonObject { ["mac"] = Management, ["network"] = "VM Network" },
            new JsonObject { ["mac"] = Storage, ["network"] = "eSAN-VM" }),
        ["disks"] = new JsonArray(
            new JsonObject { ["key"] = 2000, ["file"] = "disk", ["capacityBytes"] = 256L << 20 }),
        ["passthrough"] = new JsonArray(),
    };
}
