using ZfsEsx.Esx;
using ZfsEsx.Vim;

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
        Assert.False(second.Distributed);

        SimulatorStats stats = await _lab.CountAsync(() =>
            StorageNetwork.GetAsync(_lab.Client, _lab.Hosts, "eSAN", default));
        Assert.Equal(1, stats.Total);
    }

    [Fact]
    public async Task Planning_asks_the_same_for_3_and_64_hosts()
    {
        await using EsxInventory large = await EsxInventory.StartAsync(new SimulatorOptions { Hosts = 64 });
        async Task<int> CountAsync(EsxInventory lab) => (await lab.CountAsync(() => StorageNetwork.PlanNewAsync(
            lab.Client, lab.Hosts, "10.99.0.101-10.99.0.164", EsxStorageVmTests.Network, default))).Total;
        Assert.Equal(3, await CountAsync(large)); // view made, read, view removed
        Assert.Equal(3, await CountAsync(_lab));
    }

    [Fact]
    public async Task A_range_gives_each_host_its_address_and_keeps_it()
    {
        await _lab.RunTwiceAsync(() => RangeAsync([_lab.Hosts[2]], "10.99.0.101-110"));
        IReadOnlyList<EncapsulatedStorageNetwork> all = await _lab.RunTwiceAsync(
            () => RangeAsync(_lab.Hosts, "10.99.0.101-110"));
        Assert.Equal(
            ["vh1 10.99.0.102", "vh2 10.99.0.103", "vh3 10.99.0.101"], all.Select(n => n.VMHost + " " + n.IPAddress));

        // vh3, which is not asked for here, has an address of the range.
        ZfsEsxException refusal = await _lab.RefusedAsync(() => RangeAsync(_lab.Hosts.Take(1), "10.99.0.101-110"));
        Assert.Equal("AddressTaken", refusal.Id);
        Assert.Contains("10.99.0.101 (vmk1 of vh3)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_refused_host_does_not_stop_the_others()
    {
        await (await StorageNetwork.PlanNewAsync(
            _lab.Client,
            [Addresses("192.168.99.1")[0]],
            new NewStorageNetwork
            {
                Switch = "other", Uplinks = ["vmnic1"], VmkernelPortGroup = "o1", VmPortGroup = "o2"
            },
            default)).RunAsync(SilentReporter.Instance, default);
        StorageNetworkAddress[] hosts = Addresses("10.99.0.101", "10.99.0.102", "192.168.10.200");
        Plan<IReadOnlyList<EncapsulatedStorageNetwork>> plan =
            await StorageNetwork.PlanNewAsync(_lab.Client, hosts, EsxStorageVmTests.Network, default);
        Assert.Equal(["UplinkInUse", "SubnetShared"], plan.Refusals.Select(r => r.Id));
        Assert.Equal(["vh2"], plan.Changes.Select(c => c.Target).Distinct());
        await ChangeRunner.ApplyAsync(plan.Changes, 16, SilentReporter.Instance, default);
        Assert.Equal("vh2", Assert.Single(await plan.ReadAsync(default)).VMHost);
    }

    [Fact]
    public async Task A_half_made_network_is_completed_and_a_different_one_changed()
    {
        StorageNetworkAddress[] hosts = Addresses("10.99.0.101");
        await _lab.Simulator.FaultAsync("AddVirtualNic", "HostConfigFault", "injected");
        Plan<IReadOnlyList<EncapsulatedStorageNetwork>> plan =
            await StorageNetwork.PlanNewAsync(_lab.Client, hosts, new NewStorageNetwork { Mtu = 1500 }, default);
        Assert.Equal(4, plan.Changes.Count);
        Assert.Contains("only vh1 itself reaches", Assert.Single(plan.Warnings), StringComparison.Ordinal);
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
        await plan.RunAsync(SilentReporter.Instance, default);

        // Another address, VLAN and MTU, and the switch keeps what it has.
        NewStorageNetwork other = new() { Mtu = 1500, VlanId = 7, SubnetMask = "255.255.0.0" };
        IReadOnlyList<EncapsulatedStorageNetwork> changed = await _lab.RunTwiceAsync(
            () => StorageNetwork.PlanNewAsync(_lab.Client, Addresses("10.99.0.9"), other, default));
        Assert.Equal(
            (9000, 1500, 7, "10.99.0.9", "255.255.0.0", "vmnic1"),
            (changed[0].Mtu, changed[0].VmkernelMtu, changed[0].VlanId, changed[0].IPAddress, changed[0].SubnetMask,
                changed[0].Uplinks[0]));
    }

    [Fact]
    public async Task A_lost_answer_is_gone_over_by_the_next_run()
    {
        await _lab.Simulator.FaultAsync("AddPortGroup", "DROP-AFTER", "");
        StorageNetworkAddress[] hosts = Addresses("10.99.0.101", "10.99.0.102");
        Func<Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>>> plan =
            () => StorageNetwork.PlanNewAsync(_lab.Client, hosts, EsxStorageVmTests.Network, default);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            async () => await (await plan()).RunAsync(SilentReporter.Instance, default));
        Assert.Equal(FailureKind.Connection, failure.Kind);

        // One host is whole, the other has what was made before the answer got lost.
        Assert.Single((await plan()).Changes.Select(c => c.Target).Distinct());
        await _lab.RunTwiceAsync(plan);
    }

    [Fact]
    public async Task Two_tools_that_make_it_at_the_same_time_end_with_one_network()
    {
        StorageNetworkAddress[] hosts = Addresses("10.99.0.101");
        Plan<IReadOnlyList<EncapsulatedStorageNetwork>> early =
            await StorageNetwork.PlanNewAsync(_lab.Client, hosts, EsxStorageVmTests.Network, default);
        await EsxStorageVmTests.NetworkAsync(_lab);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => early.RunAsync(SilentReporter.Instance, default));
        Assert.Equal("AlreadyExists", failure.Id);
        Assert.Contains("same command again", failure.Advice, StringComparison.Ordinal);
        Assert.Empty(
            (await StorageNetwork.PlanNewAsync(_lab.Client, hosts, EsxStorageVmTests.Network, default)).Changes);
    }

    [Fact]
    public async Task Existing_distributed_port_groups_are_used()
    {
        await using EsxInventory lab =
            await EsxInventory.StartAsync(new SimulatorOptions { Switches = ["-dvs", "dvs-1"] });
        NewStorageNetwork wanted =
            new() { Switch = "dvs-1", VmkernelPortGroup = "dv-eSAN-Interface1", VmPortGroup = "dv-eSAN-VM" };
        IReadOnlyList<EncapsulatedStorageNetwork> made = await lab.RunTwiceAsync(
            () => StorageNetwork.PlanNewAsync(lab.Client, lab.Hosts, "10.99.0.101-103", wanted, default));
        Assert.All(made, n => Assert.Equal(
            (true, "vmk1", "dv-eSAN-Interface1", 9000),
            (n.Distributed, n.VmkernelPort, n.VmkernelPortGroup, n.VmkernelMtu)));
        Assert.Equal(["dv-eSAN-Interface1", "dv-eSAN-VM"], made[0].PortGroups); // not that of the uplinks
        Assert.Equal(["vmnic1"], made[0].Uplinks);

        async Task ExpectAsync(string id, NewStorageNetwork other) => Assert.Equal(id, (await lab.RefusedAsync(() =>
            StorageNetwork.PlanNewAsync(lab.Client, [new(lab.Hosts[0], "10.99.0.101")], other, default))).Id);
        await ExpectAsync("SwitchDistributed", wanted with { Uplinks = ["vmnic1"] });
        await ExpectAsync("SwitchDistributed", wanted with { VlanId = 7 });
        await ExpectAsync("PortGroupNotFound", wanted with { VmPortGroup = "none" });
        await ExpectAsync("UplinkInUse", EsxStorageVmTests.Network);

        await lab.RunTwiceAsync(() => StorageNetwork.PlanRemoveAsync(lab.Client, lab.Hosts, wanted, false, default));
        IReadOnlyList<EncapsulatedStorageNetwork> left =
            await StorageNetwork.GetAsync(lab.Client, lab.Hosts, "dvs-1", default);
        Assert.All(left, n => Assert.Equal((string.Empty, 2), (n.VmkernelPort, n.PortGroups.Count)));
    }

    [Fact]
    public async Task It_is_removed_when_nothing_uses_it_and_the_removal_can_be_repeated()
    {
        await EsxStorageVmTests.NetworkAsync(_lab);
        async Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanAsync() =>
            await StorageNetwork.PlanRemoveAsync(_lab.Client, _lab.Hosts, EsxStorageVmTests.Network, false, default);
        NewStorageVm vm = (await EsxStorageVmTests.WantedAsync(_lab))[0];
        await (await StorageVm.PlanNewAsync(_lab.Client, [vm], default)).RunAsync(SilentReporter.Instance, default);
        _lab.Simulator.Export("10.99.0.11", "/export/x");
        await (await NfsDatastore.PlanMountAsync(
            _lab.Client,
            [_lab.Hosts[1]],
            new NfsMount { Name = "x", RemoteHost = "10.99.0.11", RemotePath = "/export/x" },
            default)).RunAsync(SilentReporter.Instance, default);
        IReadOnlyList<EncapsulatedStorageNetwork> used =
            await StorageNetwork.GetAsync(_lab.Client, _lab.Hosts, "eSAN", default);
        Assert.Equal(["uss1//", "/x/", "//"], used.Select(n => string.Join('/', [.. n.VMs.DefaultIfEmpty(""),
            .. n.Datastores.DefaultIfEmpty(""), ""])));

        Plan<IReadOnlyList<EncapsulatedStorageNetwork>> plan = await PlanAsync();
        Assert.Equal(["StorageNetworkInUse", "StorageNetworkInUse"], plan.Refusals.Select(r => r.Id));
        Assert.Contains("uss1", plan.Refusals[0].Message, StringComparison.Ordinal);
        Assert.Contains("vmk1 of vh2: x", plan.Refusals[1].Message, StringComparison.Ordinal);
        Assert.Equal(
            [
                "vh3: Remove vmkernel port vmk1 (10.99.0.103)", "vh3: Remove port group eSAN-Interface1",
                "vh3: Remove port group eSAN-VM", "vh3: Remove switch eSAN",
            ],
            plan.Changes.Select(c => c.ToString()));

        // Interrupted after the first step, and then gone on.
        await plan.Changes[0].ApplyAsync(SilentReporter.Instance, default);
        await ChangeRunner.ApplyAsync((await PlanAsync()).Changes, 16, SilentReporter.Instance, default);
        Assert.Equal(
            ["vh1", "vh2"],
            (await PlanAsync().ContinueWith(p => p.Result.ReadAsync(default), TaskScheduler.Default).Unwrap())
                .Select(n => n.VMHost));
        SimulatorStats again = await _lab.CountAsync(async () => Assert.Empty((await PlanAsync()).Changes));
        Assert.Equal(1, again.Calls["RetrievePropertiesEx"]);
    }

    [Theory]
    [InlineData("10.99.0.101", "10.99.0.101", "AddressTaken")]
    [InlineData("10.99.0.101", "192.168.10.11", "AddressTaken")] // vh1's management address
    [InlineData("10.99.0.101", "192.168.10.13", "AddressTaken")] // that of vh3, which is not asked for
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
        await ExpectAsync(
            "VmkernelPortInUse",
            new NewStorageNetwork { Switch = "vSwitch0", VmkernelPortGroup = "Management Network" });
        Assert.Equal("VmkernelPortInUse", (await _lab.RefusedAsync(() => StorageNetwork.PlanRemoveAsync(
            _lab.Client,
            [_lab.Hosts[0]],
            new NewStorageNetwork { Switch = "vSwitch0", VmkernelPortGroup = "Management Network" },
            true,
            default))).Id);
    }

    private Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> RangeAsync(IEnumerable<MoRef> hosts, string range) =>
        StorageNetwork.PlanNewAsync(_lab.Client, [.. hosts], range, EsxStorageVmTests.Network, default);

    private StorageNetworkAddress[] Addresses(params string[] addresses) =>
        [.. addresses.Select((a, i) => new StorageNetworkAddress(_lab.Hosts[i], a))];
}
