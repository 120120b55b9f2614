using ZfsEsx.Replication;

namespace ZfsEsx.Lab.Tests;

/// <summary>The connection that stands between cycles which follow one another soon, and how it may end.</summary>
[Collection(ReplicationHosts.Name)]
public sealed class ReplicationStandingTests(ReplicationFixture ring)
{
    private const string Persist = "persist=600";
    private const string Agent = "/usr/local/lib/zfsesx/agent.sh";
    private const string Socket = "/var/lib/zfsesx/uss2.ssh";

    // The process of sshd that the standing connection has on the neighbour.
    private const string Served =
        "ss -tnpH state established '( sport = :22 )' "
        + "| awk -v from=\"$1\" 'index($4, from \":\") == 1' | grep -o 'pid=[0-9]*' | cut -d = -f 2 | sort -u";

    [Fact]
    public async Task CyclesShareOneLoginUntilThePauseIsTooLong()
    {
        string fs = await ring.NewFileSystemAsync("standing", 1000);
        await HangUpAsync();
        int before = await ring.LoginsAsync();
        await ring.WithAsync(Persist, async () =>
        {
            for (int i = 0; i < 3; i++)
            {
                await DeliveredAsync(fs);
            }

            return true;
        });
        Assert.Equal(before + 1, await ring.LoginsAsync());

        // Not wanted any more: the next cycle ends it, and leaves none.
        await DeliveredAsync(fs);
        await DeliveredAsync(fs);
        Assert.Equal(before + 3, await ring.LoginsAsync());
        Assert.Equal("none", await SocketAsync());

        await ring.WithAsync("persist=1", async () =>
        {
            await DeliveredAsync(fs);
            await Task.Delay(2500);
            Assert.Equal("none", await SocketAsync());
            await DeliveredAsync(fs);
            return true;
        });
        Assert.Equal(before + 5, await ring.LoginsAsync());
    }

    /// <summary>Each of these ends the connection, or leaves one that is dead; the same cycle logs in anew.</summary>
    [Theory]
    [InlineData("here: its process dies", "kill -9 $(ssh -F /dev/null -O check -o ControlPath=\"$1\" x 2>&1 | grep -o '[0-9]*')", "")]
    [InlineData("there: its process dies", "", "kill -9 $(served \"$1\")")]
    [InlineData("there: it hangs, as behind a firewall that has forgotten it", "", "kill -STOP $(served \"$1\")")]
    public async Task ADeadConnectionCostsOneMoreLoginAndNothingElse(string fault, string here, string there)
    {
        string fs = await ring.NewFileSystemAsync("dead" + fault.Length, 1000);
        await ring.WithAsync(Persist, async () =>
        {
            await DeliveredAsync(fs);
            int before = await ring.LoginsAsync();
            await ReplicationFixture.MustAsync(
                ring.Source, "sh", "-c", here.Length == 0 ? ":" : here, "sh", Socket);
            await ReplicationFixture.MustAsync(
                ring.Neighbour, "sh", "-c", "served() { " + Served + "; }; " + (there.Length == 0 ? ":" : there),
                "sh", ring.Members[0].Node.Address);
            await DeliveredAsync(fs);
            Assert.True(await ring.LoginsAsync() == before + 1, fault);
            await DeliveredAsync(fs);
            Assert.True(await ring.LoginsAsync() == before + 1, fault);
            return true;
        });
    }

    /// <summary>It was made with other keys, or to another address, than those that count now.</summary>
    [Theory]
    [InlineData("keys/uss2", "ssh-keygen -q -c -C other -f keys/uss2", true)]
    [InlineData("known_hosts", "echo '# another line' >>known_hosts", true)]
    [InlineData("known_hosts", ": >known_hosts", false)]
    [InlineData("edge-uss2.conf", "echo port=23 >>edge-uss2.conf", false)]
    public async Task OtherKeysOrAnotherAddressAreTakenAtOnce(string file, string change, bool delivers)
    {
        string fs = await ring.NewFileSystemAsync("other" + change.Length, 1000);
        await ring.WithAsync(Persist, async () =>
        {
            await DeliveredAsync(fs);
            int before = await ring.LoginsAsync();
            await ReplicationFixture.MustAsync(
                ring.Source, "sh", "-c", "cd /etc/zfsesx && cp -p $1 kept && " + change, "sh", file);
            try
            {
                await ring.WriteAsync(fs[8..], 1000);
                if (delivers)
                {
                    await DeliveredAsync(fs);
                    Assert.Equal(before + 1, await ring.LoginsAsync());
                }
                else
                {
                    await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
                    Assert.Equal("none", await SocketAsync());
                }
            }
            finally
            {
                await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", "cd /etc/zfsesx && mv kept $1", "sh", file);
            }

            await DeliveredAsync(fs);
            return true;
        });
    }

    [Fact]
    public async Task ItEndsOnRequestButNotUnderACycle()
    {
        string fs = await ring.NewFileSystemAsync("hangup", 20_000_000);
        await ring.WithAsync(Persist, async () =>
        {
            await DeliveredAsync(fs);
            await ring.WriteAsync("hangup", 20_000_000);
            const string Cycle =
                "f=/etc/zfsesx/edge-uss2.conf; echo rate=4000000 >>$f; "
                + "\"$1\" cycle uss2 & sleep 2; \"$1\" hangup uss2; wait $!; c=$?; sed -i /^rate/d $f; exit $c";
            await ReplicationFixture.MustAsync(ring.Source, "sh", "-c", Cycle, "sh", Agent);
            Assert.Equal(ReplicationResult.Ok, (await ring.StateAsync(fs)).Result);
            Assert.Equal("socket", await SocketAsync());
            await HangUpAsync();
            Assert.Equal("none", await SocketAsync());
            return true;
        });
    }

    [Fact]
    public async Task ItEndsWithTheScheduleAndWithTheTrust()
    {
        string fs = await ring.NewFileSystemAsync("over", 1000);
        await ring.WithAsync(Persist, async () =>
        {
            await DeliveredAsync(fs);
            Assert.Equal("socket", await SocketAsync());
            await RunAsync(await ReplicationTrust.PlanRemoveAsync(ring.Source, ring.Neighbour, ring.Trust(0), default));
            Assert.Equal("none", await SocketAsync());
            await Assert.ThrowsAsync<ZfsEsxException>(() => ring.CycleAsync());
            await RunAsync(await ReplicationTrust.PlanNewAsync(ring.Source, ring.Neighbour, ring.Trust(0), default));

            await DeliveredAsync(fs);
            Assert.Equal("socket", await SocketAsync());
            await RunAsync(await RingReplication.PlanStopAsync(ring.Members, default));
            Assert.Equal("none", await SocketAsync());
            await RunAsync(await RingReplication.PlanStartAsync(ring.Members, ring.Options, default));
            return true;
        });
        await DeliveredAsync(fs);

        static Task<T> RunAsync<T>(Plan<T> plan) => plan.RunAsync(SilentReporter.Instance, default);
    }

    private async Task DeliveredAsync(string fileSystem)
    {
        await Task.Delay(1100); // snapshots have names of whole seconds
        await ring.WriteAsync(fileSystem[8..], 2000);
        Assert.Equal(
            ReplicationResult.Ok, (await ring.CycleAsync()).Single(r => r.FileSystem == fileSystem).Result);
    }

    private Task<string> HangUpAsync() => ReplicationFixture.MustAsync(ring.Source, Agent, "hangup", "uss2");

    private Task<string> SocketAsync() => ReplicationFixture.MustAsync(
        ring.Source, "sh", "-c", "if [ -S \"$1\" ]; then echo socket; else echo none; fi", "sh", Socket);
}
