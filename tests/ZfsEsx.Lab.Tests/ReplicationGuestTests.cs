using ZfsEsx.Replication;

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
        await PropertiesAsync(ring);
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

        await faults.BrokenTwiceAsync();
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

    /// <summary>A volume is replicated, too; and a stream with properties of its own does not get them mounted.</summary>
    private static async Task PropertiesAsync(ReplicationFixture ring)
    {
        await ReplicationFixture.MustAsync(ring.Source, "zfs", "create", "-s", "-V", "8M", "sp1/nas/block");
        Assert.All(
            (await ring.CycleAsync()).Where(r => r.ZfsHost == "uss1"),
            r => Assert.Equal(ReplicationResult.Ok, r.Result));

        const string Send =
            """
            zfs create -o mountpoint=/etc/evil.d -o readonly=off -o setuid=on sp1/evil && zfs snapshot sp1/evil@s || exit
            {
              printf 'HELLO\t2\tuss1\tx\nINV\town\nRECV\tnas/evil\ts\t%s\n' "$(zfs get -Hp -o value guid sp1/evil@s)"
              zfs send -p sp1/evil@s
              printf 'BYE\n'
            } | ssh -F /dev/null -T -i /etc/zfsesx/keys/uss2 -o StrictHostKeyChecking=yes -o HostKeyAlias=zfsesx-uss2 \
              -o UserKnownHostsFile=/etc/zfsesx/known_hosts "root@$1" zfsesx | grep -c '^@OK'
            zfs destroy -r sp1/evil
            """;
        Assert.Equal("1", await ReplicationFixture.MustAsync(
            ring.Source, "sh", "-c", Send, "sh", ring.Members[1].Node.Address));
        const string Look =
            "zfs get -H -o value mountpoint,readonly,setuid sp2/replica/uss1/nas/evil && zfs mount -a; "
            + "zfs get -H -o value mounted sp2/replica/uss1/nas/evil";
        Assert.Equal("none\non\noff\nno", await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", Look));

        const string Away =
            """
            zfs list -H -t snapshot -o name -r "$@" | while read -r s; do zfs release zfsesx:uss1-uss2 "$s"; done 2>/dev/null
            for i; do zfs destroy -r "$i" || exit; done
            """;
        await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Away, "sh", "sp1/nas/block");
        await ReplicationFixture.MustAsync(
            ring.Neighbour, "sh", "-c", Away, "sh", "sp2/replica/uss1/nas/block", "sp2/replica/uss1/nas/evil");
    }
}
