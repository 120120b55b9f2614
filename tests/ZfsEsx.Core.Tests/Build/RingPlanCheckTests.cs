using ZfsEsx.Build;

namespace ZfsEsx.Core.Tests.Build;

public class RingPlanCheckTests
{
    [Fact]
    public void A_sound_plan_has_nothing_wrong() => Assert.Empty(RingPlanCheck.Find(Ring(3)));

    public static TheoryData<string, RingPlan> Wrong => new()
    {
        { "at least two storage VMs", Ring(1) },
        { "does not divide an hour", Ring(3) with { IntervalMinutes = 7 } },
        { "does not divide an hour", Ring(3) with { IntervalMinutes = 0 } },
        { "31 network bits", WithNetwork(n => n with { PrefixLength = 31 }) },
        { "Host 'vh1' stands in the plan 2 times", WithSecond(n => n with { VMHost = "vh1" }) },
        { "Storage VM 'uss1' stands in the plan 2 times", WithSecond(n => n with { StorageVm = "uss1" }) },
        {
            "Datastore 'uss1-nas-vol0' stands in the plan 2 times",
            WithSecond(n => n with { Datastore = "uss1-nas-vol0" })
        },
        { "Address 10.99.0.101 stands in the plan 2 times", WithSecond(n => n with { Address = "10.99.0.101" }) },
        { "'10.99.0.300' is not an IPv4 address", WithSecond(n => n with { Address = "10.99.0.300" }) },
        { "'10.99.12' is not an IPv4 address", WithSecond(n => n with { HostAddress = "10.99.12" }) },
        { "not all in one network of 24 bits", WithSecond(n => n with { Address = "10.98.0.12" }) },
        { "needs a parent below the pool", WithSecond(n => n with { Volume = "vol0" }) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Says_what_is_wrong(string expected, RingPlan plan)
    {
        Assert.Contains(RingPlanCheck.Find(plan), f => f.Contains(expected, StringComparison.Ordinal));
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => RingPlanCheck.ThrowIfWrong(plan));
        Assert.Equal("InvalidPlan", e.Id);
    }

    internal static RingPlan Ring(int nodes) => new()
    {
        Template = "debian-zfs",
        ManagementNetwork = "VM Network",
        Network = new StorageNetworkPlan
        {
            Switch = "eSAN", VmkernelPortGroup = "eSAN-Interface1", VmPortGroup = "eSAN-VM"
        },
        Nodes = [.. Enumerable.Range(1, nodes).Select(n => new NodePlan
        {
            VMHost = $"vh{n}",
            HostAddress = $"10.99.0.{100 + n}",
            HostName = $"vh{n}-nas",
            LogDevice = "*DDRdrive*",
            StorageVm = $"uss{n}",
            Address = $"10.99.0.{10 + n}",
            AddressName = $"uss{n}-nas",
            DataDisk = 256L << 30,
            Pool = $"sp{n}",
            Volume = "nas/vol0",
            MountPoint = $"/export/uss{n}-nas-vol0",
            Datastore = $"uss{n}-nas-vol0",
        })],
    };

    private static RingPlan WithNetwork(Func<StorageNetworkPlan, StorageNetworkPlan> change)
    {
        RingPlan plan = Ring(3);
        return plan with { Network = change(plan.Network) };
    }

    private static RingPlan WithSecond(Func<NodePlan, NodePlan> change)
    {
        RingPlan plan = Ring(3);
        return plan with { Nodes = [plan.Nodes[0], change(plan.Nodes[1]), plan.Nodes[2]] };
    }
}
