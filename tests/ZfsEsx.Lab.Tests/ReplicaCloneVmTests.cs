using ZfsEsx.Esx;
using ZfsEsx.Failover;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>A clone of a replica as a datastore with its VMs, while the real ones run on.</summary>
[Collection(Rings.Name)]
public sealed class ReplicaCloneVmTests(RingFixture fixture)
{
    [Fact]
    public async Task Its_VMs_are_copies_without_a_network_and_all_of_it_goes_again()
    {
        const string Name = "looked-at", Store = "looked-at";
        await fixture.RingAsync();
        using FailoverSite site = await FailoverSite.OpenAsync(fixture.Lab);
        string data = await site.NewVmAsync(Name, "vh1");
        await site.CycleAsync();
        string before = await site.StateAsync();
        ZfsHost holder = await site.HostAsync("uss2");
        CloneMount mount = new()
        {
            ServerAddress = "10.99.0.12",
            Hosts = await Inventory.ResolveAsync(site.Client, "HostSystem", ["vh2"], default),
            Register = true,
            PowerOn = true,
        };
        // The ring has an older clone of this replica already.
        ReplicaCloneOptions options = new()
        {
            Replica = "sp2/replica/uss1/nas/vol0", Name = "sp2/clones/looked-at", MountPoint = "/export/" + Store,
        };
        Task<Plan<ZfsReplicaClone>> PlanAsync() => MountedClone.PlanNewAsync(
            site.Client, holder, options, mount, default);
        ZfsReplicaClone clone = await (await PlanAsync()).RunAsync(SilentReporter.Instance, default);
        Assert.Empty((await PlanAsync()).Changes);

        // The file is there, the lock of the host that runs the real one is not.
        Assert.Equal(data, await site.HashAsync("vh2", Name + "/data", Store));
        Assert.DoesNotContain(
            ".lck-", await site.MustAsync("uss2", "ls", "-a", clone.MountPoint + "/" + Name), StringComparison.Ordinal);
        FailoverInventory all = await site.InventoryAsync("vh2");
        KnownVm copy = all.On(Store).Single(v => v.Name == Name + "-clone");
        Assert.Equal((true, "vh2"), (copy.IsOn, all.HostOf(copy)!.Name));
        KnownVm real = all.VMs.Single(v => v.Name == Name);
        Assert.True(real.IsOn);
        VimObject[] read = [.. await site.Client.RetrieveAsync(
            [copy.Ref, real.Ref], "VirtualMachine", ["config.uuid", "config.hardware.device"], default)];
        Assert.Equal(2, read.Select(v => v["config.uuid"].Text).Distinct().Count());
        VimValue card = read.Single(v => v.Ref == copy.Ref)["config.hardware.device"].Items
            .Single(d => d["macAddress"].Exists);
        Assert.Equal("false", card["connectable"]["startConnected"].Text);

        Plan<bool> remove = await MountedClone.PlanRemoveAsync([site.Client], holder, clone.Name, default);
        Assert.True(await remove.RunAsync(SilentReporter.Instance, default));
        Assert.Equal(before, await site.StateAsync());
        await site.ForgetVmAsync(Name);
        await site.MustAsync("uss1", "rm", "-r", "/export/uss1-nas-vol0/" + Name); // other tests look at all VMs there
    }
}
