using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>The seeded sweep of faults on the older ZFS. ZFSESX_FAULT_ROUNDS=20 makes a long run of it.</summary>
public sealed class ReplicationFaultTests : IAsyncLifetime
{
    private static readonly int s_rounds = int.Parse(Environment.GetEnvironmentVariable("ZFSESX_FAULT_ROUNDS") ?? "1");

    private readonly ReplicationFixture ring = new()
    {
        Name = "faults",
        Options = Options,
    };

    /// <summary>What the rings of the sweeps are set up with.</summary>
    internal static RingReplicationOptions Options => new()
    {
        Schedule = ReplicationSchedule.At([17], [(DateTime.Now.Hour + 12) % 24]),
        KeepOnSource = 6,
        KeepOnReplica = 8,
        UserName = "root",
        DivergencePolicy = DivergencePolicy.Preserve,
    };

    public Task InitializeAsync() => ring.InitializeAsync();

    public Task DisposeAsync() => ring.DisposeAsync();

    [Fact]
    public async Task AfterEachFaultTheNextCycleDeliversAllByIncrements()
    {
        for (int round = 0; round < s_rounds; round++)
        {
            ReplicationFaults faults = new(
                ring.Source, ring.Neighbour, "sp1/nas", "sp2/replica/uss1", seed: 5 + round, ring.CrashNeighbourAsync);
            if (round == 0)
            {
                await faults.PrepareAsync();
                await faults.CountAsync();
            }

            foreach (Func<Task> row in faults.Rows("root"))
            {
                await row();
            }

            // These strike wherever they are tried.
            Assert.Subset(
                faults.Struck,
                new HashSet<string> { "cut", "receiver", "target full", "host key changed", "key revoked" });
            await faults.KillsAsync();
            foreach (int call in (int[])[1, 3, 6])
            {
                await faults.RebootAsync(call);
            }
        }
    }
}
