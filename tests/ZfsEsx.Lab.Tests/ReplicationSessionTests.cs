using System.Globalization;
using ZfsEsx.Failover;
using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>Who may end a cycle or a session, and what one does that finds nothing to receive into.</summary>
[Collection(ReplicationHosts.Name)]
public sealed class ReplicationSessionTests(ReplicationFixture ring)
{
    private const string Agent = "/usr/local/lib/zfsesx/agent.sh";

    /// <summary>Test-ZfsRingReplication tries such lines with the key of the edge, at any time.</summary>
    [Fact]
    public async Task WhatIsRefusedEndsNoSessionThatReceives()
    {
        string fs = await ring.NewFileSystemAsync("undisturbed", 20_000_000);
        Task<IReadOnlyList<ZfsRingReplication>> cycle = ring.WithAsync("rate=4000000", () => ring.CycleAsync());
        await ring.BesideAsync("sh", "-c", ReplicationCycleTests.WaitForReceiver, "sh", "nas/undisturbed");
        const string Refused =
            """
            for line in 'RECV\t../x\ts\t1' 'RECV\tnas\ts\t1\t-1' 'MOVE\t../x\tnas' 'ABORT\t/x' 'PRESERVE\tnas\t$(id)'; do
              printf "$line\nBYE\n" | "$1" serve uss1 | head -n 1
            done
            """;
        string answers = await ring.BesideAsync("sh", "-c", Refused, "sh", Agent);
        Assert.Equal(5, answers.Split('\n').Count(l => l.StartsWith("@FAIL\t-\tNAME", StringComparison.Ordinal)));
        Assert.False(cycle.IsCompleted);
        Assert.Equal(ReplicationResult.Ok, (await cycle).Single(r => r.FileSystem == fs).Result);
    }

    [Fact]
    public async Task CtrlCWhileAnotherCycleIsUnderWayLeavesThatOneAlone()
    {
        string fs = await ring.NewFileSystemAsync("cron", 20_000_000);
        Task<string> cron = ring.WithAsync(
            "rate=4000000",
            () => ReplicationFixture.MustAsync(ring.Source, "sh", "-c", $"{Agent} cycle uss2 cron >/dev/null 2>&1 &"));
        await ring.BesideAsync("sh", "-c", ReplicationCycleTests.WaitForReceiver, "sh", "nas/cron");
        await cron;
        using CancellationTokenSource stop = new();
        ProgressListener progress = new();
        Task ours = ring.CycleAsync(progress, stop.Token);
        await progress.SaidAsync("Another cycle is under way");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ours);
        const string Wait =
            "i=0; while [ -d /var/lib/zfsesx/uss2.lock ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done; "
            + "tail -n 1 /var/lib/zfsesx/uss2.status";
        string report = await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Wait);
        Assert.Contains("\"run\":\"cron\"", report, StringComparison.Ordinal);
        Assert.Equal(ReplicationResult.Ok, (await ring.StateAsync(fs)).Result);
    }

    /// <summary>Its parents are not replicated; on the neighbour they are placeholders.</summary>
    [Fact]
    public async Task ADataSetDeepBelowItsPoolIsDelivered()
    {
        const string Edge =
            """
            cd /etc/zfsesx
            zfs create -p sp1/deep/er/nas/x && head -c 1000 /dev/urandom >/mnt/sp1/deep/er/nas/x/data || exit
            sed 's,^dataset=.*,dataset=sp1/deep/er/nas,' edge-uss2.conf >edge-deep.conf
            cp keys/uss2 keys/deep && sed 's/^zfsesx-uss2/zfsesx-deep/' known_hosts >more && cat more >>known_hosts
            "$1" cycle deep && sleep 1.1 && head -c 2000 /dev/urandom >/mnt/sp1/deep/er/nas/x/data && "$1" cycle deep
            """;
        await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Edge, "sh", Agent);
        const string Look = "zfs list -H -t snapshot -o name -r sp2/replica/uss1/deep | cut -d @ -f 1 | sort | uniq -c; "
            + "zfs get -H -o value mountpoint,mounted,canmount sp2/replica/uss1/deep/er";
        string[] words = (await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", Look))
            .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["2", "sp2/replica/uss1/deep/er/nas", "2", "sp2/replica/uss1/deep/er/nas/x", "none", "no", "off"], words);
    }

    /// <summary>
    /// Whoever takes over from the replicas is told how much is missing, also when no snapshot was needed.
    /// </summary>
    [Fact]
    public async Task TheNeighbourKnowsAsOfWhenItHasEverything()
    {
        string fs = await ring.NewFileSystemAsync("asof", 1000);
        await ring.CycleAsync();
        ReplicaSet before = await ReplicaSet.ReadAsync(ring.Neighbour, "uss1", CancellationToken.None);
        ReplicaFile replica = before.Replicas.Single(r => r.Relative == "nas/asof");
        string report = await ReplicationFixture.MustAsync(
            ring.Source, "sh", "-c", "tail -n 1 /var/lib/zfsesx/uss2.status");
        Assert.Contains($"\"asof\":\"{replica.Current:yyyy-MM-ddTHH:mm:ssZ}\"", report, StringComparison.Ordinal);
        Assert.InRange(replica.Current - replica.Taken, TimeSpan.Zero, TimeSpan.FromSeconds(2));

        // zfs-fuse keeps what was mounted busy for a moment.
        const string Destroy =
            "for i in $(seq 150); do zfs destroy -r $1 2>/dev/null && exit; sleep 0.2; done; zfs destroy -r $1";

        // One that cannot be delivered: the neighbour has no longer everything.
        await ReplicationFixture.MustAsync(ring.Source, "zfs", "create", "sp1/nas/short");
        await ReplicationFixture.MustAsync(ring.Neighbour, "zfs", "create", "sp2/replica/uss1/nas/short");
        try
        {
            await Task.Delay(2100);
            await ring.WriteAsync("asof", 2000);
            await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
            ReplicaSet after = await ReplicaSet.ReadAsync(ring.Neighbour, "uss1", CancellationToken.None);
            Assert.NotEqual(replica.Snapshot, after.Replicas.Single(r => r.Relative == "nas/asof").Snapshot);
            Assert.Equal(replica.Current, await AsOfAsync());
        }
        finally
        {
            await ReplicationFixture.MustAsync(
                ring.Source, "sh", "-c",
                "zfs list -H -t snapshot -o name -r sp1/nas/short | "
                + "while read -r s; do zfs release zfsesx:uss1-uss2 $s; done 2>/dev/null; " + Destroy,
                "sh", "sp1/nas/short");
            await ReplicationFixture.MustAsync(
                ring.Neighbour, "sh", "-c", Destroy, "sh", "sp2/replica/uss1/nas/short");
        }

        await ring.CycleAsync();
        Assert.True(await AsOfAsync() > replica.Current);
        Assert.Equal(ReplicationResult.Ok, (await ring.StateAsync(fs)).Result);

        async Task<DateTime> AsOfAsync() => CycleReport.Time(await ReplicationFixture.MustAsync(
            ring.Neighbour, "cat", "/var/lib/zfsesx/from-uss1.asof"))!.Value;
    }

    [Fact]
    public async Task SnapshotsDoNotPileUpWhileTheNeighbourRefuses()
    {
        string fs = await ring.NewFileSystemAsync("refused", 1000);
        await ring.CycleAsync();
        const string Conf = "/etc/zfsesx/source-uss1.conf";
        await ReplicationFixture.MustAsync(ring.Neighbour, "mv", Conf, Conf + ".away");
        int before = await CountAsync();
        try
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Delay(1100);
                await ring.WriteAsync("refused", 1000 + i);
                await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
            }
        }
        finally
        {
            await ReplicationFixture.MustAsync(ring.Neighbour, "mv", Conf + ".away", Conf);
        }

        Assert.InRange(await CountAsync(), before, before + 1); // the first one did not know yet
        Assert.Equal(ReplicationResult.Ok, (await ring.CycleAsync()).Single(r => r.FileSystem == fs).Result);

        async Task<int> CountAsync() => int.Parse(
            await ReplicationFixture.MustAsync(
                ring.Source, "sh", "-c", "zfs list -H -t snapshot -o name -r $1 | wc -l", "sh", fs),
            CultureInfo.InvariantCulture);
    }
}
