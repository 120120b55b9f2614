using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>Trust, schedule and clones between two real hosts.</summary>
[Collection(ReplicationHosts.Name)]
public sealed class ReplicationSetupTests(ReplicationFixture ring)
{
    [Fact]
    public async Task ASecondPlanChangesNothing()
    {
        Assert.Empty((await ReplicationTrust.PlanNewAsync(
            ring.Source, ring.Neighbour, ring.Trust(0), CancellationToken.None)).Changes);
        Assert.Empty(
            (await RingReplication.PlanStartAsync(ring.Members, ring.Options, CancellationToken.None)).Changes);
    }

    [Fact]
    public async Task TheTrustIsTestedByConnecting()
    {
        ReplicationTrustOptions options = ring.Trust(0) with { NeighbourName = "uss2" };
        ZfsReplicationTrustTest test = await ReplicationTrust.TestAsync(ring.Source, options, CancellationToken.None);
        Assert.True(test.Succeeded, test.Answer);
        Assert.StartsWith("@HELLO 2 uss2 sp2/replica/uss1", test.Answer, StringComparison.Ordinal);

        ZfsReplicationTrustTest wrong =
            await ReplicationTrust.TestAsync(ring.Source, options with { UserName = "nobody" }, CancellationToken.None);
        Assert.False(wrong.Succeeded);
        Assert.Contains("Permission denied", wrong.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheKeyOpensNothingButTheAgent()
    {
        const string Login =
            """
            ssh -F /dev/null -i /etc/zfsesx/keys/uss2 -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile=/etc/zfsesx/known_hosts \
              -o HostKeyAlias=zfsesx-uss2 -l root "$1" 'touch /tmp/opened; id' </dev/null
            """;
        string said =
            await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Login, "sh", ring.Members[1].Node.Address);
        Assert.DoesNotContain("uid=", said, StringComparison.Ordinal);
        await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", "[ ! -e /tmp/opened ]");
    }

    [Theory]
    [InlineData("RECV\t../../evil\ts\t1\n", "@FAIL\t-\tNAME")]
    [InlineData("RECV\t/sp2/nas\ts\t1\n", "@FAIL\t-\tNAME")]
    [InlineData("RECV\t$(touch /tmp/evil)\ts\t1\n", "@FAIL\t-\tNAME")]
    [InlineData("RECV\ta b;touch /tmp/evil\ts\t1\n", "@FAIL\t-\tNAME")]
    [InlineData("ABORT\t-x\n", "@FAIL\t-\tNAME")]
    [InlineData("DESTROY\tsp2\n", "@FAIL\t-\tDESYNC")]
    [InlineData("touch /tmp/evil\n", "@FAIL\t-\tDESYNC")]
    public async Task TheReceiverTakesItsOwnCommandsOnly(string line, string answer)
    {
        RemoteCommand serve = new("/usr/local/lib/zfsesx/agent.sh", "serve", "uss1")
        {
            Input = System.Text.Encoding.UTF8.GetBytes(line + "BYE\n")
        };
        CommandResult result = await ring.Neighbour.RunAsync(serve, CancellationToken.None);
        Assert.StartsWith(answer, result.Output, StringComparison.Ordinal);
        await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", "[ ! -e /tmp/evil ]");
    }

    /// <summary>Seeded hostile lines: shell, other data sets, ways upwards, options, several lines in one.</summary>
    [Fact]
    public async Task ThousandsOfHostileLinesChangeNothing()
    {
        await ring.CycleAsync();
        const string State =
            "zfs list -H -t all -o name -r sp2; zfs get -H -r -s local all sp2; "
            + "ls -R /tmp /etc/zfsesx /root; crontab -l";
        string before = await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", State);
        const int Tries = 3000;
        Random random = new(20261122);
        System.Text.StringBuilder lines = new();
        for (int i = 0; i < Tries; i++)
        {
            lines.Append(HostileLine(random)).Append('\n');
        }

        // A session ends at the first thing that is not right: one session for each.
        const string All =
            """
            n=0
            while IFS= read -r line; do
              answer=$(printf '%b\nBYE\n' "$line" | /usr/local/lib/zfsesx/agent.sh serve uss1 2>&1)
              case $answer in @FAIL* | @NO*) n=$((n + 1)) ;; *) printf 'accepted: %s: %s\n' "$line" "$answer" ;; esac
            done
            echo "refused $n"
            """;
        RemoteCommand serve = new("sh", "-c", All)
        {
            Input = System.Text.Encoding.UTF8.GetBytes(lines.ToString()), Timeout = TimeSpan.FromMinutes(5)
        };
        Assert.Equal(
            "refused " + Tries, (await ring.Neighbour.RunAsync(serve, CancellationToken.None)).Output.TrimEnd());
        Assert.Equal(before, await ReplicationFixture.MustAsync(ring.Neighbour, "sh", "-c", State));
    }

    // In the notation of printf %b; each is wrong in at least one way.
    private static string HostileLine(Random random)
    {
        string[] commands =
            ["RECV", "ABORT", "MOVE", "PRESERVE", "DESTROY", "zfs", "sh", "INV", "", "recv", "RECV\\nDESTROY"];
        string[] evil =
        [
            "../nas", "nas/../../sp2", "/sp2/nas", "$(touch /tmp/evil)", "`touch /tmp/evil`", "a b", "-F", "nas/-o",
            "nas@x", "nas;id", "nas|sh", "'nas'", "\"nas\"", "nas//x", "", "*", "nas/./x", "~root", "nas&",
            ">/tmp/evil", "n\\0as", "\\033[2J", "n#x", "../../../etc/passwd", "nas\\n-x",
        ];
        string[] rest =
            ["s\\t1", "zfsesx-20260101T000000Z\\t18446744073709551615", "-\\t-", "$(id)\\t1", "-F\\t-F", "../x\\t1"];
        return commands[random.Next(commands.Length)] + "\\t" + evil[random.Next(evil.Length)]
            + "\\t" + rest[random.Next(rest.Length)];
    }

    [Fact]
    public async Task AnUnknownSourceIsTurnedAway()
    {
        CommandResult result = await ring.Neighbour.RunAsync(
            new RemoteCommand("/usr/local/lib/zfsesx/agent.sh", "serve", "stranger"), CancellationToken.None);
        Assert.StartsWith("@NO\tCONFIG", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheScheduleIsInCronBesideWhatWasThere()
    {
        await ReplicationFixture.MustAsync(
            ring.Source, "sh", "-c", "{ echo '# mine'; crontab -l; echo '1 2 3 4 * true'; } | crontab -");
        RingReplicationOptions often =
            ring.Options with { Schedule = ReplicationSchedule.Every(TimeSpan.FromHours(12), 7) };
        Plan<IReadOnlyList<ZfsRingReplication>> plan =
            await RingReplication.PlanStartAsync(ring.Members, often, CancellationToken.None);
        Assert.Equal(["uss1", "uss2"], plan.Changes.Select(c => c.Target));
        ZfsRingReplication row = (await plan.RunAsync(SilentReporter.Instance, CancellationToken.None))[0];
        Assert.Equal((7, true), (row.NextRun!.Value.Minute, row.NextRun > DateTimeOffset.UtcNow));
        string crontab = await ReplicationFixture.MustAsync(ring.Source, "crontab", "-l");
        Assert.StartsWith("# mine\n", crontab, StringComparison.Ordinal);
        Assert.EndsWith("\n1 2 3 4 * true", crontab, StringComparison.Ordinal);
        Assert.Contains(
            "\n7 0,12 * * * /usr/local/lib/zfsesx/agent.sh cycle uss2 >/dev/null 2>&1\n",
            crontab,
            StringComparison.Ordinal);
        await (await RingReplication.PlanStartAsync(ring.Members, ring.Options, CancellationToken.None))
            .RunAsync(SilentReporter.Instance, CancellationToken.None);
    }

    [Fact]
    public async Task StoppingLeavesReplicasAndForeignLines()
    {
        string fs = await ring.NewFileSystemAsync("stopped", 1000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Plan<IReadOnlyList<ZfsRingReplication>> stop =
            await RingReplication.PlanStopAsync(ring.Members, CancellationToken.None);
        Assert.Equal(6, stop.Changes.Count);
        Assert.All(await stop.RunAsync(SilentReporter.Instance, CancellationToken.None), r => Assert.Null(r.NextRun));
        Assert.Empty((await RingReplication.PlanStopAsync(ring.Members, CancellationToken.None)).Changes);
        Assert.Equal("ReplicationNotStarted", (await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync())).Id);

        await (await RingReplication.PlanStartAsync(ring.Members, ring.Options, CancellationToken.None))
            .RunAsync(SilentReporter.Instance, CancellationToken.None);
        await Task.Delay(1100);
        ZfsRingReplication after = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        Assert.Equal(row.Replica, after.Replica);
        Assert.NotEqual(row.LastSnapshot, after.LastSnapshot); // went on from where it was
    }

    [Theory]
    [InlineData("sp1/nothing", "sp2/replica", "DatasetNotFound")]
    [InlineData("sp1/nas", "sp9/replica", "PoolNotFound")]
    public async Task WhatIsNotThereIsRefusedBeforeAnyChange(string dataset, string parent, string id)
    {
        RingMember[] members =
        [
            ring.Members[0] with { Node = ring.Members[0].Node with { Dataset = dataset } },
            ring.Members[1] with { Node = ring.Members[1].Node with { ReplicaParent = parent } },
        ];
        Assert.Equal(id, (await Assert.ThrowsAsync<ZfsEsxException>(
            () => RingReplication.PlanStartAsync(members, ring.Options, CancellationToken.None))).Id);
    }

    [Fact]
    public async Task ACycleOfWhatIsNotReplicatedIsRefused()
    {
        RingMember[] members =
            [ring.Members[0] with { Node = ring.Members[0].Node with { Dataset = "sp1/nass" } }, ring.Members[1]];
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(
            () => RingReplication.PlanInvokeAsync(members, ring.Options, null, CancellationToken.None));
        Assert.Equal(("OtherDataset", "sp1/nass"), (e.Id, e.Target));
        Assert.Contains("sp1/nas is", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APlaceThatIsNotOursIsRefused()
    {
        await ReplicationFixture.MustAsync(ring.Neighbour, "zfs", "create", "-p", "sp2/taken/uss1");
        RingMember[] members =
        [
            ring.Members[0],
            ring.Members[1] with { Node = ring.Members[1].Node with { ReplicaParent = "sp2/taken" } }
        ];
        Assert.Equal("ReplicaRootTaken", (await Assert.ThrowsAsync<ZfsEsxException>(
            () => RingReplication.PlanStartAsync(members, ring.Options, CancellationToken.None))).Id);
    }

    [Fact]
    public async Task AReplicaIsClonedAndTheCloneRemoved()
    {
        string fs = await ring.NewFileSystemAsync("cloned", 100_000);
        ZfsRingReplication row = (await ring.CycleAsync()).Single(r => r.FileSystem == fs);
        ReplicaCloneOptions options = new() { Replica = row.Replica };
        Plan<ZfsReplicaClone> plan = await ReplicaClone.PlanNewAsync(ring.Neighbour, options, CancellationToken.None);
        Assert.Equal("uss2: sp2/clones/uss1/nas/cloned", Assert.Single(plan.Changes).Target);
        ZfsReplicaClone clone = await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal(
            (row.Replica, row.LastSnapshot, "/export/uss1-nas-cloned-clone", true),
            (clone.Origin, clone.Snapshot, clone.MountPoint, clone.Mounted));
        Assert.Equal(
            await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", "sha256sum </mnt/sp1/nas/cloned/data"),
            await ReplicationFixture.MustAsync(
                ring.Neighbour, "sh", "-c", "sha256sum </export/uss1-nas-cloned-clone/data"));
        await ReplicationFixture.MustAsync(ring.Neighbour, "touch", "/export/uss1-nas-cloned-clone/written");

        await Task.Delay(1100);
        Assert.Equal(
            ReplicationResult.Ok,
            (await ring.CycleAsync()).Single(r => r.FileSystem == fs).Result); // the replica is untouched
        Assert.Empty((await ReplicaClone.PlanNewAsync(ring.Neighbour, options, CancellationToken.None)).Changes);
        Assert.Contains(
            clone.Name, (await ReplicaClone.GetAsync(ring.Neighbour, CancellationToken.None)).Select(c => c.Name));

        foreach ((string name, string id) in ((string, string)[])
            [(row.Replica, "NotOurClone"), ("sp2/clones/uss1", "NotOurClone"), ("sp2/clones/no", "CloneNotFound")])
        {
            Assert.Equal(id, (await Assert.ThrowsAsync<ZfsEsxException>(
                () => ReplicaClone.PlanRemoveAsync(ring.Neighbour, name, CancellationToken.None))).Id);
        }

        Plan<bool> remove = await ReplicaClone.PlanRemoveAsync(ring.Neighbour, clone.Name, CancellationToken.None);
        Assert.Equal(ChangeRisk.DataLoss, Assert.Single(remove.Changes).Risk);

        // Something that sits in it for a moment, as a withdrawn export does, is waited for.
        await ReplicationFixture.MustAsync(
            ring.Neighbour, "sh", "-c",
            "(cd /export/uss1-nas-cloned-clone && exec sleep 3) </dev/null >/dev/null 2>&1 &");
        Assert.True(await remove.RunAsync(SilentReporter.Instance, CancellationToken.None));
        Assert.Equal(ReplicationResult.Ok, (await ring.StateAsync(fs)).Result);
    }
}
