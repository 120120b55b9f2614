using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>The seeded sweep of faults on the older ZFS. ZFSESX_FAULT_ROUNDS=20 makes a long run of it.</summary>
public sealed class ReplicationFaultTests : IAsyncLifetime
{
    private static readonly int s_rounds = int.Parse(Environment.GetEnvironmentVariable("ZFSESX_FAULT_ROUNDS") ?? "1");

    private readonly ReplicationFixture ring = new()
    {
        Name = "faults",
        Options = new RingReplicationOptions
        {
            Schedule = ReplicationSchedule.At([17], [(DateTime.Now.Hour + 12) % 24]),
            KeepOnSource = 6,
            KeepOnReplica = 8,
            UserName = "root",
            DivergencePolicy = DivergencePolicy.Preserve,
        },
    };

    public Task InitializeAsync() => ring.InitializeAsync();

    public Task DisposeAsync() => ring.DisposeAsync();

    [Fact]
    public async Task AfterEachFaultTheNextCycleDeliversAllByIncrements()
    {
        for (int round = 0; round < s_rounds; round++)
        {
            ReplicationFaults faults = new(ring.Source, ring.Neighbour, "sp1/nas", "sp2/replica/uss1", seed: 5 + round);
            if (round == 0)
            {
                await faults.PrepareAsync();
                await faults.CountAsync();
            }

            foreach (bool atSource in (bool[])[true, false])
            {
                await faults.FullAsync(atSource);
                await faults.BaseDestroyedAsync(atSource, "b");
                await faults.BaseDestroyedAsync(atSource, "a");
            }

            await faults.WrittenAsync("b", withSnapshot: false);
            await faults.WrittenAsync("a", withSnapshot: true);
            await faults.ForeignSnapshotAsync("a/in");
            await faults.ReplicaRenamedAsync("b");
            await faults.SourceRenamedAsync();
            await faults.ClockAsync();
            await faults.TwiceAsync();
            await faults.HostKeyAsync();
            await faults.KeyRevokedAsync("root");

            foreach (int at in (int[])[0, 1, 30])
            {
                await faults.CutAsync(at);
            }

            for (int i = 0; i < 8; i++)
            {
                await faults.CutAnywhereAsync();
            }

            for (int i = 0; i < 3; i++)
            {
                await faults.StreamAsync(sender: true);
                await faults.StreamAsync(sender: false);
            }

            foreach (bool atSource in (bool[])[true, false])
            {
                int call = 1;
                while (call < 40 && await faults.KillAsync(atSource, after: call % 2 == 0, call))
                {
                    call++;
                }

                Assert.InRange(call, 6, 39);
            }
        }
    }
}
