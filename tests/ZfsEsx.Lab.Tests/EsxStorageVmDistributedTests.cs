using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Lab.Tests;

/// <summary>Storage VMs on the port groups of a distributed switch.</summary>
public sealed class EsxStorageVmDistributedTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_storage_adapter_is_on_a_distributed_port_group(bool cloned)
    {
        await using EsxInventory lab =
            await EsxInventory.StartAsync(new SimulatorOptions { Switches = ["-dvs", "dvs-1"] });
        NewStorageVm wanted = (await EsxStorageVmTests.WantedAsync(lab))[0] with { StorageNetwork = "dv-eSAN-VM" };
        wanted = cloned ? wanted : wanted with { Template = null, SystemDisk = 8L << 30, GuestId = "Debian" };
        EncapsulatedStorageVm made = Assert.Single(
            await lab.RunTwiceAsync(() => StorageVm.PlanNewAsync(lab.Client, [wanted], default)));
        Assert.Equal(["VM Network", "dv-eSAN-VM"], made.Adapters.Select(a => a.Network));
        Assert.Equal(2, made.Adapters.Select(a => a.MacAddress).Distinct().Count());

        // There and back, with its address.
        MoRef vm = MoRef.Parse(made.VMId);
        foreach (string network in (string[])["VM Network", "dv-eSAN-VM"])
        {
            EncapsulatedStorageVm moved = Assert.Single(await lab.RunTwiceAsync(() => StorageVm.PlanSetAsync(
                lab.Client, [vm], new StorageVmSettings { StorageNetwork = network }, default)));
            Assert.Equal(
                (network, made.Adapters[1].MacAddress), (moved.Adapters[1].Network, moved.Adapters[1].MacAddress));
        }

        ZfsEsxException refusal = await lab.RefusedAsync(() => StorageVm.PlanNewAsync(
            lab.Client, [wanted with { Name = "other", StorageNetwork = "dvs-1-DVUplinks" }], default));
        Assert.Equal("PortGroupNotFound", refusal.Id);
        Assert.Contains("dv-eSAN-VM", refusal.Advice, StringComparison.Ordinal);
    }
}
