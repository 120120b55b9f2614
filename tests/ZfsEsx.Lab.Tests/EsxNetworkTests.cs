using ZfsEsx.Esx;

namespace ZfsEsx.Lab.Tests;

/// <summary>The storage network on hosts, against a simulated vCenter Server.</summary>
public sealed class EsxNetworkTests : IAsyncLifetime
{
    private EsxInventory _lab = null!;

    public async Task InitializeAsync() => _lab = await EsxInventory.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task The_network_is_made_once_on_all_hosts()
    {
        StorageNetworkAddress[] hosts = Addresses("10.99.0.101", "10.99.0.102", "10.99.0.103");
        IReadOnlyList<EncapsulatedStorageNetwork> made =
            await _lab.RunTwiceAsync(() =>
                StorageNetwork.PlanNewAsync(_lab.Client, hosts, EsxStorageVmTests.Network, default));
        Assert.Equal(["vh1", "vh2", "vh3"], made.Select(n => n.VMHost));
        EncapsulatedStorageNetwork second = made[1];
        Assert.Equal(
            ("eSAN", 9000, "vmk1", 9000, "10.99.0.102", "255.255.255.0"),
            (second.Switch, second.Mtu, second.VmkernelPort, second.VmkernelMtu, second.IPAddress, second.SubnetMask));
        Assert.Equal(["vmnic1"], second.Uplinks);
        Assert.Equal(["eSAN-Interface1", "eSAN-VM"], second.PortGroups);

        SimulatorStats stats = await _lab.CountAsync(() =>
            StorageNetwork.GetAsync(_lab.Client, _lab.Hosts, "eSAN", default));
        Assert.Equal(1, stats.Total);
    }

    [Fact]
    public async Task A_half_made_network_is_completed()
    {
        StorageNetworkAddress[] hosts = Addresses("10.99.0.101");
        await _lab.Simulator.FaultAsync("AddVirtualNic", "HostConfigFault", "injected");
        Plan<IReadOnlyList<EncapsulatedStorageNetwork>> plan =
            await StorageNetwork.PlanNewAsync(_lab.Client, hosts, new NewStorageNetwork { Mtu = 1500 }, default);
        Assert.Equal(4, plan.Changes.Count);
        ZfsEsxException failure =
            await Assert.ThrowsAsync<ZfsEsxException>(() => plan.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("HostConfigFault", failure.Id);
        Assert.StartsWith("vh1: Add vmkernel port 10.99.0.101 failed: injected", failure.Message,
            StringComparison.Ordinal);

        // Now with the larger MTU and an uplink, which the switch does not have yet.
        plan = await StorageNetwork.PlanNewAsync(_lab.Client, hosts, EsxStorageVmTests.Network, default);
        Assert.Equal(
            [
                "vh1: Change switch eSAN: add uplinks vmnic1 and raise its MTU from 1500 to 9000",
                "vh1: Add vmkernel port 10.99.0.101 (255.255.255.0, MTU 9000) to port group eSAN-Interface1",
            ],
            plan.Changes.Select(c => c.ToString()));
    }

    [Theory]
    [InlineData("10.99.0.101", "10.99.0.101", "AddressTaken")]
    [InlineData("10.99.0.101", "192.168.10.11", "AddressTaken")] // vh2's management address
    [InlineData("10.99.0.101", "192.168.10.200", "SubnetShared")]
    [InlineData("10.99.0.101", "10.99.0", "InvalidAddress")]
    [InlineData("10.99.0.101", "10.99.0.1024", "InvalidAddress")]
    [InlineData("10.99.0.101", "$(reboot)", "InvalidAddress")]
    public async Task Addresses_that_cannot_be_are_refused(string first, string second, string id)
    {
        ZfsEsxException refusal = await _lab.RefusedAsync(
            () => StorageNetwork.PlanNewAsync(_lab.Client, Addresses(first, second), EsxStorageVmTests.Network,
                default));
        Assert.Equal(id, refusal.Id);
        Assert.Contains(second, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uplinks_and_port_groups_of_other_switches_are_left_alone()
    {
        async Task ExpectAsync(string id, NewStorageNetwork wanted)
        {
            ZfsEsxException refusal = await _lab.RefusedAsync(
                () => StorageNetwork.PlanNewAsync(_lab.Client, Addresses("10.99.0.101"), wanted, default));
            Assert.Equal(id, refusal.Id);
            Assert.Contains("vh1", refusal.Message, StringComparison.Ordinal);
        }

        await ExpectAsync("UplinkInUse", new NewStorageNetwork { Uplinks = ["vmnic0"] });
        await ExpectAsync("UplinkNotFound", new NewStorageNetwork { Uplinks = ["vmnic9"] });
        await ExpectAsync("PortGroupTaken", new NewStorageNetwork { VmPortGroup = "VM Network" });
        await EsxStorageVmTests.NetworkAsync(_lab);
        await ExpectAsync("VmkernelPortDiffers", new NewStorageNetwork { SubnetMask = "255.255.0.0" });
    }

    private StorageNetworkAddress[] Addresses(params string[] addresses) =>
        [.. addresses.Select((a, i) => new StorageNetworkAddress(_lab.Hosts[i], a))];
}
