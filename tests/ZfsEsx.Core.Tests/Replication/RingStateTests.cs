using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class RingStateTests
{
    private static readonly ReplicationEdge s_edge = new("uss1", "uss2", "sp1/nas", "sp2/replica/uss1", "10.99.0.12");

    private static readonly string[] s_source =
    [
        "NOW\t2026-11-22T15:00:30+0100",
        "CRONTAB",
        "CRON\t# BEGIN ZfsEsx replication to uss2",
        "CRON\t0,30 * * * * /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1",
        "CRON\t# END ZfsEsx replication to uss2",
        "FS\tsp1/nas",
        "FS\tsp1/nas/vol0",
        "POOL",
        "ROOT\tuss3",
        """REPORT	{"v":1,"run":"r","neighbour":"uss2","start":"2026-11-22T13:59:00Z","seconds":1,"code":0,"sessions":1,"error":null,"filesystems":[{"name":"sp1/nas","target":"sp2/replica/uss1/nas","snapshot":"s","guid":"1","base":null,"bytes":624,"seconds":0,"result":"ok","error":null},{"name":"sp1/nas/vol0","target":"sp2/replica/uss1/nas/vol0","snapshot":"s","guid":"2","base":null,"bytes":null,"seconds":0,"result":"ok","error":null}]}""",
        "BASE\tsp1/nas\t77\tzfsesx-20261122T135900Z\t15661084238618080621",
        "BASE\tsp1/nas/vol0\t78\tzfsesx-20261122T135900Z\t15661084238618080622",
        "SNAP\tsp1/nas@zfsesx-20261122T135900Z\tguid\t15661084238618080621",
        "SNAP\tsp1/nas@zfsesx-20261122T135900Z\tcreation\t1795355940",
        "SNAP\tsp1/nas/vol0@zfsesx-20261122T135900Z\tguid\t15661084238618080622",
        "SNAP\tsp1/nas/vol0@zfsesx-20261122T135900Z\tcreation\t1795355940",
        "FILE\t/etc/zfsesx/edge-uss2.conf\tabc\t-rw-r--r--\troot",
        "FILE\t/etc/zfsesx/keys/uss2\t-\t-\t-",
    ];

    [Fact]
    public void WhatBothSidesHaveIsTheReplicasAge()
    {
        ZfsRingReplication[] rows = Read(
            s_source,
            ("sp2/replica/uss1/nas", "15661084238618080621"),
            ("sp2/replica/uss1/nas/vol0", "15661084238618080622"));
        Assert.Equal(["sp1/nas", "sp1/nas/vol0"], rows.Select(r => r.FileSystem));
        ZfsRingReplication row = rows[1];
        Assert.Equal("sp2/replica/uss1/nas/vol0", row.Replica);
        Assert.Equal(ReplicationResult.Ok, row.Result);
        Assert.Equal("zfsesx-20261122T135900Z", row.LastSnapshot);
        Assert.Equal(new DateTime(2026, 11, 22, 13, 59, 0, DateTimeKind.Utc), row.LastSnapshotTime);
        Assert.Equal(TimeSpan.FromSeconds(90), row.Lag);
        Assert.True(DateTimeOffset.Parse("2026-11-22T15:30:00+01:00").EqualsExact(row.NextRun!.Value)); // their time
        Assert.True(TimeZoneInfo.ConvertTime(row.NextRun.Value, TimeZoneInfo.Local)
            .EqualsExact(row.NextRunHere!.Value)); // ours
        Assert.Equal("every 30 minutes", row.Schedule!.ToString());
        Assert.Equal(624, rows[0].Sent!.Value.Bytes);
    }

    [Fact]
    public void WhatWasNotWrittenSinceIsAsNewAsTheLastLook()
    {
        string[] lines = [.. s_source.Select(l => l.Replace(
            "\"seconds\":1,\"code\"",
            "\"asof\":\"2026-11-22T14:00:00Z\",\"seconds\":1,\"code\"",
            StringComparison.Ordinal))];
        ZfsRingReplication row = Read(lines, ("sp2/replica/uss1/nas/vol0", "15661084238618080622"))[1];
        Assert.Equal(TimeSpan.FromSeconds(30), row.Lag);
        Assert.Equal(new DateTime(2026, 11, 22, 13, 59, 0, DateTimeKind.Utc), row.LastSnapshotTime);
    }

    [Fact]
    public void AReportIsNotBelievedWhenTheReplicaHasAnotherSnapshot()
    {
        // One digit less: two numbers that are equal as floating point.
        ZfsRingReplication row = Read(
            s_source,
            ("sp2/replica/uss1/nas", "15661084238618080621"),
            ("sp2/replica/uss1/nas/vol0", "15661084238618080621"))[1];
        Assert.Equal(ReplicationResult.Unconfirmed, row.Result);
        Assert.Null(row.LastSnapshot);
        Assert.Contains("another snapshot on uss2", row.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AReplicaThatIsGoneIsSeen()
    {
        ZfsRingReplication row = Read(s_source, ("sp2/replica/uss1/nas", "15661084238618080621"))[1];
        Assert.Equal((ReplicationResult.Unconfirmed, (TimeSpan?)null), (row.Result, row.Lag));
    }

    [Fact]
    public void ABaseThatIsGoneAtTheSourceIsSeen()
    {
        string[] lines = [.. s_source.Where(l => !l.StartsWith("SNAP\tsp1/nas/vol0", StringComparison.Ordinal))];
        Assert.Contains(
            "is gone on uss1",
            Read(lines, ("sp2/replica/uss1/nas/vol0", "15661084238618080622"))[1].Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void NothingDeliveredYetIsNone()
    {
        string[] lines = ["NOW\t2026-11-22T15:00:30+0000", "CRONTAB", "FS\tsp1/nas"];
        ZfsRingReplication row = Assert.Single(Read(lines));
        Assert.Equal((ReplicationResult.None, null, null), (row.Result, row.Schedule, row.Error));
    }

    [Fact]
    public void ACycleThatReachedNobodyIsAFailureOfAll()
    {
        string[] lines =
        [
            "NOW\t2026-11-22T15:00:30+0000", "CRONTAB", "FS\tsp1/nas",
            """REPORT	{"v":1,"run":"r","neighbour":"uss2","start":"2026-11-22T13:59:00Z","seconds":1,"code":2,"sessions":1,"error":"connection to uss2: refused","filesystems":[]}""",
        ];
        ZfsRingReplication row = Assert.Single(Read(lines));
        Assert.Equal((ReplicationResult.Failed, "connection to uss2: refused"), (row.Result, row.Error));
    }

    private const string VolBase = "sp2/replica/uss1/nas/vol0@zfsesx-20261122T135900Z\t15661084238618080622\t100\t0";

    /// <summary>Whether a replica is still what was sent does not come from the report, which says "ok" here.</summary>
    [Theory]
    [InlineData("sp2/replica/uss1/nas/vol0\t5\t9\t0", null)]
    [InlineData("sp2/replica/uss1/nas/vol0\t5\t9\t12288", "has been written to (12 KB)")]
    [InlineData("sp2/replica/uss1/nas/vol0\t5\t9\t-", null)] // an older ZFS does not say
    [InlineData("sp2/replica/uss1/nas/vol0@mine\t7\t101\t0", null)] // empty: the next increment does not mind
    [InlineData("sp2/replica/uss1/nas/vol0@mine\t7\t101\t512", "has mine, which the source has not")]
    [InlineData("sp2/replica/uss1/nas/vol0@old\t7\t99\t512", null)] // older than the base
    [InlineData(
        "sp2/replica/uss1/nas/vol0@zfsesx-20261122T135930Z\t7\t101\t0", "has zfsesx-20261122T135930Z")] // rolled back
    [InlineData(
        "sp2/replica/uss1/nas/vol0@zfsesx-20261122T140031Z\t7\t101\t0", null)] // came after the source was asked
    [InlineData("sp2/replica/uss1/nas/vol00@mine\t7\t101\t512", null)] // of another one
    [InlineData("sp2/replica/uss1/nas/vol0@hourly\t8\t101\t512", null)] // the source has it, too
    public void AReplicaThatIsNoLongerWhatWasSentIsSeen(string line, string? why)
    {
        ZfsRingReplication row =
            Read(s_source, [("sp1/nas/vol0@hourly", "8"), ("sp1/nas/vol0@mine", "6")], [VolBase, line])[1];
        Assert.Equal(
            (why is not null, why is null ? ReplicationResult.Ok : ReplicationResult.Diverged),
            (row.Diverged, row.Result));
        Assert.Contains(why ?? "", row.Error ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 3600, false)] // twice the distance of two cycles
    [InlineData("rpo=60", 60, true)]
    [InlineData("rpo=120", 120, false)]
    public void ALateReplicaIsSeen(string? line, int seconds, bool late)
    {
        string[] lines = line is null ? s_source : [.. s_source, "CONF\tedge-uss2.conf\t" + line];
        ZfsRingReplication row = Read(lines, [], [VolBase])[1];
        Assert.Equal((TimeSpan.FromSeconds(seconds), late), (row.RecoveryPointObjective!.Value, row.Late));
        Assert.True(Read(lines, [], [])[1].Late); // none at all
    }

    [Fact]
    public void ReadsFilesAndMarks()
    {
        ReplicationState state = ReplicationProbe.Parse("uss1", s_edge, s_source);
        Assert.True(state.DatasetExists && state.TargetPoolExists && state.Delivered);
        Assert.Equal("uss3", state.TargetRootMark);
        Assert.Equal(["abc", null], state.Files.Select(f => f.Hash));
        Assert.Null(ReplicationProbe.Parse("uss1", s_edge, ["NOW\t2026-11-22T15:00:30+0000"]).Crontab);
    }

    private static ZfsRingReplication[] Read(string[] source, params (string Dataset, string Guid)[] replica) =>
        Read(source, [], [.. replica.Select(r => r.Dataset + "@zfsesx-20261122T135900Z\t" + r.Guid + "\t100\t0")]);

    private static ZfsRingReplication[] Read(string[] source, (string Name, string Guid)[] known, string[] replica) =>
    [
        .. RingReplication.FileSystems(
            "uss1",
            s_edge,
            ReplicationProbe.Parse("uss1", s_edge, source),
            ReplicaListing.Parse(replica),
            known.ToDictionary(k => k.Name, k => k.Guid)),
    ];
}
