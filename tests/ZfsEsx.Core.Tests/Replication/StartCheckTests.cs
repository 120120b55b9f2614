using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

/// <summary>What stands against a start is said before the first change.</summary>
public class StartCheckTests
{
    // The checks ask the members' names only.
    private static readonly RingView s_ring = new(
    [
        new RingMember(null!, new RingNode("uss1", "sp1/nas", "10.99.0.11")),
        new RingMember(null!, new RingNode("uss2", "sp2/nas", "10.99.0.12")),
    ]);

    private static readonly string[] s_source =
    [
        "NOW\t2026-11-22T15:00:30+0100", "CRONTAB", "FS\tsp1/nas", "POOL", "USED\t2000000", "FREE\t9000000", "CRONRUNS",
        "FILE\t/etc/zfsesx/keys/uss2\tabc\t-rw-------\troot",
    ];

    private static readonly string[] s_neighbour =
    [
        "NOW\t2026-11-22T15:00:30+0100", "CRONTAB", "FS\tsp2/nas", "POOL", "USED\t5", "FREE\t3000000", "CRONRUNS",
        "FILE\t/etc/zfsesx/keys/uss1\tabc\t-rw-------\troot",
    ];

    [Fact]
    public void WhoIsNotInTheRingIsRefusedWithWhoIs()
    {
        RingView ring = s_ring;
        ring.CheckNames(null);
        ring.CheckNames(["USS2"]);
        ZfsEsxException refused = Assert.Throws<ZfsEsxException>(() => ring.CheckNames(["uss1", "uss7"]));
        Assert.Equal("uss7 is not in the ring of uss1, uss2.", refused.Message);
        Assert.Contains("-Only", refused.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingStandsAgainstAStart()
    {
        Check(s_neighbour, s_source);
        Assert.Empty(StartCheck.Warnings(s_ring, States(s_neighbour, s_source)));
    }

    /// <summary>A line of the neighbour that is otherwise, and why it does not begin.</summary>
    [Theory]
    [InlineData("FS", "", "DatasetNotFound", "sp2/nas does not exist on uss2")]
    [InlineData("POOL", "", "PoolNotFound", "The pool of sp2/replica/uss1 does not exist on uss2")]
    [InlineData("POOL", "POOL|ROOT\tuss9", "ReplicaRootTaken", "holds replicas of uss9")]
    [InlineData("POOL", "POOL|ROOT\t-", "ReplicaRootTaken", "was not made for replicas")]
    [InlineData("CRONTAB", "", "CronMissing", "no crontab program on uss2")]
    [InlineData("CRONRUNS", "CRONRUNS|CRONREFUSED", "CronRefused", "root may not use crontab on uss2")]
    [InlineData("FREE", "FREE\t1999999", "NotEnoughSpace", "sp1/nas uses 1.91 MB on uss1, and uss2 has 1.91 MB free")]
    public void WhatStandsAgainstItIsSaid(string line, string instead, string id, string message)
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => Check(Changed(s_neighbour, line, instead), s_source));
        Assert.Equal((id, "uss2"), (e.Id, e.Target));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(e.Advice ?? "");
    }

    /// <summary>Only a first copy sends everything, and whoever says so begins all the same.</summary>
    [Theory]
    [InlineData("FREE", "FREE\t1", "BASE\tsp1/nas\t77\tzfsesx-20261122T135900Z\t1", false)] // delivered before
    [InlineData("POOL", "POOL|ROOT\tuss1", "", false)] // a replica of it is there
    [InlineData("FREE", "FREE\t1", "", true)]
    public void WhereNothingIsSentAsAWholeTheSpaceIsNotAsked(string line, string instead, string source, bool force) =>
        Check(
            Changed(Changed(s_neighbour, "FREE", "FREE\t1"), line, instead), [.. s_source, source],
            new RingReplicationOptions { AllowLowSpace = force });

    [Theory]
    [InlineData("FILE", "FILE\t/etc/zfsesx/keys/uss1\t-\t-\t-", "uss2 has no key for uss1 yet")]
    [InlineData("CRONRUNS", "", "No cron is running on uss2")]
    [InlineData("CRONRUNS", "CRONRUNS|CRONZONE\t/etc/localtime", "uss2: /etc/localtime was changed after cron")]
    [InlineData("CRONTAB", "CRONTAB|CRON\tTZ=Asia/Tokyo", "uss2: root's crontab says TZ=Asia/Tokyo")]
    public void WhatWillDisturbIsSaid(string line, string instead, string warning) => Assert.StartsWith(
        warning, Assert.Single(StartCheck.Warnings(s_ring, States(Changed(s_neighbour, line, instead), s_source))),
        StringComparison.Ordinal);

    private static void Check(string[] neighbour, string[] source, RingReplicationOptions? options = null) =>
        StartCheck.Possible(s_ring, 1, States(neighbour, source), options ?? new RingReplicationOptions());

    private static ReplicationState[] States(string[] neighbour, string[] source) =>
    [
        ReplicationProbe.Parse("uss1", s_ring.Sends(0), source),
        ReplicationProbe.Parse("uss2", s_ring.Sends(1), neighbour),
    ];

    private static string[] Changed(string[] lines, string line, string instead) =>
        [.. lines.SelectMany(l => l.Split('\t')[0] == line ? instead.Split('|') : [l])];
}
