using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class ConnectedRingTests
{
    [Theory]
    [InlineData("a:p1/nas>b b:p2/nas>c c:p3/nas>a", null, "a:p1/nas b:p2/nas c:p3/nas")]
    [InlineData("a:p1/nas>b x b:p2/nas>a", null, "a:p1/nas b:p2/nas")] // x is in no ring
    [InlineData("a:p1/data>b b:p2/data>a", null, "a:p1/data b:p2/data")] // whatever it is called
    [InlineData("a:p1/data>b b:p2/data>a", "data", "a:p1/data b:p2/data")]
    [InlineData("a:p1/nas>b,p1/iso>c b:p2/nas>a c:p3/iso>a", "nas", "a:p1/nas b:p2/nas")]
    [InlineData("a:p1/nas>b b:p2/vol>a", "p1/nas p2/vol", "a:p1/nas b:p2/vol")]
    public void TheRingIsFound(string connected, string? fileSystems, string members) =>
        Assert.Equal(
            members,
            string.Join(
                " ", ConnectedRing.Of(Read(connected), fileSystems?.Split(' ')).Select(m => m.Name + ":" + m.Dataset)));

    [Theory]
    [InlineData("a b", null, "RingNotFound", "a replicates nothing; b replicates nothing")]
    [InlineData("a:p1/nas>b b:p2/nas>a", "wrong", "RingNotFound", "a replicates p1/nas to b")]
    [InlineData("a:p1/nas>b b:p2/nas>c", null, "RingNotWhole", "c belongs to it, but is not connected")]
    [InlineData("a:p1/nas>b b", null, "RingNotWhole", "b receives, but sends nothing")]
    [InlineData("a:p1/nas>b b:p2/nas>a c:p3/nas>d d:p4/nas>c", null, "SeveralRings", "c replicates p3/nas to d")]
    [InlineData("a:p1/nas>b,p1/iso>b b:p2/nas>a", null, "SeveralRings", "p1/iso to b")]
    public void WhatIsNoRingIsSaid(string connected, string? fileSystems, string id, string found)
    {
        ZfsEsxException refused = Assert.Throws<ZfsEsxException>(
            () => ConnectedRing.Of(Read(connected), fileSystems?.Split(' ')));
        Assert.Equal(id, refused.Id);
        Assert.Contains(found, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADatasetThatIsNotThereIsToldFromThoseThatAreReplicated()
    {
        ZfsEsxException missing =
            MissingDatasets.Error(new RingNode("a", "p1/wrong", "10.0.0.1"), Read("a:p1/nas>b")[0]);
        Assert.Equal("There is no p1/wrong on a; a replicates p1/nas to b.", missing.Message);
        Assert.Equal(FailureKind.NotFound, missing.Kind);
    }

    private static Sender[] Read(string text) =>
    [
        .. text.Split(' ').Select(s => s.Split(':')).Select(s => new Sender(
            s[0],
            [.. s.Skip(1).SelectMany(e => e.Split(',')).Select(e => e.Split('>')).Select(e => (e[1], e[0]))])),
    ];
}
