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

    private async Task<string> RunAsync(string script)
    {
        CommandResult result = await Host.RunAsync(RemoteCommand.Script(script), CancellationToken.None);
        Assert.True(result.Succeeded, script + ": " + result.Complaint);
        return result.Output;
    }
}
