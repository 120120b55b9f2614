using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>VMs whose files turn up on another datastore, and hosts that are lost, as vSphere takes them.</summary>
public sealed class FailoverVmTests : IAsyncLifetime
{
    private EsxInventory _lab = null!;

    private VimClient Client => _lab.Client;

    private VmActions Actions => new(Client);

    public async Task InitializeAsync()
    {
        _lab = await EsxInventory.StartAsync();
        foreach ((string server, string name) in new[] { ("10.0.0.1", "old"), ("10.0.0.2", "new") })
        {
            _lab.Simulator.Export(server, "/export/" + name);
            string folder = Path.Combine(_lab.Simulator.NasRoot, server, "export", name, "app");
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "app.vmx"), """
                displayName = "app"
                uuid.bios = "56 4d 12 34 00 00 00 00-00 00 00 00 00 00 00 01"
                ethernet0.present = "TRUE"
                ethernet0.networkName = "VM Network"
                """);
            await RunAsync(await NfsDatastore.PlanMountAsync(
                Client,
                _lab.Hosts,
                new NfsMount { Name = name, RemoteHost = server, RemotePath = "/export/" + name },
                default));
        }
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task Moved_keeps_the_identity()
    {
        MoRef vm = await RegisterAsync("new", "app");
        await Actions.PowerOnAsync(vm, "app", moved: true, SilentReporter.Instance, default);
        VimObject now = await ReadAsync(vm);
        Assert.Equal("poweredOn", now["runtime.powerState"].Text);
        Assert.Equal("564d1234-0000-0000-0000-000000000001", now["config.uuid"].Text);
        Assert.Equal("true", Card(now)["connectable"]["startConnected"].Text);
    }

    [Fact]
    public async Task Copied_takes_another_one()
    {
        MoRef vm = await RegisterAsync("new", "app");
        await Actions.PowerOnAsync(vm, "app", moved: false, SilentReporter.Instance, default);
        Assert.NotEqual("564d1234-0000-0000-0000-000000000001", (await ReadAsync(vm))["config.uuid"].Text);
    }

    [Fact]
    public async Task An_isolated_copy_has_no_network_and_asks_nobody()
    {
        MoRef vm = await RegisterAsync("new", "app-test");
        await Actions.IsolateAsync(vm, "app-test", SilentReporter.Instance, default);
        Assert.Equal("false", Card(await ReadAsync(vm))["connectable"]["startConnected"].Text);
        SimulatorStats again = await _lab.CountAsync(
            () => Actions.IsolateAsync(vm, "app-test", SilentReporter.Instance, default));
        Assert.Empty(again.ChangingCalls);
        SimulatorStats on = await _lab.CountAsync(
            () => Actions.PowerOnAsync(vm, "app-test", moved: false, SilentReporter.Instance, default));
        Assert.DoesNotContain("AnswerVM", on.Calls.Keys);
        Assert.NotEqual("564d1234-0000-0000-0000-000000000001", (await ReadAsync(vm))["config.uuid"].Text);
    }

    // A disk in another place is named by its path, and that is the real one's.
    [Fact]
    public async Task A_copy_with_a_disk_elsewhere_is_not_kept()
    {
        string vmx = Path.Combine(_lab.Simulator.NasRoot, "10.0.0.2", "export", "new", "app", "app.vmx");
        await File.AppendAllTextAsync(vmx, "\nscsi0:0.fileName = \"app.vmdk\"\n");
        MoRef vm = await RegisterAsync("new", "app");
        await Actions.IsolateAsync(vm, "app", SilentReporter.Instance, default);
        await Actions.UnregisterAsync(vm, "app", default);

        await File.AppendAllTextAsync(vmx, "scsi0:1.fileName = \"/vmfs/volumes/old/app/data.vmdk\"\n");
        vm = await RegisterAsync("new", "app");
        ZfsEsxException refused = await Assert.ThrowsAsync<ZfsEsxException>(
            () => Actions.IsolateAsync(vm, "app", SilentReporter.Instance, default));
        Assert.Equal("DiskElsewhere", refused.Id);
        Assert.Contains("[old] app/data.vmdk", refused.Message, StringComparison.Ordinal);
        Assert.Empty((await FailoverInventory.ReadAsync(Client, [_lab.Hosts[0]], default)).On("new"));
    }

    [Fact]
    public async Task A_registration_whose_answer_was_lost_is_found()
    {
        await _lab.Simulator.FaultAsync("RegisterVM_Task", "DROP-AFTER", "");
        MoRef vm = await RegisterAsync("new", "app");
        Assert.Equal("app", (await ReadAsync(vm)).Name);
        Assert.Equal(vm, await RegisterAsync("new", "other"));
    }

    [Fact]
    public async Task A_lost_host_keeps_its_registrations_and_comes_back_without_them_running()
    {
        MoRef vm = await RegisterAsync("old", "app");
        await Actions.PowerOnAsync(vm, "app", moved: true, SilentReporter.Instance, default);
        await _lab.Simulator.LoseAsync("vh1");
        FailoverInventory lost = await FailoverInventory.ReadAsync(Client, [_lab.Hosts[1]], default);
        KnownVm known = Assert.Single(lost.On("old"));
        Assert.True(known.IsOn);
        Assert.Equal(("app/app.vmx", false), (known.File, lost.HostOf(known)!.Connected));
        ZfsEsxException away =
            await Assert.ThrowsAsync<ZfsEsxException>(() => Actions.UnregisterAsync(vm, "app", default));
        Assert.True(away.IsFault("HostNotConnected"));
        ZfsEsxException name = await Assert.ThrowsAsync<ZfsEsxException>(() => Actions.RenameAsync(
            lost.Store("10.0.0.1", "/export/old")!.Ref, "old", "old (lost)", SilentReporter.Instance, default));
        Assert.True(name.IsFault("HostNotConnected"));

        await _lab.Simulator.LoseAsync("vh1", back: true);
        Assert.Equal("poweredOff", (await ReadAsync(vm))["runtime.powerState"].Text);
        await Actions.UnregisterAsync(vm, "app", default);
        await Actions.UnregisterAsync(vm, "app", default);
        Assert.Empty((await FailoverInventory.ReadAsync(Client, [_lab.Hosts[1]], default)).On("old"));
    }

    private async Task<MoRef> RegisterAsync(string store, string name)
    {
        FailoverInventory inventory = await FailoverInventory.ReadAsync(Client, [_lab.Hosts[0]], default);
        KnownHost host = inventory.Chosen[0];
        return await Actions.RegisterAsync(
            $"[{store}] app/app.vmx", name, new VmPlace(host.VmFolder, host.Pool, host.Ref, host.Name),
            SilentReporter.Instance, default);
    }

    private async Task<VimObject> ReadAsync(MoRef vm) => (await Client.RetrieveAsync(
        [vm], "VirtualMachine", ["name", "config.uuid", "runtime.powerState", "config.hardware.device"], default))[0];

    private static VimValue Card(VimObject vm) =>
        vm["config.hardware.device"].Items.Single(d => d["macAddress"].Exists);

    private static Task<T> RunAsync<T>(Plan<T> plan) => plan.RunAsync(SilentReporter.Instance, default);
}
