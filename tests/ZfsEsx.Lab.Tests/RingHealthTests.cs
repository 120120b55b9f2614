using ZfsEsx.Os;
using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// What the checks, the history and the trust say of two real hosts, and what they say when something is wrong.
/// </summary>
[Collection(LightRings.Name)]
public sealed class RingHealthTests(LightRing hosts)
{
    private const string Keys = "/home/zfsadm/.ssh/authorized_keys";

    [Fact]
    public async Task AHealthyEdgePassesAndEachFaultIsSeen()
    {
        RingMember[] ring = hosts.Of(1, 2);
        await LightRing.StartAsync(ring);
        await LightRing.CycleAsync(ring);
        Assert.Empty(await BadAsync(ring));

        await WithAsync(2, $"mv {Keys} {Keys}.away", $"mv {Keys}.away {Keys}", "Trust", "Login", "Confined");
        await WithAsync(1, "crontab -l >/tmp/cron; crontab -r", "crontab /tmp/cron", "Schedule");
        await WithAsync(1, "mv /etc/zfsesx/edge-uss2.conf /tmp", "mv /tmp/edge-uss2.conf /etc/zfsesx", "Configuration");
        await WithAsync(
            1, "{ echo CRON_TZ=Asia/Tokyo; crontab -l; } | crontab -",
            "crontab -l | grep -v CRON_TZ | crontab -", "TimeZone");
        await WithAsync(
            2, "zfs create -o mountpoint=/mnt/live sp2/replica/uss1/live; zfs set readonly=off sp2/replica/uss1/live",
            // zfs-fuse keeps what was mounted busy for a moment
            "for i in $(seq 150); do zfs destroy sp2/replica/uss1/live 2>/dev/null && exit; sleep 0.2; done; exit 1",
            "Replicas");
        const string Base = "/var/lib/zfsesx/uss2.base";
        await WithAsync(1, $"mv {Base} {Base}.keep; : >{Base}", $"mv {Base}.keep {Base}", "Lag", "Guids");
        Assert.Empty(await BadAsync(ring));

        async Task WithAsync(int host, string fault, string mend, params string[] checks)
        {
            await ReplicationFixture.MustAsync(hosts.Host(host), "sh", "-c", fault);
            ZfsRingCheck[] bad;
            try
            {
                bad = await BadAsync(ring);
            }
            finally
            {
                await ReplicationFixture.MustAsync(hosts.Host(host), "sh", "-c", mend);
            }

            Assert.True(
                checks.SequenceEqual(bad.Select(b => b.Check)), fault + ": " + string.Join("; ", bad.AsEnumerable()));
        }
    }

    /// <summary>The proof is one that can fail: a second line with the same key opens what must be closed.</summary>
    [Fact]
    public async Task WhatTheKeyMustNotOpenIsTried()
    {
        RingMember[] ring = hosts.Of(1, 2);
        await LightRing.TrustAsync(ring);
        ReplicationTrustOptions trust = LightRing.Trust(ring[1]) with { NeighbourName = "uss2" };
        Assert.Empty(await ReplicationTrust.OpenAsync(ring[0].Host, trust, CancellationToken.None));

        await ReplicationFixture.MustAsync(
            ring[1].Host, "sh", "-c",
            $"cp -p {Keys} /tmp/keys; "
                + $"{{ awk '{{ print $(NF - 2), $(NF - 1) }}' /tmp/keys; cat /tmp/keys; }} >{Keys}");
        try
        {
            IReadOnlyList<string> open = await ReplicationTrust.OpenAsync(ring[0].Host, trust, CancellationToken.None);
            Assert.Contains("a command", open);
            Assert.Contains("a shell", open);
            Assert.Contains("forwarding to other addresses", open);
        }
        finally
        {
            await ReplicationFixture.MustAsync(ring[1].Host, "sh", "-c", $"cat /tmp/keys >{Keys}");
        }
    }

    /// <summary>
    /// After each step of a rotation the key that a cycle uses is let in, and at the end only the new one.
    /// </summary>
    [Fact]
    public async Task AKeyIsReplacedWithoutAMomentWithoutOne()
    {
        RingMember[] ring = hosts.Of(1, 2);
        await LightRing.TrustAsync(ring);
        ReplicationTrustOptions trust = LightRing.Trust(ring[1]);
        for (int steps = 1; steps <= 4; steps++)
        {
            ZfsReplicationTrust before =
                await ReplicationTrust.GetAsync(ring[0].Host, ring[1].Host, trust, CancellationToken.None);
            Plan<ZfsReplicationTrust> plan =
                await ReplicationTrust.PlanUpdateAsync(ring[0].Host, ring[1].Host, trust, CancellationToken.None);
            Assert.Equal(["uss1", "uss2", "uss1", "uss2"], plan.Changes.Select(c => c.Target));
            foreach (Change change in plan.Changes.Take(steps)) // broken off after so many
            {
                await change.ApplyAsync(SilentReporter.Instance, CancellationToken.None);
                ZfsReplicationTrustTest test = await ReplicationTrust.TestAsync(
                    ring[0].Host, trust with { NeighbourName = "uss2" }, CancellationToken.None);
                Assert.True(test.Succeeded, change.Action + ": " + test.Answer);
            }

            // Running again goes on: after the third step only the last one is left.
            plan = await ReplicationTrust.PlanUpdateAsync(ring[0].Host, ring[1].Host, trust, CancellationToken.None);
            Assert.Equal(steps == 3 ? 1 : 4, plan.Changes.Count);
            if (steps < 4)
            {
                await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
            }

            ZfsReplicationTrust after =
                await ReplicationTrust.GetAsync(ring[0].Host, ring[1].Host, trust, CancellationToken.None);
            Assert.NotEqual(before.KeyFingerprint, after.KeyFingerprint);
            Assert.Empty(after.Missing);
            Assert.Equal(
                "1", await ReplicationFixture.MustAsync(ring[1].Host, "sh", "-c", $"grep -c zfsesx:uss1 {Keys}"));
        }
    }

    /// <summary>Where there is no sudo, doas does it, with a rule as narrow.</summary>
    [Fact]
    public async Task DoasLetsReceiveAndNothingElse()
    {
        RingMember[] ring = hosts.Of(1, 3);
        ReplicationTrustOptions trust = LightRing.Trust(ring[1]) with { NeighbourName = "uss3" };
        const string Hide =
            "mount --bind /dev/null /usr/bin/sudo; "
            + "echo 'permit persist :wheel' >/etc/doas.conf; chmod 600 /etc/doas.conf";
        await ReplicationFixture.MustAsync(ring[1].Host, "sh", "-c", Hide);
        try
        {
            Plan<ZfsReplicationTrust> plan =
                await ReplicationTrust.PlanNewAsync(ring[0].Host, ring[1].Host, trust, CancellationToken.None);
            Assert.Contains(
                "uss3: Allow zfsadm to receive replicas of uss1 (/etc/doas.conf)",
                plan.Changes.Select(c => c.ToString()));
            Assert.Empty((await plan.RunAsync(SilentReporter.Instance, CancellationToken.None)).Missing);
            Assert.Empty((await ReplicationTrust.PlanNewAsync(
                ring[0].Host, ring[1].Host, trust, CancellationToken.None)).Changes);
            ZfsReplicationTrustTest test =
                await ReplicationTrust.TestAsync(ring[0].Host, trust, CancellationToken.None);
            Assert.True(test.Succeeded, test.Answer);
            Assert.Empty(await ReplicationTrust.OpenAsync(ring[0].Host, trust, CancellationToken.None));

            // The account itself may not do more, either.
            const string More =
                "for c in id '/usr/local/lib/zfsesx/agent.sh serve uss2' '/usr/local/lib/zfsesx/agent.sh stop uss1'; "
                + "do su zfsadm -c \"doas -n $c\" && exit 1; done; true";
            await ReplicationFixture.MustAsync(ring[1].Host, "sh", "-c", More);
            await (await ReplicationTrust.PlanRemoveAsync(ring[0].Host, ring[1].Host, trust, CancellationToken.None))
                .RunAsync(SilentReporter.Instance, CancellationToken.None);
            Assert.Equal(
                "permit persist :wheel", await ReplicationFixture.MustAsync(ring[1].Host, "cat", "/etc/doas.conf"));
        }
        finally
        {
            await ReplicationFixture.MustAsync(ring[1].Host, "sh", "-c", "umount /usr/bin/sudo; rm -f /etc/doas.conf");
        }
    }

    [Fact]
    public async Task WithoutATrustThereIsNothingToReplace() => Assert.Equal(
        "TrustMissing",
        (await Assert.ThrowsAsync<ZfsEsxException>(() => ReplicationTrust.PlanUpdateAsync(
            hosts.Host(3), hosts.Host(2), LightRing.Trust(hosts.Of(2)[0]), CancellationToken.None))).Id);

    [Fact]
    public async Task WhatCyclesDidIsRemembered()
    {
        RingMember[] ring = hosts.Of(1, 2);
        await LightRing.StartAsync(ring);
        DateTime today = DateTime.UtcNow.Date;
        (int cycles, long bytes) = Sum(await RingHistory.GetAsync(ring, today, CancellationToken.None));
        await hosts.WriteAsync(1);
        await Task.Delay(1100);
        await LightRing.CycleAsync(ring);
        IReadOnlyList<ZfsRingHistory> days = await RingHistory.GetAsync(ring, today, CancellationToken.None);
        Assert.Equal(cycles + 1, Sum(days).Cycles);
        Assert.True(Sum(days).Bytes >= bytes);
        Assert.All(days, d => Assert.True(d.Day >= today && d.Cycles >= d.Failures));

        static (int Cycles, long Bytes) Sum(IReadOnlyList<ZfsRingHistory> days) =>
            (days.Where(d => d.ZfsHost == "uss1").Sum(d => d.Cycles),
                days.Where(d => d.ZfsHost == "uss1").Sum(d => d.Sent.Bytes));
    }

    private static async Task<ZfsRingCheck[]> BadAsync(RingMember[] ring) =>
        [.. (await RingChecks.GetAsync(ring, CancellationToken.None))
            .Where(c => c.Status != RingCheckStatus.Passed && c.ZfsHost == "uss1")];
}
