using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class CycleReportTests
{
    // As the agent on zfs-fuse 0.7.0 wrote it.
    private const string Diverged =
        """
        {"v":1,"run":"20261122T135657Z-161","source":"uss1","neighbour":"uss2","dataset":"sp1/nas","snapshot":"zfsesx-20261122T135657Z","start":"2026-11-22T13:56:57Z","end":"2026-11-22T13:56:58Z","seconds":1,"code":1,"sessions":2,"error":null,"filesystems":[{"name":"sp1/nas","target":"sp2/replica/uss1/nas","snapshot":"zfsesx-20261122T135657Z","guid":"15661084238618080622","base":null,"bytes":null,"seconds":0,"result":"ok","error":null},{"name":"sp1/nas/vol2","target":"sp2/replica/uss1/nas/vol2","snapshot":"zfsesx-20261122T135657Z","guid":"6590920993757844691","base":"zfsesx-20261122T135500Z","bytes":40184928,"seconds":3,"result":"diverged","error":"cannot receive incremental stream: destination sp2/replica/uss1/nas/vol2 has been modified"}]}
        """;

    [Fact]
    public void ReadsWhatTheAgentWrites()
    {
        CycleReport report = CycleReport.Parse(Diverged)!;
        Assert.Equal(("20261122T135657Z-161", 1, 2), (report.Run, report.Code, report.Sessions));
        Assert.Equal(new DateTime(2026, 11, 22, 13, 56, 57, DateTimeKind.Utc), report.Start);
        Assert.Equal(DateTimeKind.Utc, report.Start.Kind);
        Assert.Equal("15661084238618080622", report.FileSystems[0].Guid);
        Assert.Equal((ReplicationResult.Ok, null), (report.FileSystems[0].Result, report.FileSystems[0].Bytes));
        Assert.Equal(
            (ReplicationResult.Diverged, 40184928L), (report.FileSystems[1].Result, report.FileSystems[1].Bytes));
        Assert.Equal(
            "sp1/nas/vol2: cannot receive incremental stream: destination sp2/replica/uss1/nas/vol2 has been modified",
            report.Trouble());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"v\":2,\"run\":\"x\",\"neighbour\":\"y\",\"start\":\"2026-11-22T13:56:57Z\",\"filesystems\":[]}")]
    [InlineData("{\"v\":1,\"run\":\"x\",\"neighbour\":\"y\",\"start\":\"yesterday\",\"filesystems\":[]}")]
    [InlineData("{\"v\":1,\"run\":\"x\",\"neighbour\":\"y\",\"start\":\"2026-11-22T13:56:57Z\",\"filesystems\":[")]
    [InlineData("{\"v\":1,\"run\":\"x\" \"neighbour\":\"y\"}")]
    public void WhatIsNoReportIsNull(string line) => Assert.Null(CycleReport.Parse(line));

    [Theory]
    [InlineData("""{"a":"x\"y\\z\nu\u0041"}""", "x\"y\\z\nuA")]
    [InlineData("""{ "a" : "" }""", "")]
    [InlineData("""{"b":[{"c":[1,2]},null,true],"a":18446744073709551615}""", "18446744073709551615")]
    public void ReadsJson(string text, string a) => Assert.Equal(a, JsonText.Object(text)!["a"]);

    [Theory]
    [InlineData("""{"a":"\x"}""")]
    [InlineData("""{"a":"\u12"}""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":1} x""")]
    [InlineData("""{"a":nul}""")]
    [InlineData("""{"a":[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}""")]
    public void BrokenJsonIsNull(string text) => Assert.Null(JsonText.Object(text));

    [Fact]
    public void ProgressSaysWhatIsSentAndHowMuch()
    {
        CycleProgress progress = CycleProgress.Parse(
        [
            "running\t17", "now\t2\t3\tsp1/nas/vol0\tzfsesx-20261122T135657Z", "progress\t1048576\t4194304",
            "clock\t2026-11-22T13:56:57Z", Diverged
        ]);
        Assert.Null(progress.Code);
        Assert.Equal("sp1/nas/vol0 (2 of 3), 1 MB of 4 MB", progress.Status);
        Assert.Equal(25, progress.Percent);
        Assert.Equal("20261122T135657Z-161", progress.Report!.Run);
    }

    [Fact]
    public void TheEndIsKnownByItsCode()
    {
        CycleProgress progress =
            CycleProgress.Parse(["idle", "said\tzfsesx: a cycle to uss2 is under way", "said\tended 75"]);
        Assert.Equal((75, "zfsesx: a cycle to uss2 is under way"), (progress.Code, progress.Said));
    }
}
