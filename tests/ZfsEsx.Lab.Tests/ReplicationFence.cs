using ZfsEsx.Failover;
using static ZfsEsx.Lab.Tests.ReplicationFixture;

namespace ZfsEsx.Lab.Tests;

/// <summary>A source closes its shares when its neighbour has taken over, and only then.</summary>
internal static class ReplicationFence
{
    private const string Fs = "sp1/nas/fenced", Share = "rw=10.9.9.9";

    /// <summary>What is home stays shared, though the fence of its failover still stands; the next fence is another.</summary>
    public static async Task CheckAsync(ReplicationFixture ring)
    {
        await ring.NewFileSystemAsync("fenced", 1000);
        await MustAsync(ring.Source, "zfs", "set", "sharenfs=" + Share, Fs);
        await ring.CycleAsync();
        await StandInActions.FenceAsync(ring.Neighbour, "uss1", default);
        await RefusedAsync("no longer shared here", "off");

        string? over = (await ReplicaSet.ReadAsync(ring.Neighbour, "uss1", default)).Fence;
        await SourceSide.UnfenceAsync(ring.Source, "sp1/nas", "uss2", over, default);
        await RefusedAsync("the way home from there is not complete", Share);

        await Task.Delay(1100); // fences have seconds
        await StandInActions.FenceAsync(ring.Neighbour, "uss1", default);
        await RefusedAsync("no longer shared here", "off");

        await StandInActions.UnfenceAsync(ring.Neighbour, "uss1", default);
        await SourceSide.UnfenceAsync(ring.Source, "sp1/nas", "uss2", fence: null, default);
        Assert.Equal(Share, await MustAsync(ring.Source, "zfs", "get", "-H", "-o", "value", "sharenfs", Fs));

        // A share that all have from above is closed at the top, and is from above again afterwards.
        await MustAsync(ring.Source, "zfs", "inherit", "sharenfs", Fs);
        await MustAsync(ring.Source, "zfs", "set", "sharenfs=" + Share, "sp1");
        await Task.Delay(1100);
        await StandInActions.FenceAsync(ring.Neighbour, "uss1", default);
        await RefusedAsync("no longer shared here", "off");
        await StandInActions.UnfenceAsync(ring.Neighbour, "uss1", default);
        await SourceSide.UnfenceAsync(ring.Source, "sp1/nas", "uss2", fence: null, default);
        Assert.Equal(
            Share + "\tinherited from sp1",
            await MustAsync(ring.Source, "zfs", "get", "-H", "-o", "value,source", "sharenfs", "sp1/nas"));
        await MustAsync(ring.Source, "zfs", "inherit", "sharenfs", "sp1");
        await ring.CycleAsync();

        async Task RefusedAsync(string why, string share)
        {
            ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
            Assert.Contains(why, e.Message, StringComparison.Ordinal);
            Assert.Equal(share, await MustAsync(ring.Source, "zfs", "get", "-H", "-o", "value", "sharenfs", Fs));
        }
    }
}
