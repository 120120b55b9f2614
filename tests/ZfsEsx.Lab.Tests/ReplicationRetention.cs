using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>What stays of months of snapshots, on both sides, whatever ZFS they have.</summary>
internal static class ReplicationRetention
{
    // The names tell the time. The 30th of November and the 4th of January are Sundays.
    private const string Oldest = "20251130T235959Z", Newest = "20260105T095000Z";

    private static readonly string[] s_between =
    [
        "20251231T100000Z", "20260103T100000Z", "20260104T100000Z", "20260104T103000Z",
        "20260105T090000Z", "20260105T091500Z", "20260105T094500Z",
    ];

    public static async Task CheckAsync(ReplicationFixture ring)
    {
        const string Source = "sp1/nas/months", Replica = "sp2/replica/uss1/nas/months";
        await ring.CycleAsync();
        await StartAsync(ring.Options with
        {
            KeepOnSource = 1, KeepOnReplica = 1, KeepHourly = 2, KeepDaily = 3, KeepWeekly = 3, KeepMonthly = 3,
        });
        await ReplicationFixture.MustAsync(ring.Source, "zfs", "create", Source);
        foreach (string[] taken in (string[][])[[Oldest], s_between, [Newest]])
        {
            foreach (string time in taken)
            {
                await ReplicationFixture.MustAsync(ring.Source, "zfs", "snapshot", Source + "@zfsesx-" + time);
            }

            // "old" sends the newest one there is, and takes none.
            RemoteCommand cycle = new("/usr/local/lib/zfsesx/agent.sh", "cycle", "uss2", "months", "old")
            {
                Timeout = TimeSpan.FromMinutes(5),
            };
            CommandResult result = await ring.Source.RunAsync(cycle, CancellationToken.None);
            Assert.True(result.Succeeded, result.Complaint);
        }

        // By month, month, day, hour and week, and the base.
        string[] kept = [Oldest, "20251231T100000Z", "20260103T100000Z", "20260104T103000Z", Newest];
        Assert.Equal(kept, await TimesAsync(ring.Source, Source));
        Assert.Equal(kept, await TimesAsync(ring.Neighbour, Replica));
        await StartAsync(ring.Options);

        async Task StartAsync(RingReplicationOptions options) =>
            await (await RingReplication.PlanStartAsync(ring.Members, options, CancellationToken.None))
                .RunAsync(SilentReporter.Instance, CancellationToken.None);
    }

    private static async Task<string[]> TimesAsync(ZfsHost host, string dataset) =>
    [
        .. (await ReplicationFixture.MustAsync(
            host, "zfs", "list", "-H", "-r", "-t", "snapshot", "-o", "name", dataset))
            .Split('\n').Select(n => n[(n.IndexOf('@') + 8)..]).Order(),
    ];
}
