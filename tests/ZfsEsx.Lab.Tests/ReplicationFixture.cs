using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>Two storage hosts with zfs-fuse, the older ZFS, that replicate to each other; one for all classes here.</summary>
public sealed class ReplicationFixture : IAsyncLifetime
{
    private FuseLab? lab;

    /// <summary>A second fixture needs another name.</summary>
    public string Name { get; init; } = "replication";

    /// <summary>uss1 and uss2.</summary>
    public IReadOnlyList<RingMember> Members { get; private set; } = [];

    public ZfsHost Source => Members[0].Host;

    public ZfsHost Neighbour => Members[1].Host;

    /// <summary>Runs far from now, so that cron does not mix with the tests.</summary>
    public RingReplicationOptions Options { get; init; } = new()
    {
        Schedule = ReplicationSchedule.At([17], [(DateTime.Now.Hour + 12) % 24]),
        KeepOnSource = 3,
        KeepOnReplica = 4,
        UserName = "root",
        CycleTimeout = TimeSpan.FromMinutes(3),
    };

    public async Task InitializeAsync()
    {
        lab = await FuseLab.UpAsync(
            new LabOptions { Name = Name + "-" + Environment.ProcessId, Nodes = 2 }, Console.WriteLine, CancellationToken.None);
        List<RingMember> members = [];
        foreach (string name in lab.Hosts)
        {
            int n = members.Count + 1;
            OpenSshShell shell = await OpenSshShell.ConnectAsync(
                new SshOptions { HostName = name, ConfigFile = lab.SshConfigPath }, CancellationToken.None);
            ZfsHost host = await ZfsHost.OpenAsync(shell, CancellationToken.None);
            members.Add(new RingMember(host, new RingNode(name, $"sp{n}/nas", lab.AddressOf(name))));
            await MustAsync(host, "zpool", "create", "-m", $"/mnt/sp{n}", $"sp{n}", FuseLab.Disks.Data);
            await MustAsync(host, "zfs", "create", $"sp{n}/nas");
        }

        Members = members;
        for (int i = 0; i < 2; i++)
        {
            Plan<ZfsReplicationTrust> trust = await ReplicationTrust.PlanNewAsync(
                Members[i].Host, Members[1 - i].Host, Trust(i), CancellationToken.None);
            Assert.True((await trust.RunAsync(SilentReporter.Instance, CancellationToken.None)).InOrder);
        }

        Plan<IReadOnlyList<ZfsRingReplication>> start = await RingReplication.PlanStartAsync(Members, Options, CancellationToken.None);
        await start.RunAsync(SilentReporter.Instance, CancellationToken.None);
    }

    public ReplicationTrustOptions Trust(int source) =>
        new() { UserName = "root", Address = Members[1 - source].Node.Address };

    /// <summary>A cycle from uss1 to uss2 now.</summary>
    public async Task<IReadOnlyList<ZfsRingReplication>> CycleAsync(CancellationToken ct = default)
    {
        Plan<IReadOnlyList<ZfsRingReplication>> plan = await RingReplication.PlanInvokeAsync(Members, Options, ["uss1"], CancellationToken.None);
        Assert.Single(plan.Changes);
        return await plan.RunAsync(SilentReporter.Instance, ct);
    }

    /// <summary>The state of one file system of uss1.</summary>
    public async Task<ZfsRingReplication> StateAsync(string fileSystem) =>
        (await RingReplication.GetAsync(Members, CancellationToken.None)).Single(r => r.FileSystem == fileSystem);

    /// <summary>A new file system on uss1 with a file of so many random bytes.</summary>
    public async Task<string> NewFileSystemAsync(string name, int bytes)
    {
        await MustAsync(Source, "zfs", "create", "sp1/nas/" + name);
        await WriteAsync(name, bytes);
        return "sp1/nas/" + name;
    }

    public Task<string> WriteAsync(string name, int bytes) =>
        MustAsync(Source, "sh", "-c", "head -c $1 /dev/urandom >$2", "sh", bytes.ToString(), $"/mnt/sp1/nas/{name}/data");

    /// <summary>A command on the neighbour over a connection of its own, beside what the ring's connections do.</summary>
    public async Task<string> BesideAsync(params string[] words)
    {
        CommandResult result = await lab!.RunAsync("uss2", words);
        Assert.True(result.Succeeded, "uss2: " + string.Join(' ', words) + ": " + result.Complaint);
        return result.Output.TrimEnd('\n');
    }

    public static async Task<string> MustAsync(ZfsHost host, params string[] words)
    {
        CommandResult result = await host.RunAsync(new RemoteCommand(words), CancellationToken.None);
        Assert.True(result.Succeeded, host.Name + ": " + string.Join(' ', words) + ": " + result.Complaint);
        return result.Output.TrimEnd('\n');
    }

    /// <summary>How often uss1 has logged in on uss2: the management connections come from another address.</summary>
    public async Task<int> LoginsAsync() => int.Parse(await MustAsync(
        Neighbour, "sh", "-c", "grep -c \"Accepted publickey for root from $1 \" /var/log/sshd.log || true", "sh", Members[0].Node.Address));

    public async Task DisposeAsync()
    {
        foreach (RingMember member in Members)
        {
            member.Host.Dispose();
        }

        if (lab is not null)
        {
            await lab.DownAsync();
        }
    }
}

/// <summary>The collection of the classes that share those hosts.</summary>
[CollectionDefinition(Name)]
public sealed class ReplicationHosts : ICollectionFixture<ReplicationFixture>
{
    public const string Name = "replication";
}
