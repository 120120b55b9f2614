using System.Text.Json.Nodes;
using ZfsEsx.Lab.Demo;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>The main job: the ring of the README, built from nothing on the lab, and what it must hold.</summary>
[Collection(Rings.Name)]
public sealed class RingTests(RingFixture fixture)
{
    [Fact]
    public async Task The_ring_is_built_and_works()
    {
        RingReport ring = await fixture.RingAsync();
        Assert.True(ring.Works, string.Join('\n', ring.Table()));
        Assert.True(ring.Changes > 30);
        Assert.Equal(ring.Nodes.Count, ring.Nodes.Select(n => n.Replica.On).Distinct().Count());
        Assert.All(ring.Nodes, n =>
        {
            Assert.EndsWith("DDRdriveX1", n.Pool.Log, StringComparison.Ordinal);
            Assert.NotEqual(n.Name, n.Replica.On);
            Assert.All(
                ring.Nodes, other => Assert.Contains(other.Host + "-nas", n.Share.Options, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task The_report_has_the_agreed_shape()
    {
        JsonNode json = JsonNode.Parse((await fixture.RingAsync()).ToJson())!;
        JsonNode node = json["nodes"]![0]!;
        Assert.Equal("uss1", (string?)node["name"]);
        Assert.Equal("vh1", (string?)node["host"]);
        Assert.Equal(["name", "state", "log"], Keys(node["pool"]));
        Assert.Equal(["path", "options"], Keys(node["share"]));
        Assert.Equal(["host", "accessible"], Keys(node["datastores"]![0]));
        Assert.Equal(["on", "dataset", "snapshot", "lagSeconds"], Keys(node["replica"]));
        Assert.NotNull(json["clone"]);
        Assert.True((double)json["seconds"]! > 0);
    }

    [Fact]
    public async Task A_second_run_changes_nothing_and_says_so()
    {
        await fixture.RingAsync();
        StringWriter output = new();
        RingReport again = await DemoCommand.BuildAsync(fixture.Lab, new DemoConsole(output), CancellationToken.None);
        Assert.Equal(0, again.Changes);
        Assert.Equal(0, again.ChangingCalls);
        Assert.True(again.Works, string.Join('\n', again.Table()));
        Assert.Equal(15, output.ToString().Split("already so").Length - 1);
    }

    [Fact]
    public async Task Every_step_is_shown_as_a_line_of_PowerShell()
    {
        await fixture.RingAsync();
        Assert.Contains(
            "PS> Get-VMHost vh1, vh2, vh3 | Get-VmDirectPath", fixture.RingOutput, StringComparison.Ordinal);
        Assert.Equal(
            15, Enumerable.Range(1, 15).Count(n => fixture.RingOutput.Contains($" {n}/15 ", StringComparison.Ordinal)));
    }

    /// <summary>
    /// What one host writes through a share, another reads; what is not shared to a client, it does not get.
    /// </summary>
    [Fact]
    public async Task Hosts_share_what_they_write_and_strangers_are_refused()
    {
        await fixture.RingAsync();
        CommandResult write = await fixture.Lab.HostsAsync(
            "vh2", "sh", "-c",
            "echo seen > /vmfs/volumes/vh2/uss3-nas-vol0/seen && sync /vmfs/volumes/vh2/uss3-nas-vol0/seen");
        Assert.True(write.Succeeded, write.Complaint);
        Assert.Equal(
            "seen\n", (await fixture.Lab.HostsAsync("vh1", "cat", "/vmfs/volumes/vh1/uss3-nas-vol0/seen")).Output);
        // A storage VM is in the storage network, and yet no client.
        CommandResult stranger = await fixture.Lab.GuestAsync(
            "uss2", "mount", "-t", "nfs", "-o", "vers=3,nolock,soft,timeo=100,retrans=1",
            "10.99.0.11:/export/uss1-nas-vol0", "/mnt");
        Assert.NotEqual(0, stranger.ExitCode);
        Assert.Contains("access denied", stranger.Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// The figure of the issue, on real OpenZFS: logins that the neighbour's sshd counts for one cycle.
    /// </summary>
    [Fact]
    public async Task A_cycle_is_one_login_whatever_the_number_of_file_systems()
    {
        await fixture.RingAsync();
        await MustAsync("uss1", "zfs", "create", "sp1/nas/more1");
        await MustAsync("uss1", "zfs", "create", "sp1/nas/more2");
        CommandResult cycle = await fixture.Lab.GuestAsync(
            "uss1",
            new RemoteCommand("sh", "-c", CountLogins) { Timeout = TimeSpan.FromMinutes(4) },
            CancellationToken.None);
        Assert.True(cycle.Succeeded, cycle.Complaint);
        Assert.Equal("1", cycle.Output.Trim());
        Assert.Contains(
            "sp2/replica/uss1/nas/more2", (await MustAsync("uss2", "zfs", "list", "-H", "-o", "name")).Lines);
    }

    // A wrapper that comes before ssh in the agent's PATH and counts; 75 is a cycle of cron's that is under way.
    private const string CountLogins = """
        printf '#!/bin/sh\necho login >> /tmp/logins\nexec /usr/bin/ssh "$@"\n' > /usr/local/bin/ssh
        chmod 755 /usr/local/bin/ssh
        for try in 1 2 3 4 5 6 7 8 9; do
          rm -f /tmp/logins
          /usr/local/lib/zfsesx/agent.sh cycle uss2
          code=$?
          [ $code = 75 ] || break
          sleep 5
        done
        rm -f /usr/local/bin/ssh
        wc -l < /tmp/logins
        exit $code
        """;

    private async Task<CommandResult> MustAsync(string vm, params string[] words)
    {
        CommandResult result = await fixture.Lab.GuestAsync(vm, words);
        Assert.True(result.Succeeded, string.Join(' ', words) + ": " + result.Complaint);
        return result;
    }

    private static string[] Keys(JsonNode? node) => [.. node!.AsObject().Select(p => p.Key)];
}
