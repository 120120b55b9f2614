using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>Members come and go: what is there already is never sent again.</summary>
[Collection(LightRings.Name)]
public sealed class RingChangeTests(LightRing hosts)
{
    [Fact]
    public async Task NothingIsSentTwiceWhenMembersComeAndGo()
    {
        await LightRing.StartAsync(hosts.Of(1, 2));

        // One more at the end: uss2 no longer sends to uss1.
        IReadOnlyList<string> steps = await LightRing.StartAsync(hosts.Of(1, 2, 3));
        Assert.Contains(
            "uss2: End replication to uss1, which is no longer next; its replica and the common snapshot stay", steps);
        Assert.Contains(
            "uss1: Take nothing from uss2 any more, which is no longer before it; its replica stays", steps);
        string crontab = await ReplicationFixture.MustAsync(hosts.Host(2), "crontab", "-l");
        Assert.DoesNotContain("cycle uss1", crontab, StringComparison.Ordinal);
        Assert.Contains("cycle uss3", crontab, StringComparison.Ordinal);
        await DeliveredAsync(1, 2, 3);

        // uss2 is lost: the ring closes over it. uss3 goes on to uss1; uss1 has never sent to uss3.
        await LightRing.StartAsync(hosts.Of(1, 3));
        await DeliveredAsync(1, 3);
        Assert.Equal([0, 1], RingOrder.Derive(["uss1", "uss3"], await EdgesAsync(1, 3)));

        // And comes back, named in another order: where it was, and nothing is sent that has been sent.
        int[] order = [.. RingOrder.Derive(["uss1", "uss3", "uss2"], await EdgesAsync(1, 3, 2))];
        Assert.Equal([0, 1, 2], order);
        await LightRing.StartAsync(hosts.Of(1, 2, 3));
        await DeliveredAsync(1, 2, 3);

        // Back to the first two: the edge that had ended goes on, too.
        await LightRing.StartAsync(hosts.Of(1, 2));
        await DeliveredAsync(1, 2);
        Assert.Empty(
            (await RingReplication.PlanStartAsync(hosts.Of(1, 2), LightRing.Options, CancellationToken.None)).Changes);
        foreach ((int source, int neighbour) in new[] { (1, 2), (2, 1), (2, 3), (3, 1), (1, 3) })
        {
            Assert.InRange(await FullsAsync(source, neighbour), 0, 2); // sp/nas and sp/nas/vol0, once at most
        }
    }

    /// <summary>What was reinstalled has no memory, but the snapshots are still there.</summary>
    [Fact]
    public async Task AStorageVmThatHasForgottenEverythingGoesOn()
    {
        await LightRing.StartAsync(hosts.Of(1, 2));
        const string Forget = "rm -rf /etc/zfsesx /var/lib/zfsesx /usr/local/lib/zfsesx; crontab -r";
        await ReplicationFixture.MustAsync(hosts.Host(1), "sh", "-c", Forget);
        await LightRing.StartAsync(hosts.Of(1, 2));
        await DeliveredAsync(1, 2);
        Assert.Equal(0, await FullsAsync(1, 2));
    }

    [Fact]
    public async Task SettingsChangeOneByOne()
    {
        RingMember[] ring = hosts.Of(1, 2);
        await LightRing.StartAsync(ring);
        RingReplicationSettings settings = new()
        {
            Schedule = ReplicationSchedule.FromCron("3,33 * * * *"),
            KeepDaily = 9,
            RateLimit = new ByteSize(1 << 20),
            RecoveryPointObjective = TimeSpan.FromMinutes(40),
        };
        string before = await ConfigAsync(2);
        Plan<IReadOnlyList<ZfsRingReplication>> plan =
            await RingReplication.PlanSetAsync(ring, settings, ["uss1"], CancellationToken.None);
        ZfsRingReplication[] rows = [.. await plan.RunAsync(SilentReporter.Instance, CancellationToken.None)];
        Assert.All(rows.Where(r => r.ZfsHost == "uss1"), r => Assert.Equal(
            (TimeSpan.FromMinutes(40), "every 30 minutes"),
            (r.RecoveryPointObjective!.Value, r.Schedule!.ToString())));
        Assert.Equal(TimeSpan.FromDays(2), rows.First(r => r.ZfsHost == "uss2").RecoveryPointObjective);
        string config = await ReplicationFixture.MustAsync(hosts.Host(1), "cat", "/etc/zfsesx/edge-uss2.conf");
        Assert.Contains("\nkeep=3\ndaily=9\nrate=1048576\nrpo=2400", config, StringComparison.Ordinal);
        Assert.Contains(
            "\nkeep=4\ndaily=9",
            await ReplicationFixture.MustAsync(hosts.Host(2), "cat", "/etc/zfsesx/source-uss1.conf"),
            StringComparison.Ordinal);
        Assert.Equal(before, await ConfigAsync(2));
        Assert.Empty((await RingReplication.PlanSetAsync(ring, settings, ["uss1"], CancellationToken.None)).Changes);
        await hosts.WriteAsync(1);
        Assert.All(
            await LightRing.CycleAsync(ring),
            r => Assert.Equal(ReplicationResult.Ok, r.Result)); // the agent understands it

        settings = new RingReplicationSettings
        {
            RateLimit = new ByteSize(0), RecoveryPointObjective = TimeSpan.Zero, KeepDaily = 0,
            Schedule = LightRing.Options.Schedule
        };
        await (await RingReplication.PlanSetAsync(ring, settings, null, CancellationToken.None))
            .RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Empty((await RingReplication.PlanStartAsync(ring, LightRing.Options, CancellationToken.None)).Changes);
    }

    [Fact]
    public async Task AFirstCopyThatDoesNotFitIsRefused()
    {
        RingMember[] ring = hosts.Of(3, 1);
        await ReplicationFixture.MustAsync(hosts.Host(1), "zfs", "create", "-o", "reservation=940M", "sp1/taken");
        // What was written counts as used only some seconds later.
        await ReplicationFixture.MustAsync(
            hosts.Host(3), "sh", "-c",
            "zfs create sp3/big && head -c 60000000 /dev/urandom >/mnt/sp3/big/data && sync; "
            + "for i in $(seq 90); do [ $(zfs get -Hpo value used sp3/big) -lt 55000000 ] || exit 0; sleep 1; done; "
            + "exit 1");
        try
        {
            RingMember[] big =
                [ring[0] with { Node = ring[0].Node with { Dataset = "sp3/big", Name = "other" } }, ring[1]];
            ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
                () => RingReplication.PlanStartAsync(big, LightRing.Options, CancellationToken.None));
            Assert.Equal("NotEnoughSpace", e.Id);
            RingReplicationOptions anyway = LightRing.Options with { AllowLowSpace = true };
            Assert.NotEmpty((await RingReplication.PlanStartAsync(big, anyway, CancellationToken.None)).Changes);
        }
        finally
        {
            // zfs-fuse holds what was just mounted for a moment.
            await ReplicationFixture.MustAsync(
                hosts.Host(1), "sh", "-c",
                "for i in $(seq 20); do zfs destroy sp1/taken && exit; sleep 1; done; exit 1");
        }
    }

    [Fact]
    public async Task WhereRootMayNotUseCronItIsSaidBefore()
    {
        await ReplicationFixture.MustAsync(hosts.Host(3), "sh", "-c", "echo somebody >/etc/cron.allow");
        try
        {
            string said = await ReplicationFixture.MustAsync(hosts.Host(3), "sh", "-c", "crontab -l 2>&1 || true");
            if (said.Contains("not allowed", StringComparison.Ordinal))
            {
                Assert.Equal("CronRefused", (await Assert.ThrowsAsync<ZfsEsxException>(
                    () => RingReplication.PlanStartAsync(
                        hosts.Of(1, 3), LightRing.Options, CancellationToken.None))).Id);
            }
            else
            {
                await RingReplication.PlanStartAsync(
                    hosts.Of(1, 3), LightRing.Options, CancellationToken.None); // this cron lets root always
            }
        }
        finally
        {
            await ReplicationFixture.MustAsync(hosts.Host(3), "rm", "/etc/cron.allow");
        }
    }

    private Task<string> ConfigAsync(int host) =>
        ReplicationFixture.MustAsync(hosts.Host(host), "sh", "-c", "cat /etc/zfsesx/edge-*.conf; crontab -l");

    /// <summary>How many file systems were sent as a whole over an edge, in all its cycles.</summary>
    private async Task<int> FullsAsync(int source, int neighbour) => int.Parse(await ReplicationFixture.MustAsync(
        hosts.Host(source), "sh", "-c",
        "grep -o '\"base\":null' /var/lib/zfsesx/uss$1.status | wc -l",
        "sh", neighbour.ToString()));

    /// <summary>New data on all, one cycle each: all arrives.</summary>
    private async Task DeliveredAsync(params int[] ring)
    {
        foreach (int n in ring)
        {
            await hosts.WriteAsync(n);
        }

        await Task.Delay(1100); // the names of snapshots have seconds
        IReadOnlyList<ZfsRingReplication> rows = await LightRing.CycleAsync(hosts.Of(ring));
        Assert.All(rows, r => Assert.Equal((ReplicationResult.Ok, false), (r.Result, r.Diverged)));
        Assert.All(rows, r => Assert.NotNull(r.Base));
        foreach (ZfsRingReplication row in rows.Where(r => r.FileSystem.EndsWith("/vol0", StringComparison.Ordinal)))
        {
            string newest = await ReplicationFixture.MustAsync(
                hosts.Of([.. ring]).Single(m => m.Node.Name == row.ZfsHost).Host, "sh", "-c",
                "zfs list -H -t snapshot -o name -s creation -r $1 | tail -n 1", "sh", row.FileSystem);
            Assert.Equal(row.FileSystem + "@" + row.LastSnapshot, newest);
        }
    }

    private async Task<IReadOnlyList<IReadOnlyList<string>>> EdgesAsync(params int[] numbers)
    {
        List<IReadOnlyList<string>> edges = [];
        foreach (int n in numbers)
        {
            edges.Add([.. (await RingOrder.ReadAsync(hosts.Host(n), CancellationToken.None)).Select(e => e.Neighbour)]);
        }

        return edges;
    }
}
