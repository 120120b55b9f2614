using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class RingTests
{
    [Fact]
    public void EachSendsToTheNextAndTheLastToTheFirst()
    {
        IReadOnlyList<ReplicationEdge> edges = Ring.Edges([Node(1), Node(2), Node(3)]);
        Assert.Equal(
            [
                "uss1>uss2 sp2/replica/uss1 10.99.0.12",
                "uss2>uss3 sp3/replica/uss2 10.99.0.13",
                "uss3>uss1 sp1/replica/uss3 10.99.0.11"
            ],
            edges.Select(e => $"{e.Source}>{e.Neighbour} {e.TargetRoot} {e.NeighbourAddress}"));
        Assert.Equal("sp2/replica/uss1/nas/vol0", edges[0].ReplicaOf("sp1/nas/vol0"));
        Assert.Equal("uss1-uss2", edges[0].PlanId);
    }

    [Fact]
    public void TwoSendToEachOther() =>
        Assert.Equal(
            ["uss1>uss2", "uss2>uss1"], Ring.Edges([Node(1), Node(2)]).Select(e => e.Source + ">" + e.Neighbour));

    [Fact]
    public void ANewMemberChangesOneEdgeAndAddsOne()
    {
        RingDifference d = Ring.Compare([Node(1), Node(2), Node(3)], [Node(1), Node(2), Node(4), Node(3)]);
        Assert.Equal(["uss2>uss4", "uss4>uss3"], d.Added.Select(e => e.Source + ">" + e.Neighbour));
        Assert.Equal(["uss2>uss3"], d.Removed.Select(e => e.Source + ">" + e.Neighbour));
        Assert.Equal(["uss1>uss2", "uss3>uss1"], d.Kept.Select(e => e.Source + ">" + e.Neighbour));
    }

    [Fact]
    public void AMemberThatLeavesClosesTheRing()
    {
        RingDifference d = Ring.Compare([Node(1), Node(2), Node(3)], [Node(1), Node(3)]);
        Assert.Equal(["uss1>uss3"], d.Added.Select(e => e.Source + ">" + e.Neighbour));
        Assert.Equal(["uss1>uss2", "uss2>uss3"], d.Removed.Select(e => e.Source + ">" + e.Neighbour));
    }

    [Fact]
    public void ANewAddressIsAnotherEdge() =>
        Assert.Single(Ring.Compare([Node(1), Node(2)], [Node(1), Node(2) with { Address = "10.99.0.99" }]).Added);

    [Fact]
    public void OneMemberIsNoRing() => AssertRefused("RingTooSmall", [Node(1)]);

    [Fact]
    public void NamesAreUniqueWhateverTheirCase() =>
        AssertRefused("RingNameTwice", [Node(1), Node(2), Node(1) with { Name = "USS1" }]);

    [Theory]
    [InlineData("sp1")]
    [InlineData("sp1/")]
    [InlineData("/sp1/nas")]
    [InlineData("sp1//nas")]
    [InlineData("sp1/../nas")]
    [InlineData("sp1/-x")]
    [InlineData("sp1/na s")]
    [InlineData("sp1/nas;reboot")]
    [InlineData("sp1/$(reboot)")]
    [InlineData("sp1/`reboot`")]
    [InlineData("sp1/nas'")]
    [InlineData("sp1/nas\"")]
    [InlineData("sp1/nas\nplan=x")]
    [InlineData("sp1/nas@x")]
    [InlineData("sp1/näs")]
    [InlineData("")]
    public void DataSetsWithOtherCharactersAreRefused(string dataset) =>
        AssertRefused("BadReplicationName", [Node(1) with { Dataset = dataset }, Node(2)]);

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=reboot")]
    [InlineData("10.99.0.12 -x")]
    [InlineData("a;b")]
    [InlineData("$(x)")]
    [InlineData("a\nb")]
    public void AddressesThatCouldBeSomethingElseAreRefused(string address) =>
        AssertRefused("BadReplicationName", [Node(1) with { Address = address }, Node(2)]);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("-x")]
    [InlineData("a'b")]
    [InlineData("a\"b")]
    [InlineData("$(a)")]
    [InlineData("a;b")]
    [InlineData("a\nb")]
    public void NamesThatCouldBeSomethingElseAreRefused(string name) =>
        AssertRefused("BadReplicationName", [Node(1) with { Name = name }, Node(2)]);

    [Theory]
    [InlineData("sp1/nas", "sp1/nas/replica")]
    [InlineData("sp1/nas", "sp1/nas")]
    [InlineData("sp1/replica/nas", "sp1/replica")]
    public void ReplicasAndSourcesLieApart(string dataset, string parent) =>
        AssertRefused("ReplicaInsideSource", [Node(1) with { Dataset = dataset, ReplicaParent = parent }, Node(2)]);

    private static RingNode Node(int n) => new("uss" + n, "sp" + n + "/nas", "10.99.0." + (10 + n));

    private static void AssertRefused(string id, IReadOnlyList<RingNode> nodes)
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => Ring.Edges(nodes));
        Assert.Equal(id, e.Id);
        Assert.Equal(FailureKind.InvalidArgument, e.Kind);
        Assert.DoesNotContain('\n', e.Message);
    }
}
