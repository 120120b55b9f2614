using System.Text;
using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class EdgeConfigTests
{
    private static readonly ReplicationEdge s_edge = new("uss1", "uss2", "sp1/nas", "sp2/replica/uss1", "10.99.0.12");

    [Fact]
    public void TheSourceIsToldWhatToSendWhere() => Assert.Equal(
        """
        # ZfsEsx: what uss1 sends to uss2
        source=uss1
        neighbour=uss2
        address=10.99.0.12
        port=22
        user=zfsadm
        dataset=sp1/nas
        root=sp2/replica/uss1
        plan=uss1-uss2
        keep=24
        ciphers=aes128-gcm@openssh.com,aes256-ctr
        persist=360

        """,
        EdgeConfig.ForSource(s_edge, new RingReplicationOptions { Ciphers = "aes128-gcm@openssh.com,aes256-ctr" }));

    [Fact]
    public void TheNeighbourDecidesWhereTo() => Assert.Equal(
        "# ZfsEsx: what uss2 receives from uss1\nsource=uss1\nroot=sp2/replica/uss1\nplan=uss1-uss2\nkeep=48\n",
        EdgeConfig.ForTarget(s_edge, new RingReplicationOptions()));

    [Fact]
    public void WhatIsNotAskedForIsNotWritten()
    {
        RingReplicationOptions options = new()
        {
            KeepHourly = 24, KeepMonthly = 12, DivergencePolicy = DivergencePolicy.Preserve,
            RateLimit = new ByteSize(1 << 20), Schedule = ReplicationSchedule.Every(TimeSpan.FromHours(2)),
        };
        Assert.EndsWith(
            "\nkeep=24\nhourly=24\nmonthly=12\ndivergence=preserve\nrate=1048576\n",
            EdgeConfig.ForSource(s_edge, options),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "\nkeep=48\nhourly=24\nmonthly=12\ndivergence=preserve\n",
            EdgeConfig.ForTarget(s_edge, options),
            StringComparison.Ordinal);
    }

    /// <summary>A connection that stands for hours spares nothing.</summary>
    [Theory]
    [InlineData("*/5 * * * *", 360)]
    [InlineData("30 * * * *", 3660)]
    [InlineData("30 */2 * * *", null)]
    [InlineData("0,45 8-17 * * 1-5", 2760)]
    [InlineData("0 3 * * *", null)]
    public void TheConnectionStandsBetweenCyclesThatFollowSoon(string cron, int? seconds)
    {
        string[] lines = EdgeConfig.ForSource(
            s_edge, new RingReplicationOptions { Schedule = ReplicationSchedule.FromCron(cron) }).Split('\n');
        Assert.Equal(
            seconds is null ? [] : ["persist=" + seconds],
            lines.Where(l => l.StartsWith("persist", StringComparison.Ordinal)));
    }

    public static TheoryData<RingReplicationOptions, string> BadOptions => new()
    {
        { new RingReplicationOptions { Port = 0 }, "BadReplicationNumber" },
        { new RingReplicationOptions { Port = 65536 }, "BadReplicationNumber" },
        { new RingReplicationOptions { KeepOnSource = 0 }, "BadReplicationNumber" },
        { new RingReplicationOptions { KeepOnReplica = -1 }, "BadReplicationNumber" },
        { new RingReplicationOptions { KeepHourly = -1 }, "BadReplicationNumber" },
        { new RingReplicationOptions { KeepMonthly = 100001 }, "BadReplicationNumber" },
        { new RingReplicationOptions { RateLimit = new ByteSize(1023) }, "BadReplicationNumber" },
        { new RingReplicationOptions { UserName = "a b" }, "BadReplicationName" },
        { new RingReplicationOptions { UserName = "-x" }, "BadReplicationName" },
        { new RingReplicationOptions { UserName = "$(id)" }, "BadReplicationName" },
        { new RingReplicationOptions { UserName = "a\nb" }, "BadReplicationName" },
        { new RingReplicationOptions { Ciphers = "" }, "BadCiphers" },
        { new RingReplicationOptions { Ciphers = "aes -oProxyCommand=x" }, "BadCiphers" },
        { new RingReplicationOptions { Ciphers = "a\nroot=sp2/x" }, "BadCiphers" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void WhatTheAgentCouldMisreadIsRefused(RingReplicationOptions options, string id) =>
        Assert.Equal(id, Assert.Throws<ZfsEsxException>(() => EdgeConfig.ForSource(s_edge, options)).Id);

    [Fact]
    public void TheEmbeddedAgentIsComplete()
    {
        Assert.Equal("/usr/local/lib/zfsesx/agent.sh", AgentFiles.Paths[^1]);
        foreach (string path in AgentFiles.Paths)
        {
            byte[] content = AgentFiles.Read(path);
            Assert.DoesNotContain((byte)'\r', content);
            Assert.All(content, b => Assert.InRange(b, (byte)9, (byte)126)); // old shells read bytes, not characters
            Assert.InRange(Encoding.ASCII.GetString(content).Split('\n').Length, 10, 300);
        }
    }

    [Fact]
    public void FilesAreWrittenWhereContentModeOrOwnerDiffer()
    {
        WantedFile wanted = WantedFile.Text("/etc/zfsesx/x.conf", "a=b\n", "0644");
        string hash = AgentFiles.Hash("a=b\n");
        Assert.Empty(HostFiles.Differing([new FoundFile(wanted.Path, hash, "-rw-r--r--", "root")], [wanted]));
        Assert.Empty(HostFiles.Differing([new FoundFile(wanted.Path, hash, "-rw-r--r--.", "root")], [wanted]));
        Assert.Single(HostFiles.Differing([], [wanted]));
        Assert.Single(HostFiles.Differing([new FoundFile(wanted.Path, null, "-", "-")], [wanted]));
        Assert.Single(HostFiles.Differing([new FoundFile(wanted.Path, "00", "-rw-r--r--", "root")], [wanted]));
        Assert.Single(HostFiles.Differing([new FoundFile(wanted.Path, hash, "-rw-rw-r--", "root")], [wanted]));
        Assert.Single(HostFiles.Differing([new FoundFile(wanted.Path, hash, "-rw-r--r--", "zfsadm")], [wanted]));
    }

    [Theory]
    [InlineData("keep=3\nrpo=1800\n", "keep=3\nrpo=1800\n", "")]
    [InlineData("keep=3\nrpo=1800\n", "# x\nkeep=3\nrpo=1200\ndaily=7\n", ": rpo=1200 instead of 1800, daily=7")]
    [InlineData("keep=3\nrate=10\n", "keep=3\n", ": no rate instead of 10")]
    public void WhatChangesInAFileIsSaid(string now, string wanted, string said) =>
        Assert.Equal(said, EdgeConfigText.Parse(now.Split('\n')).Differences(wanted));
}
