using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Lab.Tests;

/// <summary>A storage VM with real OpenZFS and its kernel's NFS server, through Core's own operations.</summary>
[Collection(LabTests.Name)]
public sealed class ZfsHostTests(LabFixture fixture) : IAsyncLifetime
{
    private const string Vm = "zfs1";
    private const long Mega = 1 << 20;
    private readonly JsonObject _vm = Machine();
    private ZfsHost? _host;

    private ZfsHost Host => _host!;

    public async Task InitializeAsync()
    {
        CommandResult result = await fixture.Lab.EventAsync("power-on", _vm, CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
        await fixture.Lab.WaitReadyAsync(Vm, CancellationToken.None);
        SshOptions options = new()
        {
            HostName = "127.0.0.1", Name = Vm, Port = fixture.Lab.SshPortOf(Vm), UserName = "root", ConfigFile =
                "/dev/null",
            IdentityFile = fixture.Lab.SshKeyPath, KnownHostsFile = fixture.Lab.KnownHostsPath,
        };
        _host = await ZfsHost.OpenAsync(
            await OpenSshShell.ConnectAsync(options, CancellationToken.None), CancellationToken.None);
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
            (HostSystem.Linux, Elevation.Root, NfsServerState.Running), (Host.System, Host.Elevation, Host.NfsServer));
        Assert.Equal(new ZfsFeatures(true, true, true, true, true), Host.Features);
        Assert.StartsWith("zfs-2.", Host.ZfsVersion, StringComparison.Ordinal);

        await NamesAsync();
        await AddressAsync();
        await PoolAsync();
        await ShareAsync();
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

    private async Task AddressAsync()
    {
        HostNetworkRequest wanted = new() { Address = "10.99.0.77/24", Mac = "00:50:56:aa:07:02", Mtu = 9000 };
        ZfsHostNetwork nic = await TwiceAsync(ct => HostNetwork.PlanSetAsync(Host, wanted, ct));
        Assert.Equal((wanted.Mac, "10.99.0.77", 9000, true), (nic.Mac, nic.Address, nic.Mtu, nic.Up));
        IReadOnlyList<ZfsHostNetwork> all = await HostNetwork.GetAsync(Host, CancellationToken.None);
        string management = Assert.Single(all, n => n.Management).Interface;
        await RefusedAsync(
            "ManagementInterface", ct => HostNetwork.PlanSetAsync(
                Host, wanted with { Mac = null, Interface = management, Address = "10.99.0.78/24" }, ct));
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

    private async Task ShareAsync()
    {
        NfsShareRequest wanted = new()
        {
            FileSystem = "zp1/nas/vol0",
            MountPoint = "/export/zfs1-nas-vol0",
            Clients = [new NfsClient("vh1-nas", "10.99.0.101"), new NfsClient("vh2-nas", "10.99.0.102")],
            RecordSize = 65536,
        };
        await RefusedAsync("ClientNameNotResolved", ct =>
            NfsShares.PlanSetAsync(Host, wanted with { Clients = [new("vh9-nas")] }, ct));
        await RefusedAsync("ClientAddressDiffers", ct =>
            NfsShares.PlanSetAsync(Host, wanted with { Clients = [new("vh1-nas", "10.99.0.109")] }, ct));
        await RefusedAsync(
            "MountPointInUse", ct => NfsShares.PlanSetAsync(Host, wanted with { MountPoint = "/etc" }, ct));
        await RefusedAsync(
            "PoolNotFound", ct => NfsShares.PlanSetAsync(Host, wanted with { FileSystem = "zp9/x" }, ct));
        Assert.Empty(await NfsShares.GetAsync(Host, CancellationToken.None));
        Assert.False(
            (await Host.RunAsync(new RemoteCommand("zfs", "list", "zp1/nas"), CancellationToken.None)).Succeeded);

        ZfsNfsShare share = await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted, ct));
        Assert.Equal(["vh1-nas", "vh2-nas"], share.Exported.Order());
        Assert.Equal(["65536", "off"],
            (await RunAsync("zfs", "get", "-Hpo", "value", "recordsize,atime", wanted.FileSystem)).Lines);

        // The server has forgotten it; and: fewer clients.
        await RunAsync("exportfs", "-ua");
        await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted, ct));
        share = await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted with { Clients = [wanted.Clients[1]] }, ct));
        Assert.Equal(["vh2-nas"], share.Exported);
        Assert.Equal(share.Options, Assert.Single(await NfsShares.GetAsync(Host, CancellationToken.None)).Options);

        share = await TwiceAsync(ct => NfsShares.PlanRemoveAsync(Host, wanted.FileSystem, ct));
        Assert.Equal(("off", true), (share.Options, share.Mounted));
        Assert.Empty((await RunAsync("exportfs")).Output);
        await RefusedAsync("FileSystemNotFound", ct => NfsShares.PlanRemoveAsync(Host, "zp1/none", ct));
    }

    // Does it, and proves that a second run has nothing to do.
    private static async Task<T> TwiceAsync<T>(Func<CancellationToken, Task<Plan<T>>> plan)
    {
        Plan<T> first = await plan(CancellationToken.None);
        Assert.NotEmpty(first.Changes);
        T result = await first.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Empty((await plan(CancellationToken.None)).Changes);
        return result;
    }

    private static async Task<ZfsEsxException> RefusedAsync<T>(string id, Func<CancellationToken, Task<Plan<T>>> plan)
    {
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(() => plan(CancellationToken.None));
        Assert.Equal(id, e.Id);
        return e;
    }

    private async Task<CommandResult> RunAsync(params string[] words)
    {
        CommandResult result = await Host.RunAsync(new RemoteCommand(words), CancellationToken.None);
        Assert.True(result.Succeeded, result.Complaint);
        return result;
    }

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
