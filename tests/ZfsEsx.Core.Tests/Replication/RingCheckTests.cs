using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class RingCheckTests
{
    private static readonly ReplicationEdge s_edge = new("uss1", "uss2", "sp1/nas", "sp2/replica/uss1", "10.99.0.12");

    private static readonly string[] s_here =
    [
        "NOW\t2026-11-22T15:00:30+0100",
        "CRONTAB",
        "CRON\t# BEGIN ZfsEsx replication to uss2",
        "CRON\t0,30 * * * * /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1",
        "CRON\t# END ZfsEsx replication to uss2",
        "FS\tsp1/nas",
        "CONF\tedge-uss2.conf\tsource=uss1",
        "CONF\tedge-uss2.conf\tdataset=sp1/nas",
        "CONF\tedge-uss2.conf\troot=sp2/replica/uss1",
        "CONF\tedge-uss2.conf\taddress=10.99.0.12",
        "CONF\tedge-uss2.conf\tplan=uss1-uss2",
        """REPORT	{"v":1,"run":"r","neighbour":"uss2","start":"2026-11-22T13:59:00Z","seconds":1,"code":0,"sessions":1,"error":null,"filesystems":[]}""",
        "USED\t1048576", "FREE\t9999999", "CRONRUNS",
    ];

    private static readonly string[] s_there =
    [
        "NOW\t2026-11-22T14:00:31+0000",
        "CONF\tsource-uss1.conf\troot=sp2/replica/uss1",
        "CONF\tsource-uss1.conf\tplan=uss1-uss2",
        "USED\t5", "FREE\t2097152",
        "REPLICA\tsp2/replica/uss1\tno\ton\toff",
    ];

    private static readonly ZfsRingReplication s_row = new("uss1", "sp1/nas", "uss2", "sp2/replica/uss1/nas")
    {
        Result = ReplicationResult.Ok,
        LastSnapshot = "zfsesx-20261122T135900Z",
        SnapshotGuid = "1",
        Lag = TimeSpan.FromSeconds(90),
        RecoveryPointObjective = TimeSpan.FromHours(1),
    };

    [Fact]
    public void AllIsWell()
    {
        IReadOnlyList<ZfsRingCheck> checks = [.. RingCheck.Of(Facts(s_here, s_there))];
        Assert.All(checks, c => Assert.Equal((RingCheckStatus.Passed, ""), (c.Status, c.Advice)));
        Assert.Equal(
            [
                "Configuration", "Trust", "Login", "Confined", "Schedule", "Cron", "TimeZone", "Clock", "Space",
                "LastCycle", "Lag", "Guids", "Replicas"
            ],
            checks.Select(c => c.Check));
        Assert.Equal("every 30 minutes, next 2026-11-22 15:30 +01:00", checks.Single(c => c.Check == "Schedule").Found);
    }

    /// <summary>
    /// A line of the source (or, with ">", of the neighbour) that is otherwise, and the one check that says so.
    /// </summary>
    [Theory]
    [InlineData("CRONRUNS", "", "Cron", RingCheckStatus.Failed, "not running")]
    [InlineData("CRONRUNS", "CRONREFUSED", "Cron", RingCheckStatus.Failed, "root may not use crontab")]
    [InlineData(
        "CRONRUNS", "CRONRUNS|CRONZONE\t/etc/localtime",
        "TimeZone", RingCheckStatus.Warning, "was changed after cron was started")]
    [InlineData("CRONTAB", "CRONTAB|CRON\tCRON_TZ=UTC", "TimeZone", RingCheckStatus.Warning, "CRON_TZ=UTC")]
    [InlineData("CRON\t0,30 *", "CRON\t#0,30 *", "Schedule", RingCheckStatus.Failed, "not in root's crontab")]
    [InlineData(
        "CONF\tedge-uss2.conf\troot", "CONF\tedge-uss2.conf\troot=sp2/other",
        "Configuration", RingCheckStatus.Failed, "sp2/other")]
    [InlineData(
        "CONF\tedge-uss2.conf\taddress", "CONF\tedge-uss2.conf\taddress=10.99.0.13",
        "Configuration", RingCheckStatus.Failed, "10.99.0.13")]
    [InlineData(">CONF\tsource-uss1.conf\troot", "", "Configuration", RingCheckStatus.Failed, "receives into")]
    [InlineData(">FREE", "FREE\t1000", "Space", RingCheckStatus.Failed, "1000 B free on uss2")]
    [InlineData(">FREE", "", "Space", RingCheckStatus.Warning, "not told")]
    [InlineData(">REPLICA", "REPLICA\tsp2/replica/uss1\tyes\ton\toff", "Replicas", RingCheckStatus.Warning, "mounted")]
    [InlineData(">REPLICA", "REPLICA\tsp2/replica/uss1\tno\ton\trw", "Replicas", RingCheckStatus.Warning, "shared")]
    [InlineData("REPORT", "", "LastCycle", RingCheckStatus.Failed, "none yet")]
    public void WhatIsWrongIsSeenAndNothingElse(
        string line, string instead, string check, RingCheckStatus status, string found)
    {
        bool there = line[0] == '>';
        string[] Changed(string[] lines) =>
            [.. lines.SelectMany(
                l => l.StartsWith(line.TrimStart('>'), StringComparison.Ordinal) ? instead.Split('|') : [l])];
        ZfsRingCheck[] bad = [.. RingCheck
            .Of(Facts(there ? s_here : Changed(s_here), there ? Changed(s_there) : s_there))
            .Where(c => c.Status != RingCheckStatus.Passed)];
        ZfsRingCheck one = Assert.Single(bad);
        Assert.Equal((check, status), (one.Check, one.Status));
        Assert.Contains(found, one.Found, StringComparison.Ordinal);
        Assert.NotEqual("", one.Advice);
    }

    [Fact]
    public void FileSystemsTrustAndClocksAreJudged()
    {
        Bad(
            "Lag",
            f => f with { FileSystems = [s_row, s_row with { FileSystem = "sp1/nas/v", Lag = TimeSpan.FromHours(5) }] },
            "sp1/nas/v 5 h");
        Bad(
            "Guids",
            f => f with { FileSystems = [s_row with { Diverged = true, Error = "written to" }] },
            "sp1/nas: written to");
        Bad("Trust", f => f with { TrustMissing = ["no key"] }, "no key");
        Bad("Confined", f => f with { Open = ["a shell"] }, "open: a shell");
        Bad("Confined", f => f with { Open = null }, "could not be tried");
        Bad(
            "Login",
            f => f with { Login = f.Login with { Succeeded = false, Answer = "Permission denied" } },
            "Permission denied");
        Bad("Clock", f => f with { Clock = (TimeSpan.FromSeconds(-65), TimeSpan.FromSeconds(2)) }, "65 s behind");
        Assert.DoesNotContain(
            RingCheck.Of(Facts(s_here, s_there) with { Clock = (TimeSpan.FromSeconds(65), TimeSpan.FromSeconds(6)) }),
            c => c.Status != RingCheckStatus.Passed);
    }

    private static void Bad(string check, Func<EdgeFacts, EdgeFacts> change, string found)
    {
        ZfsRingCheck bad = Assert.Single(
            RingCheck.Of(change(Facts(s_here, s_there))), c => c.Status != RingCheckStatus.Passed);
        Assert.Equal(check, bad.Check);
        Assert.Contains(found, bad.Found, StringComparison.Ordinal);
    }

    private static EdgeFacts Facts(string[] here, string[] there) => new(
        s_edge, ReplicationProbe.Parse("uss1", s_edge, here), ReplicationProbe.Parse("uss2", s_edge, there))
    {
        TrustMissing = [],
        Login = new ZfsReplicationTrustTest("uss1", "uss2", true, "@HELLO 2 uss2 sp2/replica/uss1", 0.3),
        Open = [],
        Clock = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)),
        FileSystems = [s_row],
    };
}
