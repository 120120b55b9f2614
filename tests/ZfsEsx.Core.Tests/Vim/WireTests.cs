using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Vim;

/// <summary>Requests are compared with recorded ones, element order included.</summary>
public sealed class WireTests : IDisposable
{
    private readonly ReplayServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Login_and_version()
    {
        using VimClient client = await _server.LoginAsync();
        Assert.Equal(Recorded.Request("01-RetrieveServiceContent"), _server.Last("RetrieveServiceContent"));
        Assert.Equal(Recorded.Request("04-Login"), _server.Last("Login"));
        await client.LogoutAsync(default);
        Assert.Equal(Recorded.Request("67-Logout"), _server.Last("Logout"));
        Assert.Equal(["\"urn:vim25/6.5\"", "\"urn:vim25/6.5\"", "\"urn:vim25/6.5\""],
            _server.Requests.Select(r => r.Action));
        Assert.Equal([null, null, "vmware_soap_session=\"key-2\""], _server.Requests.Select(r => r.Cookie));
    }

    [Fact]
    public async Task A_borrowed_key_is_sent_back_in_quotes_and_never_logged_out()
    {
        using VimClient client = await VimClient.BorrowAsync(_server.Server, "0123abc", default);
        await client.LogoutAsync(default);
        Assert.Equal("vmware_soap_session=\"0123abc\"", Assert.Single(_server.Requests).Cookie);
    }

    [Fact]
    public async Task Hosts_are_found_through_a_view_page_after_page()
    {
        _server.Add("CreateContainerView", "05-CreateContainerView")
            .Add("RetrievePropertiesEx", "06-RetrievePropertiesEx-all-hosts")
            .Add("ContinueRetrievePropertiesEx", "07-ContinueRetrievePropertiesEx");
        using VimClient client = await _server.LoginAsync();
        IReadOnlyList<VimObject> hosts = await client.FindAsync(
            "HostSystem",
            [
                "name", "runtime.connectionState", "runtime.inMaintenanceMode", "summary.rebootRequired",
                "configManager.pciPassthruSystem",
                "configManager.networkSystem", "configManager.datastoreSystem", "parent",
            ],
            default);
        Assert.Equal(4, hosts.Count);
        Assert.Equal(Recorded.Request("05-CreateContainerView"), _server.Last("CreateContainerView"));
        string expected = Recorded.Request("06-RetrievePropertiesEx-all-hosts")
            .Replace("  options\n    maxObjects = 2\n", "  options = \n", StringComparison.Ordinal);
        string view = expected.Split('\n').First(l => l.Contains("ref:ContainerView", StringComparison.Ordinal));
        string sent = _server.Last("RetrievePropertiesEx");
        string sentView = sent.Split('\n').First(l => l.Contains("ref:ContainerView", StringComparison.Ordinal));
        Assert.Equal(expected.Replace(view, sentView, StringComparison.Ordinal), sent);
        Assert.Equal(Recorded.Request("07-ContinueRetrievePropertiesEx"), _server.Last("ContinueRetrievePropertiesEx"));
        Assert.Equal("DestroyView", _server.Requests[^1].Method);
    }

    [Fact]
    public async Task Passthrough_marks_go_in_one_call_and_are_looked_at_afterwards()
    {
        _server.Add("RetrievePropertiesEx", "08-RetrievePropertiesEx-pci"); // as before the change
        using VimClient client = await _server.LoginAsync();
        HostPci host = new()
        {
            Ref = new MoRef("HostSystem", "host-15"),
            Name = "vh1",
            PassthruSystem = new MoRef("HostPciPassthruSystem", "pciPassthruSystem-host-15"),
        };
        VmDirectPathDevice[] devices = [.. new[] { "0000:04:00.0", "0000:03:00.0" }.Select(id => new VmDirectPathDevice
        {
            VMHost = "vh1", VMHostId = host.Ref.Id, Id = id, Device = "", VendorName = "", VendorId = "", DeviceId = "",
            ClassId = "", Class = "",
        })];
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => new DirectPathActions(client).MarkAsync(host, devices, true, SilentReporter.Instance, default));
        Assert.Equal("PassthroughNotSaved", failure.Id);
        Assert.Equal(Recorded.Request("10-UpdatePassthruConfig"), _server.Last("UpdatePassthruConfig"));
    }

    [Fact]
    public async Task Switch_port_group_and_vmkernel_port()
    {
        using VimClient client = await _server.LoginAsync();
        NewStorageNetwork wanted = new() { Switch = "vSwitch-eSAN" };
        HostNetworkFacts host = new()
        {
            Ref = new MoRef("HostSystem", "host-15"),
            Name = "vh1",
            NetworkSystem = new MoRef("HostNetworkSystem", This("30-AddVirtualSwitch")),
        };
        StorageNetworkActions actions = new(client);
        await actions.AddSwitchAsync(host, wanted, default);
        Assert.Equal(Recorded.Request("30-AddVirtualSwitch"), _server.Last("AddVirtualSwitch"));
        await actions.AddPortGroupAsync(host, "eSAN-Interface1", wanted, default);
        Assert.Equal(Recorded.Request("31-AddPortGroup-vmk"), _server.Last("AddPortGroup"));
        await actions.AddPortAsync(host, "192.168.50.1", wanted, null, default);
        Assert.Equal(Recorded.Request("33-AddVirtualNic"), _server.Last("AddVirtualNic"));
    }

    [Theory]
    [InlineData("38-CreateNasDatastore", "nfs1", false)]
    [InlineData("42-CreateNasDatastore-nfs41", "nfs2", true)]
    public async Task Nfs_mount(string recorded, string name, bool nfs41)
    {
        using VimClient client = await _server.LoginAsync();
        NfsHost host = new(new MoRef("HostSystem", "host-15"), "vh1", true,
            new MoRef("HostDatastoreSystem", This(recorded)), []);
        await new NfsActions(client).MountAsync(
            host,
            new NfsMount
            {
                Name = name,
                RemoteHost = "10.0.0.11",
                OtherAddresses = nfs41 ? ["10.0.1.11"] : [],
                RemotePath = "/tank/" + name,
                Nfs41 = nfs41,
            },
            default);
        Assert.Equal(Recorded.Request(recorded), _server.Last("CreateNasDatastore"));
    }

    [Fact]
    public async Task Nfs_unmount()
    {
        using VimClient client = await _server.LoginAsync();
        NfsHost host = new(default, "vh2", true, new MoRef("HostDatastoreSystem", This("66-RemoveDatastore-host2")),
            []);
        DatastoreFact datastore = new(new MoRef("Datastore", "10.0.0.11:/tank/nfs1@folder-5"), "nfs1", "NFS",
            "10.0.0.11", "/tank/nfs1", [], []);
        await new NfsActions(client).DismountAsync(host, datastore, default);
        Assert.Equal(Recorded.Request("66-RemoveDatastore-host2"), _server.Last("RemoveDatastore"));
    }

    [Fact]
    public async Task Maintenance_mode()
    {
        using VimClient client = await _server.Add("EnterMaintenanceMode_Task", "57-EnterMaintenanceMode").LoginAsync();
        MoRef host = new("HostSystem", This("57-EnterMaintenanceMode"));
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(2)); // the task is not followed any further
        await Assert.ThrowsAnyAsync<Exception>(() => Maintenance.EnterAsync(
            client, host, "vh1", TimeSpan.FromSeconds(1), SilentReporter.Instance, stop.Token));
        Assert.Equal(Recorded.Request("57-EnterMaintenanceMode"), _server.Last("EnterMaintenanceMode_Task"));
    }

    [Fact]
    public void Task_filter()
    {
        PropertyQuery query = new PropertyQuery().Read("Task", "info.state", "info.progress", "info.error")
            .From([new MoRef("Task", "task-80")]);
        string sent = Recorded.Canonical(query.ToArg("spec"))
            .Replace("      skip = false\n", string.Empty, StringComparison.Ordinal);
        string recorded = Recorded.Request("58-CreateFilter");
        Assert.Contains(string.Join('\n', sent.Split('\n').Skip(2)).TrimEnd(), recorded, StringComparison.Ordinal);
    }

    private static string This(string recorded) =>
        Recorded.Request(recorded).Split('\n')[1].Split(" = ")[1];
}
