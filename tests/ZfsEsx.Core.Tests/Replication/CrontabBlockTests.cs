using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class CrontabBlockTests
{
    private const string Line = "0,30 * * * * /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1\n";
    private const string Block = "# BEGIN ZfsEsx replication to uss2\n" + Line + "# END ZfsEsx replication to uss2\n";
    private const string Foreign =
        "# my jobs\nMAILTO=\"\"\n\n59 23 * * * ./zfs-daily-rpl.sh zfs-daily.rpl # %\n  # odd\t\n";

    private static readonly ReplicationSchedule s_half = ReplicationSchedule.Every(TimeSpan.FromMinutes(30));

    [Theory]
    [InlineData("", Block)]
    [InlineData(Foreign, Foreign + Block)]
    [InlineData("1 2 3 4 5 x", "1 2 3 4 5 x\n" + Block)]
    [InlineData(Block + Foreign, Block + Foreign)]
    [InlineData(
        "a\n# BEGIN ZfsEsx replication to uss2\nwrong\n# END ZfsEsx replication to uss2\nb\n", "a\n" + Block + "b\n")]
    [InlineData("# BEGIN ZfsEsx replication to uss2\nmine\nalso mine\n", "mine\nalso mine\n" + Block)]
    [InlineData(
        "# BEGIN ZfsEsx replication to uss3\nx\n# END ZfsEsx replication to uss3\n",
        "# BEGIN ZfsEsx replication to uss3\nx\n# END ZfsEsx replication to uss3\n" + Block)]
    [InlineData(Block + "x\n" + Block, Block + "x\n")]
    public void SetsOurBlockAndKeepsTheRest(string before, string after)
    {
        Assert.Equal(after, CrontabBlock.Set(before, "uss2", s_half));
        Assert.Equal(after, CrontabBlock.Set(after, "uss2", s_half));
        Assert.Equal(s_half, CrontabBlock.Find(after, "uss2"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(Block, "")]
    [InlineData(Foreign, Foreign)]
    [InlineData("a\n" + Block + "b\n", "a\nb\n")]
    [InlineData(
        "# BEGIN ZfsEsx replication to uss2\nmine\nmine too\n# END ZfsEsx replication to uss2\n", "mine\nmine too\n")]
    public void RemovesOurBlockOnly(string before, string after) =>
        Assert.Equal(after, CrontabBlock.Remove(before, "uss2"));

    [Theory]
    [InlineData(Foreign)]
    [InlineData("# BEGIN ZfsEsx replication to uss2\n*/5 * * * * /usr/local/lib/zfsesx/agent.sh cycle uss2\n# END ZfsEsx replication to uss2\n")]
    [InlineData(
        "# BEGIN ZfsEsx replication to uss2\n0 * * * * /bin/true cycle uss2\n# END ZfsEsx replication to uss2\n")]
    [InlineData("# BEGIN ZfsEsx replication to uss2\n")]
    [InlineData("# BEGIN ZfsEsx replication to uss2\n0 0 * * 1-5 /usr/local/lib/zfsesx/agent.sh cycle uss2\n# END ZfsEsx replication to uss2\n")]
    [InlineData("# BEGIN ZfsEsx replication to uss2\n0 0 * * mon /usr/local/lib/zfsesx/agent.sh cycle uss2\n# END ZfsEsx replication to uss2\n")]
    [InlineData("# BEGIN ZfsEsx replication to uss2\n0 0 1 * * /usr/local/lib/zfsesx/agent.sh cycle uss2\n# END ZfsEsx replication to uss2\n")]
    [InlineData("# BEGIN ZfsEsx replication to uss2\n0 0 * 1 * /usr/local/lib/zfsesx/agent.sh cycle uss2\n# END ZfsEsx replication to uss2\n")]
    public void DoesNotTakeOthersForOurs(string crontab) => Assert.Null(CrontabBlock.Find(crontab, "uss2"));

    [Theory]
    [InlineData("0,30 * * * *")]
    [InlineData("5 3 * * 0")]
    [InlineData("0,15,30,45 7,8,18 * * 1,2,3,4,5")]
    public void OurOwnLineIsReadBack(string fields)
    {
        ReplicationSchedule schedule = ReplicationSchedule.FromCron(fields);
        string crontab = CrontabBlock.Set(Foreign, "uss2", schedule);
        Assert.Contains(
            "\n" + fields + " /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1\n",
            crontab,
            StringComparison.Ordinal);
        Assert.Equal(schedule, CrontabBlock.Find(crontab, "uss2"));
    }
}
