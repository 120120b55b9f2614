using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>What a cycle keeps to: its rate, its time, and how much it leaves behind.</summary>
[Collection(ReplicationHosts.Name)]
public sealed class ReplicationLimitTests(ReplicationFixture ring)
{
    private const string Agent = "/usr/local/lib/zfsesx/agent.sh";

    [Fact]
    public Task HoursDaysWeeksAndMonthsAreKeptOnBothSides() => ReplicationRetention.CheckAsync(ring);

    /// <summary>A rate whose blocks a second end in 0 is one that dd reports as "2560+0 records in".</summary>
    [Theory]
    [InlineData("slow", 1_000_000, 8)]
    [InlineData("round", 10_485_760, 30)]
    public async Task NoMoreIsSentThanTheRateAllows(string name, int rate, int megabytes)
    {
        string fs = await ring.NewFileSystemAsync(name, 1000);
        await ring.CycleAsync();
        await ring.WriteAsync(name, megabytes * 1_000_000);
        await Task.Delay(1100); // snapshot names have seconds
        await ring.WithAsync("rate=" + rate, () => ring.CycleAsync());
        ZfsRingReplication row = await ring.StateAsync(fs);
        Assert.Equal(ReplicationResult.Ok, row.Result);
        double least = (megabytes * 1e6 / rate) - 1;
        Assert.True(row.LastDuration >= TimeSpan.FromSeconds(least), $"{megabytes} MB in {row.LastDuration}");
    }

    /// <summary>Nothing comes back from the neighbour any more, and nobody says so.</summary>
    [Fact]
    public async Task ADeadConnectionEndsTheCycleAndTheNextOneGoesOn()
    {
        string fs = await ring.NewFileSystemAsync("dead", 1000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        await ring.WriteAsync("dead", 60_000_000);
        await Task.Delay(1100);
        string address = ring.Members[0].Node.Address;
        Task<string> silence = ring.BesideAsync(
            "sh", "-c", ReplicationCycleTests.WaitForReceiver + " && ip route add blackhole $2",
            "sh", row.Replica, address);
        try
        {
            ZfsEsxException e = await ring.WithAsync(
                "rate=5000000", () => Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync()));
            await silence;
            Assert.Contains("not responding", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            await ReplicationFixture.MustAsync(ring.Neighbour, "ip", "route", "del", "blackhole", address);
        }

        ZfsRingReplication after = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Assert.Equal(ReplicationResult.Ok, after.Result);
        Assert.Equal(row.LastSnapshot, after.Base);
    }

    /// <summary>The neighbour's ZFS hangs: the session stands, and nothing moves in it.</summary>
    [Fact]
    public async Task ACycleThatHangsEndsByItselfAndTheNextOneGoesOn()
    {
        string fs = await ring.NewFileSystemAsync("hangs", 1000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        await ring.WriteAsync("hangs", 1000);
        await Task.Delay(1100);
        await ReplicationShims.InstallAsync(ring.Neighbour, "from-uss1");
        try
        {
            await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", "echo stop 1 >/tmp/fault");
            string code = await ring.WithAsync("limit=10", () => ReplicationFixture.MustAsync(
                ring.Source, "sh", "-c", "timeout -k 1 50 $1 cycle uss2 >/dev/null 2>&1; echo $?", "sh", Agent));
            Assert.Equal("2", code);
            Assert.Contains("\"error\":\"stopped\"", await ReplicationFixture.MustAsync(
                ring.Source, "tail", "-n", "1", "/var/lib/zfsesx/uss2.status"), StringComparison.Ordinal);
        }
        finally
        {
            await ReplicationShims.RemoveAsync(ring.Neighbour);
        }

        ZfsRingReplication after = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Assert.Equal((ReplicationResult.Ok, row.LastSnapshot), (after.Result, after.Base));
    }

    [Fact]
    public async Task ReportsAndHistoryDoNotGrowForEver()
    {
        const string Fill =
            """
            cd /var/lib/zfsesx
            for i in $(seq 300); do echo '{}'; done >>uss2.status
            month=$(date -u +%m) year=$(date -u +%Y)
            rm -f uss2.history-$year-$month
            touch uss2.history-$((year - 1))-$month uss2.history-$((year - 1))-other
            """;
        await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Fill);
        await ring.CycleAsync();
        const string Left =
            "cd /var/lib/zfsesx; wc -l <uss2.status; tail -n 1 uss2.status | cut -c 1-6; ls | grep -c uss2.history-";
        string left = await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Left);
        Assert.Equal(["200", "{\"v\":1", "2"], left.Split('\n').Select(l => l.Trim()));
        await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", "rm /var/lib/zfsesx/uss2.history-*-other");
    }
}
