namespace ZfsEsx.Lab.Tests;

/// <summary>
/// What a cycle costs and keeps on OpenZFS, and a seeded sample of the faults, with broken transfers that go on where
/// they were. ZFSESX_FAULT_GUESTS=all makes it the whole sweep, another number another seed.
/// </summary>
[Collection(LabTests.Name)]
public sealed class ReplicationGuestTests(LabFixture fixture)
{
    [Fact]
    public async Task CountsHoldAndAfterEachFaultTheNextCycleDeliversAllByIncrements()
    {
        string chosen = Environment.GetEnvironmentVariable("ZFSESX_FAULT_GUESTS") ?? "5";
        await using GuestPair pair = await GuestPair.UpAsync(fixture.Lab, CancellationToken.None);
        ReplicationFixture ring = new() { Given = pair.Members, Options = ReplicationFaultTests.Options };
        await ring.InitializeAsync();
        await ReplicationRetention.CheckAsync(ring);
        await ReplicationFence.CheckAsync(ring);
        await ProgressAsync(ring);
        ReplicationFaults faults = new(
            ring.Source, ring.Neighbour, "sp1/nas", "sp2/replica/uss1", seed: chosen == "all" ? 5 : int.Parse(chosen),
            () => pair.RebootNeighbourAsync(CancellationToken.None));
        await faults.PrepareAsync();
        await faults.CountAsync();
        await faults.CountIdleAsync();
        await faults.OnlyBookmarkLeftAsync("b");
        Assert.Equal(1, faults.FromBookmarks);
        if (chosen == "all")
        {
            foreach (Func<Task> row in faults.Rows("root"))
            {
                await row();
            }

            await faults.KillsAsync();
            await faults.RebootAsync(1);
        }

        await faults.SampleAsync(rows: 4, "root");
        Assert.True(faults.Resumed > 0, faults.Log);
    }

    // By the bytes of the real stream, as zfs send tells them.
    private static async Task ProgressAsync(ReplicationFixture ring)
    {
        await ring.NewFileSystemAsync("bar", 1000);
        await ring.CycleAsync();
        await ring.WriteAsync("bar", 12_000_000);
        ProgressListener bar = new();
        await ring.WithAsync("rate=1000000", () => ring.CycleAsync(bar));
        Assert.True(bar.Ended);
        Assert.Equal(bar.Percents.Order(), bar.Percents);
        Assert.InRange(bar.Percents.Distinct().Count(), 3, 100);
    }
}
