using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>Cycles between two real hosts: what arrives, what it costs, what happens when something breaks.</summary>
[Collection(ReplicationHosts.Name)]
public sealed class ReplicationCycleTests(ReplicationFixture ring)
{
    [Fact]
    public async Task DeliversFirstInFullThenIncrementsThenNothing()
    {
        string fs = await ring.NewFileSystemAsync("story", 300_000);
        ZfsRingReplication first = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Assert.Equal(ReplicationResult.Ok, first.Result);
        Assert.Equal(
            await Prop(ring, 0, "guid", fs + "@" + first.LastSnapshot),
            await Prop(ring, 1, "guid", first.Replica + "@" + first.LastSnapshot));
        Assert.Equal(first.SnapshotGuid, await Prop(ring, 1, "guid", first.Replica + "@" + first.LastSnapshot));
        Assert.InRange(first.Lag!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(2));
        Assert.Equal("on none off no", string.Join(' ', [
            await Prop(ring, 1, "readonly", first.Replica), await Prop(ring, 1, "mountpoint", first.Replica),
            await Prop(ring, 1, "sharenfs", first.Replica), await Prop(ring, 1, "mounted", first.Replica)]));

        await ring.WriteAsync("story", 200_000);
        await Task.Delay(1100); // snapshot names have seconds
        ZfsRingReplication second = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Assert.NotEqual(first.LastSnapshot, second.LastSnapshot);
        Assert.Equal(2, (await Snapshots(ring, second.Replica)).Length);

        // "old" takes no snapshot: everything is there already, and nothing is received.
        await ReplicationFixture.MustAsync(
            ring.Source, "/usr/local/lib/zfsesx/agent.sh", "cycle", "uss2", "nothing", "old");
        Assert.Equal(second.SnapshotGuid, (await ring.StateAsync(fs)).SnapshotGuid);
        Assert.Equal(2, (await Snapshots(ring, second.Replica)).Length);
    }

    [Fact]
    public async Task LogsInOnceWhateverTheNumberOfFileSystems()
    {
        foreach (int more in (int[])[1, 8])
        {
            for (int i = 0; i < more; i++)
            {
                await ring.NewFileSystemAsync($"many{more}-{i}", 1000);
            }

            int before = await ring.LoginsAsync();
            Assert.Contains(
                await ring.CycleAsync(),
                r => r.FileSystem == $"sp1/nas/many{more}-0" && r.Result == ReplicationResult.Ok);
            Assert.Equal(before + 1, await ring.LoginsAsync());
        }
    }

    [Fact]
    public async Task KeepsSoManySnapshotsAndTheBaseIsHeld()
    {
        string fs = await ring.NewFileSystemAsync("kept", 1000);
        await ReplicationFixture.MustAsync(ring.Source, "zfs", "snapshot", fs + "@mine");
        ZfsRingReplication row = await ring.StateAsync(fs);
        for (int i = 0; i < 6; i++)
        {
            row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
            await Task.Delay(1100);
        }

        Assert.Equal(
            ring.Options.KeepOnSource,
            (await Snapshots(ring, fs, 0)).Count(s => s.Contains("@zfsesx-", StringComparison.Ordinal)));
        Assert.Contains(fs + "@mine", await Snapshots(ring, fs, 0));
        Assert.Equal(ring.Options.KeepOnReplica, (await Snapshots(ring, row.Replica)).Length);
        foreach ((int host, string dataset) in ((int, string)[])[(0, fs), (1, row.Replica)])
        {
            CommandResult destroy = await ring.Members[host].Host.RunAsync(
                new RemoteCommand("zfs", "destroy", dataset + "@" + row.LastSnapshot), CancellationToken.None);
            Assert.Contains("busy", destroy.Complaint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AChangedReplicaIsReportedAndKeptAndTheOthersGoOn()
    {
        string fs = await ring.NewFileSystemAsync("changed", 1000);
        string other = await ring.NewFileSystemAsync("changing-not", 1000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        string mount = "/mnt/changed";
        await ReplicationFixture.MustAsync(ring.Neighbour, "zfs", "set", "readonly=off", row.Replica);
        await ReplicationFixture.MustAsync(ring.Neighbour, "zfs", "set", "mountpoint=" + mount, row.Replica);
        await ReplicationFixture.MustAsync(
            ring.Neighbour, "sh", "-c",
            "zfs mount $1 2>/dev/null; echo precious >$2/mine && sync",
            "sh", row.Replica, mount);
        await ring.WriteAsync("changed", 3_000_000);
        await Task.Delay(1100);

        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
        Assert.Equal("CycleIncomplete", e.Id);
        Assert.Contains(fs, e.Message, StringComparison.Ordinal);
        ZfsRingReplication diverged = await ring.StateAsync(fs);
        Assert.Equal(ReplicationResult.Diverged, diverged.Result);
        Assert.Contains("has been modified", diverged.Error, StringComparison.Ordinal);
        Assert.Equal(row.LastSnapshot, diverged.LastSnapshot);
        ZfsRingReplication healthy = await ring.StateAsync(other);
        Assert.Equal(ReplicationResult.Ok, healthy.Result);
        Assert.NotEqual(row.LastSnapshot, healthy.LastSnapshot);
        Assert.Equal("precious", await ReplicationFixture.MustAsync(ring.Neighbour, "cat", mount + "/mine"));

        // The admin decides; afterwards it goes on by increment. zfs-fuse may be busy with it for a moment.
        await ReplicationFixture.MustAsync(
            ring.Neighbour, "sh", "-c",
            "for i in $(seq 30); do zfs unmount $1 2>/dev/null; zfs rollback $1@$2 && exit; sleep 1; done; exit 1",
            "sh", row.Replica, row.LastSnapshot!);
        await ReplicationFixture.MustAsync(
            ring.Neighbour, "sh", "-c",
            "zfs unmount $1 2>/dev/null; zfs inherit mountpoint $1 && zfs inherit readonly $1",
            "sh", row.Replica);
        Assert.Equal(ReplicationResult.Ok, (await ring.CycleAsync()).Single(r => r.FileSystem == fs).Result);
    }

    [Fact]
    public async Task AReceiverKilledInMidStreamCostsOneCycle()
    {
        string fs = await ring.NewFileSystemAsync("killed", 1000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        await ring.WriteAsync("killed", 200_000_000);
        await Task.Delay(1100);
        // Slow enough to be met in the middle, however busy the machine is.
        await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", "echo rate=20000000 >>/etc/zfsesx/edge-uss2.conf");
        Task<string> kill = ring.BesideAsync("sh", "-c", KillReceiver, "sh", row.Replica);
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
        Assert.Equal("killed", await kill);
        await ReplicationFixture.MustAsync(ring.Source, "sed", "-i", "/^rate=/d", "/etc/zfsesx/edge-uss2.conf");
        Assert.Equal("CycleIncomplete", e.Id);
        Assert.Equal(row.SnapshotGuid, (await ring.StateAsync(fs)).SnapshotGuid);

        ZfsRingReplication after = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Assert.Equal(ReplicationResult.Ok, after.Result);
        Assert.NotEqual(row.SnapshotGuid, after.SnapshotGuid);
        Assert.True((await Snapshots(ring, after.Replica)).Length > 1); // an increment, not sent anew
    }

    [Fact]
    public async Task CancellingEndsTheCycleOnBothSides()
    {
        string fs = await ring.NewFileSystemAsync("cancelled", 200_000_000);
        using CancellationTokenSource stop = new();
        Task cycle = ring.CycleAsync(stop.Token);
        await ring.BesideAsync("sh", "-c", WaitForReceiver, "sh", "sp2/replica/uss1/nas/cancelled");
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cycle);
        Assert.StartsWith(
            "idle",
            await ReplicationFixture.MustAsync(ring.Source, "/usr/local/lib/zfsesx/agent.sh", "status", "uss2"),
            StringComparison.Ordinal);
        await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", WaitForNoReceiver);
        Assert.Equal(ReplicationResult.Ok, (await ring.CycleAsync()).Single(r => r.FileSystem == fs).Result);
    }

    [Fact]
    public async Task AReplicaThatVanishedIsNotSentAgainInFullByItself()
    {
        string fs = await ring.NewFileSystemAsync("lost", 1000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        await ReplicationFixture.MustAsync(
            ring.Neighbour, "sh", "-c",
            "zfs release zfsesx:uss1-uss2 $1@$2 && zfs destroy -r $1",
            "sh", row.Replica, row.LastSnapshot!);
        await Task.Delay(1100);
        Assert.Equal("CycleIncomplete", (await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync())).Id);
        Assert.Equal(ReplicationResult.Lost, (await ring.StateAsync(fs)).Result);

        await ReplicationFixture.MustAsync(ring.Source, "/usr/local/lib/zfsesx/agent.sh", "forget", "uss2", fs);
        await Task.Delay(1100);
        Assert.Equal(ReplicationResult.Ok, (await ring.CycleAsync()).Single(r => r.FileSystem == fs).Result);
    }

    /// <summary>Waits on the neighbour until a replica is being received; its process is then in p.</summary>
    internal const string WaitForReceiver =
        """
        for i in $(seq 2400); do
          p=$(cat /var/lib/zfsesx/from-uss1.lock/child 2>/dev/null)
          case $(tr '\000' ' ' </proc/${p:-0}/cmdline 2>/dev/null) in *"$1"*) break ;; esac
          sleep 0.05
        done
        [ -n "$p" ]
        """;

    private const string KillReceiver = WaitForReceiver + " && sleep 0.3 && kill -9 $p && echo killed";

    private const string WaitForNoReceiver =
        "for i in $(seq 1200); do [ -d /var/lib/zfsesx/from-uss1.lock ] || exit 0; sleep 0.05; done; exit 1";

    private static Task<string> Prop(ReplicationFixture ring, int host, string name, string dataset) =>
        ReplicationFixture.MustAsync(ring.Members[host].Host, "zfs", "get", "-Hp", "-o", "value", name, dataset);

    private static async Task<string[]> Snapshots(ReplicationFixture ring, string dataset, int host = 1) =>
        (await ReplicationFixture.MustAsync(
            ring.Members[host].Host, "zfs", "list", "-H", "-t", "snapshot", "-o", "name", "-r", dataset)).Split('\n');
}
