using System.Text;
using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// A storage VM with real OpenZFS and its kernel's NFS server, through Core's own operations, as a user who logs in
/// with a password and may use sudo with it.
/// </summary>
[Collection(LabTests.Name)]
public sealed partial class ZfsHostTests(LabFixture fixture) : IAsyncLifetime
{
    private const string Vm = "zfs1";
    private const long Mega = 1 << 20;
    private const string Password = "p w'\"$(id) ä";
    private readonly JsonObject _vm = Machine();
    private ZfsHost? _host;

    private ZfsHost Host => _host!;

    public async Task InitializeAsync()
    {
        CommandResult result = await fixture.Lab.EventAsync("power-on", _vm, CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
        await fixture.Lab.WaitReadyAsync(Vm, CancellationToken.None);
        SshOptions root = Options("root", fixture.Lab.SshKeyPath, null);
        using (OpenSshShell shell = await OpenSshShell.ConnectAsync(root, CancellationToken.None))
        {
            RemoteCommand user = new("sh", "-c", """
                useradd -m -s /bin/sh admin && chpasswd && echo 'admin ALL=(ALL) ALL' >/etc/sudoers.d/admin
                """)
            {
                Input = Encoding.UTF8.GetBytes("admin:" + Password + "\n"),
            };
            result = await shell.RunAsync(user, CancellationToken.None);
            Assert.True(result.Succeeded, result.Error);
        }

        OpenSshShell login = await OpenSshShell.ConnectAsync(
            Options("admin", null, SshOptions.Secure(Password)), CancellationToken.None);
        _host = await ZfsHost.OpenAsync(login, SshOptions.Secure(Password), insist: true, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        _host?.Dispose();
        await fixture.Lab.EventAsync("power-off", _vm, CancellationToken.None);
    }

    [Fact]
    public async Task From_bare_disks_to_a_share_and_back()
    {
        Assert.Equal(
            (HostSystem.Linux, "admin", Elevation.Sudo, NfsServerState.Running),
            (Host.System, Host.UserName, Host.Elevation, Host.NfsServer));
        Assert.Equal(new ZfsFeatures(true, true, true, true, true, true), Host.Features);
        Assert.StartsWith("zfs-2.", Host.ZfsVersion, StringComparison.Ordinal);

        await NamesAsync();
        await AddressAsync();
        await PoolAsync();
        await ShareAsync();
        await SpaceAsync();
        await ArcAsync();
        await ChecksAsync(); // last: it takes things away
    }

    private async Task NamesAsync()
    {
        HostEntry[] entries = [new("vh1-nas", "10.99.0.101"), new("vh2-nas", "10.99.0.102")];
        ZfsHostName names = await TwiceAsync(ct => HostNames.PlanSetAsync(Host, "zfs1-renamed", entries, ct));
        Assert.Equal("zfs1-renamed", names.HostName);
        Assert.Equal(entries, names.Entries);
        Assert.Contains(names.OtherEntries, e => e.Name == "localhost");
        IReadOnlyDictionary<string, IReadOnlyList<string>> found =
            await HostNames.ResolveAsync(Host, ["vh1-nas", "vh9-nas"], CancellationToken.None);
        Assert.Equal(["10.99.0.101"], found["vh1-nas"]);
        Assert.Empty(found["vh9-nas"]);
        await RefusedAsync(
            "HostEntryConflict", ct => HostNames.PlanSetAsync(Host, null, [new("localhost", "10.0.0.1")], ct));
        await RefusedAsync("InvalidHostName", ct => HostNames.PlanSetAsync(Host, "$(reboot)", [], ct));
    }

    private async Task ChecksAsync()
    {
        IReadOnlyList<ZfsHostCheck> checks = await HostChecks.GetAsync(
            Host, () => DateTimeOffset.UtcNow, TimeZoneInfo.Local, CancellationToken.None);
        Assert.Equal(15, checks.Count);
        Assert.DoesNotContain(checks, c => c.Status == ZfsHostCheckStatus.Failed);
        Assert.Equal("root by sudo", checks.Single(c => c.Check == "Rights").Found);

        // Each thing taken away is noticed on the next look, over the same connection.
        await RunAsync("rpc.nfsd", "0");
        await RunAsync(
            "sh", "-c", "echo nobody >/etc/cron.allow; mv /usr/bin/fio /root/ 2>/dev/null; date -s '1 hour ago'");
        checks = await HostChecks.GetAsync(
            Host, () => DateTimeOffset.UtcNow, TimeZoneInfo.Local, CancellationToken.None);
        Assert.Equal(ZfsHostCheckStatus.Failed, checks.Single(c => c.Check == "Time").Status);
        Assert.StartsWith("36", checks.Single(c => c.Check == "Time").Found, StringComparison.Ordinal);
        Assert.Contains("behind", checks.Single(c => c.Check == "Time").Found, StringComparison.Ordinal);
        ZfsHostCheck nfs = checks.Single(c => c.Check == "NfsServer");
        Assert.Equal(ZfsHostCheckStatus.Warning, nfs.Status);
        Assert.Contains(
            "apt-get install fio", checks.Single(c => c.Check == "Programs").Advice, StringComparison.Ordinal);
    }

    private async Task AddressAsync()
    {
        HostNetworkRequest wanted = new()
        {
            Address = "10.99.0.77/24", Mac = "00:50:56:aa:07:02", Mtu = 9000, RollBackAfter = TimeSpan.FromMinutes(10),
        };
        ZfsHostNetwork nic = await TwiceAsync(ct => HostNetwork.PlanSetAsync(Host, wanted, ct));
        Assert.Equal((wanted.Mac, "10.99.0.77", 9000, true), (nic.Mac, nic.Address, nic.Mtu, nic.Up));
        IReadOnlyList<ZfsHostNetwork> all = await HostNetwork.GetAsync(Host, CancellationToken.None);
        Assert.Equal("00:50:56:aa:07:01", Assert.Single(all, n => n.Management).Mac);
        await RefusedAsync(
            "InterfaceNotFound", ct => HostNetwork.PlanSetAsync(Host, wanted with { Mac = "00:50:56:00:00:99" }, ct));
    }

    private async Task PoolAsync()
    {
        IReadOnlyList<ZfsDisk> disks = await HostDisks.GetAsync(Host, CancellationToken.None);
        ZfsDisk data = Assert.Single(disks, d => d.Serial == "vmdk2001");
        ZfsDisk second = Assert.Single(disks, d => d.Serial == "vmdk2002");
        ZfsDisk log = Assert.Single(disks, d => d.Serial == "DDRdriveX1");
        Assert.All([data, second, log], d => Assert.Null(d.InUse));
        Assert.Equal(512 * Mega, data.Size.Bytes);
        Assert.All(disks.Except([data, second, log]), d => Assert.NotNull(d.InUse));

        ZpoolRequest wanted = new()
        {
            Name = "zp1",
            Data = [new VdevSpec("disk", [data.Name])],
            Log = [new VdevSpec("disk", [log.Device])],
            FileSystemProperties = new Dictionary<string, string> { ["compression"] = "lz4" },
        };
        ZfsDisk system = disks.First(d => d.InUse is not null);
        await RefusedAsync(
            "DiskInUse", ct => Zpools.PlanNewAsync(Host, wanted with { Data = [new("disk", [system.Name])] }, ct));
        await RefusedAsync("DiskNotFound", ct =>
            Zpools.PlanNewAsync(Host, wanted with { Data = [new("disk", ["$(touch /tmp/pwned)"])] }, ct));
        await RefusedAsync(
            "DiskTwice", ct => Zpools.PlanNewAsync(Host, wanted with { Log = [new("disk", [data.Device])] }, ct));
        Assert.Empty(await Zpools.GetAsync(Host, CancellationToken.None));

        Zpool pool = await TwiceAsync(ct => Zpools.PlanNewAsync(Host, wanted, ct));
        Assert.Equal(("ONLINE", 1), (pool.State, pool.Log.Count));
        Assert.Empty((await Zpools.PlanNewAsync(
            Host, wanted with { Data = [new("disk", ["/dev/" + data.Device])] }, default)).Changes);
        await RefusedAsync(
            "PoolNameTaken", ct => Zpools.PlanNewAsync(Host, wanted with { Data = [new("disk", [second.Name])] }, ct));
        await RefusedAsync(
            "DiskInUse", ct => Zpools.PlanNewAsync(Host, wanted with { Name = "zp2", Force = true }, ct));
        await RefusedAsync("InvalidPoolName", ct => Zpools.PlanNewAsync(Host, wanted with { Name = "zp;reboot" }, ct));

        // An exported pool's disk is nobody's to take, a destroyed one's only by force.
        ZpoolRequest other = new() { Name = "zp3", Data = [new VdevSpec("disk", [second.Name])] };
        await TwiceAsync(ct => Zpools.PlanNewAsync(Host, other, ct));
        await RunAsync("zpool", "export", "zp3");
        ZfsEsxException e = await RefusedAsync(
            "DiskInUse", ct => Zpools.PlanNewAsync(Host, other with { Name = "zp4", Force = true }, ct));
        Assert.Contains("pool zp3, not imported", e.Message, StringComparison.Ordinal);
        await RunAsync("zpool", "import", "zp3");
        await RunAsync("zpool", "destroy", "zp3");
        await RefusedAsync("DiskInUse", ct => Zpools.PlanNewAsync(Host, other with { Name = "zp4" }, ct));
        Plan<Zpool> forced =
            await Zpools.PlanNewAsync(Host, other with { Name = "zp4", Force = true }, CancellationToken.None);
        Assert.Equal(ChangeRisk.DataLoss, Assert.Single(forced.Changes).Risk);
        Assert.Equal("ONLINE", (await forced.RunAsync(SilentReporter.Instance, CancellationToken.None)).State);
    }

    // Does it, and proves that a second run has nothing to do.
    private Task<CommandResult> RunAsync(params string[] words) => MustAsync(Host, words);

    private SshOptions Options(string user, string? key, System.Security.SecureString? password) => new()
    {
        HostName = "127.0.0.1", Name = Vm, Port = fixture.Lab.SshPortOf(Vm), UserName = user, ConfigFile = "/dev/null",
        IdentityFile = key, Password = password, KnownHostsFile = fixture.Lab.KnownHostsPath,
    };

    private static JsonObject Machine() => new()
    {
        ["vm"] = Vm,
        ["uuid"] = "42aa0000-0000-0000-0000-00007a667331",
        ["host"] = "vh1",
        ["numCpu"] = 1,
        ["memoryMB"] = Lab.UsualMemoryMB,
        ["guestInfo"] = new JsonObject { ["hostname"] = Vm },
        ["nics"] = new JsonArray(
            new JsonObject { ["mac"] = "00:50:56:aa:07:01", ["network"] = "VM Network" },
            new JsonObject { ["mac"] = "00:50:56:aa:07:02", ["network"] = "eSAN-VM" }),
        ["disks"] = new JsonArray(
        [
            .. new (int Key, long Bytes)[] { (2000, 256 * Mega), (2001, 512 * Mega), (2002, 300 * Mega) }.Select(
                d => new JsonObject { ["key"] = d.Key, ["file"] = "disk", ["capacityBytes"] = d.Bytes }),
        ]),
        ["passthrough"] = new JsonArray(new JsonObject
        {
            ["id"] = "0000:04:00.0", ["vendor"] = "19e3", ["device"] = "5801", ["name"] = "DDRdrive X1",
        }),
    };
}
