using System.Net;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>Connections, sessions, names and waits, against a simulated vCenter Server.</summary>
public sealed class EsxSessionTests : IAsyncLifetime
{
    private EsxInventory _lab = null!;

    public async Task InitializeAsync() => _lab = await EsxInventory.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_repeated()
    {
        ZfsEsxException refusal = await Assert.ThrowsAsync<ZfsEsxException>(
            () => EsxInventory.LoginAsync(_lab.Simulator, "wrong $(password)"));
        Assert.Equal(("InvalidLogin", FailureKind.PermissionDenied), (refusal.Id, refusal.Kind));
        Assert.DoesNotContain("wrong $(password)", refusal.ToString(), StringComparison.Ordinal);
        Assert.Contains(_lab.Simulator.User, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        VimServer server = new() { Uri = new Uri("https://127.0.0.1:9/sdk") };
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => VimClient.LoginAsync(server, new NetworkCredential("u", "p"), default));
        Assert.Equal(("ServerUnreachable", FailureKind.Connection), (failure.Id, failure.Kind));
        Assert.Contains("https://127.0.0.1:9/sdk", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_are_checked_by_either_thumbprint()
    {
        foreach (string print in new[] { _lab.Simulator.Sha1Thumbprint,
            _lab.Simulator.Thumbprint.Replace(":", "", StringComparison.Ordinal) })
        {
            using VimClient client = await VimClient.BorrowAsync(
                new VimServer { Uri = _lab.Simulator.Uri, Thumbprint = print }, "none", default);
            Assert.True(client.IsVCenter);
        }

        ZfsEsxException refusal = await Assert.ThrowsAsync<ZfsEsxException>(
            () => VimClient.BorrowAsync(new VimServer { Uri = _lab.Simulator.Uri, Thumbprint = new string('0', 64) },
                "none", default));
        Assert.Equal(("CertificateNotTrusted", FailureKind.NotTrusted), (refusal.Id, refusal.Kind));
        Assert.Contains(_lab.Simulator.Thumbprint, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(new string('0', 64), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_own_session_that_ran_out_is_opened_again_by_one_login()
    {
        await _lab.Simulator.ExpireSessionsAsync();
        SimulatorStats stats = await _lab.CountAsync(() => Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => DirectPath.GetAsync(_lab.Client, _lab.Hosts, default))));
        Assert.Equal(1, stats.Calls["Login"]);
    }

    [Fact]
    public async Task A_borrowed_session_is_never_ended_and_never_opened()
    {
        VimClient borrowed = await VimClient.BorrowAsync(
            EsxInventory.Server(_lab.Simulator), _lab.Client.SessionSecret!, default);
        Assert.False(borrowed.OwnsSession);
        Assert.Equal(21, (await DirectPath.GetAsync(borrowed, _lab.Hosts, default)).Count);
        await borrowed.LogoutAsync(default);
        Assert.Equal(21, (await DirectPath.GetAsync(_lab.Client, _lab.Hosts, default)).Count);

        await _lab.Simulator.ExpireSessionsAsync();
        SimulatorStats stats = await _lab.CountAsync(async () =>
        {
            ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
                () => DirectPath.GetAsync(borrowed, _lab.Hosts, default));
            Assert.Equal("NotAuthenticated", failure.Id);
            Assert.Contains("Connect-VIServer", failure.Advice, StringComparison.Ordinal);
            Assert.DoesNotContain(borrowed.SessionSecret!, failure.ToString(), StringComparison.Ordinal);
        });
        Assert.False(stats.Calls.ContainsKey("Login"));
        borrowed.Dispose();
    }

    [Fact]
    public async Task Pages_are_read_to_the_end()
    {
        await using EsxInventory paged = await EsxInventory.StartAsync(
            new SimulatorOptions { Hosts = 20, Switches = ["-max-objects", "7"] });
        Assert.Equal(20, (await Inventory.GetHostsAsync(paged.Client, default)).Count);
        Assert.Equal(140, (await DirectPath.GetAsync(paged.Client, paged.Hosts, default)).Count);
    }

    [Fact]
    public async Task Names_are_looked_up_together_and_near_ones_are_told()
    {
        SimulatorStats stats = await _lab.CountAsync(async () => Assert.Equal(
            _lab.Hosts, await Inventory.ResolveAsync(_lab.Client, "HostSystem", ["vh1", "VH2", _lab.Hosts[2].Id],
                default)));
        Assert.Equal(3, stats.Total);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => Inventory.ResolveAsync(_lab.Client, "HostSystem", ["vh4"], default));
        Assert.Equal("ObjectNotFound", failure.Id);
        Assert.Equal("Near it: vh1, vh2, vh3.", failure.Advice);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("")]
    [InlineData(" ends with a blank ")]
    [InlineData("bell\a")]
    public async Task A_VM_cannot_be_called_anything(string name)
    {
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(_lab))[0] with { Name = name };
        Assert.Equal("InvalidName",
            (await _lab.RefusedAsync(() => StorageVm.PlanNewAsync(_lab.Client, [wanted], default))).Id);
    }

    [Theory]
    [InlineData("it's \"quoted\" <&> $(reboot); `id`")]
    [InlineData("a/b\\c 100%")]
    public async Task Unusual_names_of_VMs_and_networks_arrive_as_they_are(string name)
    {
        NewStorageNetwork network = new() { VmPortGroup = name, VmkernelPortGroup = name + " k", Uplinks = ["vmnic1"] };
        await _lab.RunTwiceAsync(() => StorageNetwork.PlanNewAsync(
            _lab.Client, [new StorageNetworkAddress(_lab.Hosts[0], "10.99.0.101")], network, default));
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(_lab))[0] with { Name = name,
            StorageNetwork = name };
        EncapsulatedStorageVm made = (
            await _lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(_lab.Client, [wanted], default)))[0];
        Assert.Equal((name, name), (made.Name, made.Adapters[1].Network));
    }

    [Fact]
    public async Task A_question_that_stops_a_VM_is_reported()
    {
        _lab.Simulator.Export("10.99.0.12", "/export/clone/app");
        await File.WriteAllTextAsync(
            Path.Combine(_lab.Simulator.NasRoot, "10.99.0.12/export/clone/app/app.vmx"), "displayName = \"app\"\n");
        NfsMount mount = new() { Name = "clone", RemoteHost = "10.99.0.12", RemotePath = "/export/clone" };
        await (await NfsDatastore.PlanMountAsync(_lab.Client, _lab.Hosts, mount, default))
            .RunAsync(SilentReporter.Instance, default);
        NewStorageVm template = (await EsxStorageVmTests.WantedAsync(_lab))[0];
        VimObject folder = (
            await _lab.Client.RetrieveAsync([template.Template!.Value], "VirtualMachine", ["parent"], default))[0];
        VimObject compute = (await _lab.Client.FindAsync("ClusterComputeResource", ["resourcePool"], default))[0];
        VimValue vm = await _lab.Client.RunTaskAsync(
            folder["parent"].Ref, "RegisterVM_Task", "app", "Register", SilentReporter.Instance, default,
            Arg.E("path", "[clone] app/app.vmx"), Arg.E("name", "app"), Arg.E("asTemplate", false),
            Arg.E("pool", compute["resourcePool"].Ref), Arg.E("host", _lab.Hosts[0]));

        Plan<IReadOnlyList<EncapsulatedStorageVm>> plan = await StorageVm.PlanPowerOnAsync(_lab.Client, [vm.Ref],
            default);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("VmQuestionPending", failure.Id);
        Assert.Contains("moved or copied", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'I Copied It'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_says_what_still_runs()
    {
        // Nothing moves the VM away, so the host does not get into maintenance mode.
        MoRef vm = await EsxStorageVmTests.NewAsync(_lab, 0);
        await (await StorageVm.PlanPowerOnAsync(_lab.Client, [vm], default)).RunAsync(SilentReporter.Instance, default);
        VimValue task = await _lab.Client.CallAsync(
            _lab.Hosts[0], "EnterMaintenanceMode_Task", default,
            Arg.E("timeout", 20), Arg.E("evacuatePoweredOffVms", false));
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(1));
        OperationCanceledException stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _lab.Client.WaitTasksAsync(
                [new VimTask(task.Ref, "vh1", "Enter maintenance mode")], SilentReporter.Instance, stop.Token));
        Assert.Contains("Still running", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("vh1: Enter maintenance mode", stopped.Message, StringComparison.Ordinal);
    }
}
