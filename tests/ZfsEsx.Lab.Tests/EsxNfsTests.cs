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
        Assert.Equal((3, 3), await CountAsync(large)); // view made, read, view removed
        Assert.Equal((3, 3), await CountAsync(_lab));
        large.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await NfsDatastore.PlanMountAsync(large.Client, large.Hosts,
            s_mount, default);
        Assert.Equal(64, (await plan.RunAsync(SilentReporter.Instance, default)).Count(m => m.Accessible));
        Assert.Equal((3, 3), await CountAsync(large));
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

        await ExpectAsync("DatastoreNameTaken", s_mount with { Name = "another" });
        await ExpectAsync("DatastoreNameTaken", s_mount with { RemotePath = "/export/another" });
        await ExpectAsync("DatastoreNameTaken", s_mount with { Name = "LocalDS_1", RemotePath = "/export/another" });
        await ExpectAsync("ExportMountedOtherwise", s_mount with { Nfs41 = true });
        await ExpectAsync("DatastoreModeDiffers", s_mount with { ReadOnly = true });
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

    private Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanAsync(NfsMount mount) =>
        NfsDatastore.PlanMountAsync(_lab.Client, _lab.Hosts, mount, default);
}
