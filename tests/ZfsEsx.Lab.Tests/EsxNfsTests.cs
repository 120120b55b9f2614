using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>NFS datastores on hosts, against a simulated vCenter Server.</summary>
public sealed class EsxNfsTests : IAsyncLifetime
{
    private static readonly NfsMount s_mount =
        new() { Name = "uss1-nas-vol0", RemoteHost = "10.99.0.11", RemotePath = "/export/uss1-nas-vol0" };

    private EsxInventory _lab = null!;

    public async Task InitializeAsync()
    {
        _lab = await EsxInventory.StartAsync();
        await EsxStorageVmTests.NetworkAsync(_lab);
        _lab.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task A_share_is_mounted_once_on_all_hosts_the_first_alone()
    {
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await PlanAsync(s_mount);
        Assert.Equal([0, 1, 1], plan.Changes.Select(c => c.Stage));
        IReadOnlyList<ZfsNfsDatastore> mounted = await _lab.RunTwiceAsync(() => PlanAsync(s_mount));
        Assert.Equal(["vh1", "vh2", "vh3"], mounted.Select(m => m.VMHost));
        Assert.Single(mounted.Select(m => m.DatastoreId).Distinct());
        Assert.All(mounted, m =>
            Assert.True(m.Mounted && m.Accessible && m.NfsVersion == "3" && m.AccessMode == "readWrite"));

        // The same export written otherwise is the same datastore.
        Assert.Empty((await PlanAsync(s_mount with { RemotePath = "/export//uss1-nas-vol0/" })).Changes);
    }

    [Fact]
    public async Task Reading_and_planning_ask_the_same_for_3_and_64_hosts()
    {
        await using EsxInventory large = await EsxInventory.StartAsync(new SimulatorOptions { Hosts = 64 });
        async Task<(int Reading, int Planning)> CountAsync(EsxInventory lab) => (
            (await lab.CountAsync(() => NfsDatastore.GetAsync(lab.Client, lab.Hosts, null, default))).Total,
            (await lab.CountAsync(() => NfsDatastore.PlanMountAsync(lab.Client, lab.Hosts, s_mount, default))).Total);
        Assert.Equal((1, 1), await CountAsync(large));
        Assert.Equal((1, 1), await CountAsync(_lab));
        large.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await NfsDatastore.PlanMountAsync(large.Client, large.Hosts,
            s_mount, default);
        Assert.Equal(64, (await plan.RunAsync(SilentReporter.Instance, default)).Count(m => m.Accessible));
        Assert.Equal((1, 1), await CountAsync(large));
    }

    [Fact]
    public async Task A_single_host_without_vCenter_mounts_as_well()
    {
        await using EsxInventory alone = await EsxInventory.StartAsync(new SimulatorOptions { StandaloneHost = true });
        alone.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
        await (await StorageNetwork.PlanNewAsync(
            alone.Client, alone.Hosts, "10.99.0.101-102", new NewStorageNetwork(), default))
            .RunAsync(SilentReporter.Instance, default);
        Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> Mount(bool nfs41) =>
            NfsDatastore.PlanMountAsync(alone.Client, alone.Hosts, s_mount with { Nfs41 = nfs41 }, default);
        Assert.True(Assert.Single(await alone.RunTwiceAsync(() => Mount(nfs41: false))).Accessible);
        Assert.Equal("ExportMountedOtherwise", (await alone.RefusedAsync(() => Mount(nfs41: true))).Id);
        Assert.Empty(await alone.RunTwiceAsync(
            () => NfsDatastore.PlanDismountAsync(alone.Client, alone.Hosts, s_mount.Name, default)));
    }

    [Fact]
    public async Task A_mount_that_the_server_refuses_names_host_export_and_address()
    {
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await NfsDatastore.PlanMountAsync(
            _lab.Client, [_lab.Hosts[1]], s_mount with { RemotePath = "/export/other", Name = "other" }, default);
        ZfsEsxException refusal = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("NfsMountRefused", refusal.Id);
        Assert.StartsWith(
            "vh2 could not mount 10.99.0.11:/export/other. The host comes from 10.99.0.102 (vmk1). It says:",
            refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("Get-ZfsNfsShare", refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_hand_has_mounted_in_the_meantime_is_taken()
    {
        Plan<IReadOnlyList<ZfsNfsDatastore>> early = await PlanAsync(s_mount);
        await (await PlanAsync(s_mount)).RunAsync(SilentReporter.Instance, default);
        Assert.Equal(3, (await early.RunAsync(SilentReporter.Instance, default)).Count);
    }

    [Fact]
    public async Task Names_and_exports_that_are_taken_are_refused()
    {
        await (await NfsDatastore.PlanMountAsync(_lab.Client, [_lab.Hosts[0]], s_mount, default))
            .RunAsync(SilentReporter.Instance, default);
        async Task ExpectAsync(string id, NfsMount mount) =>
            Assert.Equal(id, (await _lab.RefusedAsync(() => PlanAsync(mount))).Id);

        // A host that is refused stops no other.
        async Task ExpectOfFirstAsync(string id, NfsMount mount)
        {
            Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await PlanAsync(mount);
            ZfsEsxException refusal = Assert.Single(plan.Refusals);
            Assert.Equal((id, true), (refusal.Id, refusal.Target.StartsWith("vh1 ", StringComparison.Ordinal)));
            Assert.Equal(["vh2", "vh3"], plan.Changes.Select(c => c.Target));
        }

        await ExpectOfFirstAsync("DatastoreNameTaken", s_mount with { Name = "another" });
        await ExpectOfFirstAsync("DatastoreNameTaken", s_mount with { RemotePath = "/export/another" });
        await ExpectOfFirstAsync(
            "DatastoreNameTaken", s_mount with { Name = "LocalDS_1", RemotePath = "/export/another" });
        await ExpectAsync("ExportMountedOtherwise", s_mount with { Nfs41 = true });
        await ExpectAsync("ExportMountedOtherwise", s_mount with { Nfs41 = true, RemoteHost = "uss1" });
        await ExpectOfFirstAsync("DatastoreModeDiffers", s_mount with { ReadOnly = true });
        await ExpectAsync("InvalidPath", s_mount with { RemotePath = "export" });
        await ExpectAsync("InvalidServer", s_mount with { RemoteHost = "uss1; reboot" });
        await ExpectAsync("InvalidName", s_mount with { Name = "two\nlines" });
        await ExpectAsync("InvalidName", s_mount with { Name = "a/b" });
    }

    [Theory]
    [InlineData("with blanks in it")]
    [InlineData("it's \"quoted\" <&> $(reboot); `id`")]
    [InlineData("100%")]
    [InlineData("Größe")]
    public async Task Unusual_names_arrive_as_they_are(string name)
    {
        NfsMount mount = s_mount with { Name = name };
        IReadOnlyList<ZfsNfsDatastore> mounted = await _lab.RunTwiceAsync(() => PlanAsync(mount));
        Assert.All(mounted, m => Assert.Equal(name, m.Name));
        Assert.Empty(await _lab.RunTwiceAsync(() =>
            NfsDatastore.PlanDismountAsync(_lab.Client, _lab.Hosts, name, default)));
    }

    [Fact]
    public async Task A_datastore_with_VMs_is_not_unmounted()
    {
        await (await PlanAsync(s_mount)).RunAsync(SilentReporter.Instance, default);
        MoRef datastore = (await Inventory.ResolveAsync(_lab.Client, "Datastore", [s_mount.Name], default))[0];
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(_lab))[0] with { Datastore = datastore,
            Name = "application" };
        await (await StorageVm.PlanNewAsync(_lab.Client, [wanted], default)).RunAsync(SilentReporter.Instance, default);
        ZfsEsxException refusal = await _lab.RefusedAsync(
            () => NfsDatastore.PlanDismountAsync(_lab.Client, _lab.Hosts, s_mount.Name, default));
        Assert.Equal("DatastoreInUse", refusal.Id);
        Assert.Contains("application", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_uses_a_datastore_since_the_plan_is_named_and_the_heartbeat_too()
    {
        await (await PlanAsync(s_mount)).RunAsync(SilentReporter.Instance, default);
        Plan<IReadOnlyList<ZfsNfsDatastore>> early =
            await NfsDatastore.PlanDismountAsync(_lab.Client, [_lab.Hosts[0]], s_mount.Name, default);
        await _lab.Simulator.HeartbeatAsync(s_mount.Name);
        ZfsEsxException refusal = await Assert.ThrowsAsync<ZfsEsxException>(
            () => early.RunAsync(SilentReporter.Instance, default));
        Assert.Contains("by no VM of that host", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("vSphere HA uses it for its heartbeat", refusal.Advice, StringComparison.Ordinal);

        await _lab.Simulator.HeartbeatAsync("");
        MoRef datastore = (await Inventory.ResolveAsync(_lab.Client, "Datastore", [s_mount.Name], default))[0];
        NewStorageVm wanted =
            (await EsxStorageVmTests.WantedAsync(_lab))[0] with { Datastore = datastore, Name = "app" };
        await (await StorageVm.PlanNewAsync(_lab.Client, [wanted], default)).RunAsync(SilentReporter.Instance, default);
        refusal = await Assert.ThrowsAsync<ZfsEsxException>(() => early.RunAsync(SilentReporter.Instance, default));
        Assert.EndsWith("on datastore uss1-nas-vol0: app.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_addresses_of_NFS_41_are_passed_on_and_the_same_everywhere()
    {
        NfsMount mount = s_mount with { Nfs41 = true, OtherAddresses = ["10.99.1.11"] };
        await (await NfsDatastore.PlanMountAsync(_lab.Client, [_lab.Hosts[0]], mount, default))
            .RunAsync(SilentReporter.Instance, default);

        // Given with one of them alone, the other hosts get both.
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await PlanAsync(mount with { OtherAddresses = [] });
        Assert.Contains("10.99.0.11,10.99.1.11:/export", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        IReadOnlyList<ZfsNfsDatastore> mounted = await plan.RunAsync(SilentReporter.Instance, default);
        Assert.Equal(3, mounted.Count);
        Assert.All(mounted, m => Assert.Equal(("10.99.0.11,10.99.1.11", "4.1"), (m.RemoteHost, m.NfsVersion)));
        Assert.Equal("ExportMountedOtherwise", (await _lab.RefusedAsync(() =>
            PlanAsync(s_mount with { RemoteHost = "10.99.1.11" }))).Id);
    }

    [Fact]
    public async Task A_full_host_is_refused_or_raised_and_does_not_stop_the_others()
    {
        for (int i = 0; i < 8; i++)
        {
            _lab.Simulator.Export("10.99.0.11", "/export/x" + i);
            await (await NfsDatastore.PlanMountAsync(
                _lab.Client, [_lab.Hosts[0]], s_mount with { Name = "x" + i, RemotePath = "/export/x" + i }, default))
                .RunAsync(SilentReporter.Instance, default);
        }

        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await PlanAsync(s_mount);
        ZfsEsxException refusal = Assert.Single(plan.Refusals);
        Assert.Equal(("NfsLimitReached", FailureKind.LimitReached), (refusal.Id, refusal.Kind));
        Assert.StartsWith("The host vh1 has 8 datastores by NFS 3, and takes 8 (NFS.MaxVolumes).", refusal.Message,
            StringComparison.Ordinal);
        Assert.Equal(["vh2", "vh3"], plan.Changes.Select(c => c.Target));
        Assert.Equal(3, (await _lab.CountAsync(() => PlanAsync(s_mount))).Calls["QueryOptions"]); // of vh1 alone

        NfsMount raising = s_mount with { RaiseLimit = true };
        plan = await PlanAsync(raising);
        Assert.Equal(
            "vh1: Raise NFS.MaxVolumes from 8 to 16, Net.TcpipHeapSize from 0 to 32, Net.TcpipHeapMax from 0 to 512",
            plan.Changes[0].ToString());
        Assert.Contains("next reboot", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Equal(3, (await _lab.RunTwiceAsync(() => PlanAsync(raising))).Count);

        // A host that is full when it comes to it says so as well.
        await _lab.Simulator.FaultAsync(
            "CreateNasDatastore", "NasConnectionLimitReached", "NFS has reached the maximum");
        plan = await NfsDatastore.PlanMountAsync(
            _lab.Client, [_lab.Hosts[1]], s_mount with { Name = "x0", RemotePath = "/export/x0" }, default);
        refusal = await Assert.ThrowsAsync<ZfsEsxException>(() => plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("NfsLimitReached", refusal.Id);
    }

    private Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanAsync(NfsMount mount) =>
        NfsDatastore.PlanMountAsync(_lab.Client, _lab.Hosts, mount, default);
}
