using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Lab.Tests;

/// <summary>Figures of zfs-fuse, the older ZFS: what it can, and what it lacks.</summary>
public sealed class StorageMeasureFuseTests() : FuseHostTest("fusemeasure")
{
    [Fact]
    public async Task It_is_measured_with_and_without_its_log()
    {
        await RunAsync(
            $"zpool create sp1 {FuseLab.Disks.Data} log {FuseLab.Disks.Log} && zfs create -o recordsize=16K sp1/nas");
        const string Traces =
            "zfs list -H -o name; zpool status sp1 | grep -c ONLINE; ls -d /zfsesx* /var/run/zfsesx* 2>/dev/null; true";
        string before = await RunAsync(Traces);
        foreach (LogComparison comparison in new[] { LogComparison.Logbias, LogComparison.Offline })
        {
            MeasureRequest request = new()
            {
                FileSystem = "sp1/nas", Seconds = 1, Size = 8 << 20, QueueDepth = 2, CompareLog = comparison,
                Workloads = [MeasureWorkload.Find("Write512"), MeasureWorkload.Find("Mix8k")],
            };
            ProgressListener listener = new();
            IReadOnlyList<StorageMeasurement> runs =
                await (await StorageMeasures.PlanAsync(Host, request, CancellationToken.None))
                    .RunAsync(listener, CancellationToken.None);
            Assert.True(listener.Ended);
            Assert.Equal(listener.Percents.Order(), listener.Percents);
            Assert.Contains(listener.Percents, p => p >= 50);
            Assert.All(listener.Percents, p => Assert.InRange(p, 0, 100));
            Assert.Equal(4, runs.Count);
            Assert.All(runs, r => Assert.True(r.WriteIops > 0 && r.WriteMsP99 > 0, r.ToString()));
            Assert.Equal(before, await RunAsync(Traces));
        }
    }

    // Others take snapshots of all file systems, during the measurement and of what a dead one has left.
    [Fact]
    public async Task Snapshots_of_others_do_not_keep_what_was_measured_with()
    {
        const string Left = "sp1/zfsesx-measure-00000000000000000000000000000abc";
        const string Names = "zfs list -H -r -t filesystem,snapshot -o name sp1";
        await RunAsync($"zpool create sp1 {FuseLab.Disks.Data}");
        string before = await RunAsync(Names);
        await RunAsync($"zfs create -o zfsesx:measure={Left[^32..]} {Left} && zfs snapshot -r sp1@hourly");
        MeasureRequest request = new()
        {
            FileSystem = "sp1", Seconds = 1, Size = 8 << 20, QueueDepth = 2,
            Workloads = [MeasureWorkload.Find("Write512")],
        };
        Task<IReadOnlyList<StorageMeasurement>> run =
            (await StorageMeasures.PlanAsync(Host, request, CancellationToken.None))
                .RunAsync(SilentReporter.Instance, CancellationToken.None);
        using (ZfsHost other = await ConnectAsync())
        {
            const string Snapshot = """
                i=0
                while [ $i -lt 600 ]; do
                  f=$(zfs list -H -o name | grep measure | grep -v abc) &&
                    [ "$(zfs get -H -o value mounted "$f")" = yes ] && break
                  sleep 0.1; i=$((i + 1))
                done
                zfs get -H -o value com.sun:auto-snapshot "$f" && zfs snapshot -r sp1@frequent && zfs list "$f@frequent"
                """;
            CommandResult taken = await other.RunAsync(RemoteCommand.Script(Snapshot), CancellationToken.None);
            Assert.True(taken.Succeeded, taken.Complaint);
            Assert.StartsWith("false", taken.Output, StringComparison.Ordinal);
        }

        Assert.Single(await run);
        await RunAsync("zfs destroy sp1@hourly && zfs destroy sp1@frequent");
        Assert.Equal(before, await RunAsync(Names));

        // A file system below it is not ours, whatever it is there for.
        await RunAsync($"zfs create -o zfsesx:measure={Left[^32..]} {Left} && zfs create {Left}/precious");
        ZfsEsxException refused = await Assert.ThrowsAsync<ZfsEsxException>(async () =>
            await (await StorageMeasures.PlanAsync(Host, request, CancellationToken.None))
                .RunAsync(SilentReporter.Instance, CancellationToken.None));
        Assert.Contains("there are file systems below " + Left, refused.Message, StringComparison.Ordinal);
        await RunAsync($"zfs list {Left}/precious");
    }

    private async Task<string> RunAsync(string script)
    {
        CommandResult result = await Host.RunAsync(RemoteCommand.Script(script), CancellationToken.None);
        Assert.True(result.Succeeded, script + ": " + result.Complaint);
        return result.Output;
    }
}
