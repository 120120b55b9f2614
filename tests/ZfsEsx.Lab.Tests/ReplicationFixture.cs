using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Two storage hosts that replicate to each other, with zfs-fuse, the older ZFS, unless others are given.
/// </summary>
public sealed class ReplicationFixture : IAsyncLifetime
{
    private FuseLab? lab;

    /// <summary>A second fixture needs another name.</summary>
    public string Name { get; init; } = "replication";

    /// <summary>Hosts with a pool and sp1/nas, sp2/nas to be used instead; who gave them ends them.</summary>
    internal IReadOnlyList<RingMember>? Given { get; init; }

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
        Members = Given ?? await FuseAsync();
        for (int i = 0; i < 2; i++)
        {
            Plan<ZfsReplicationTrust> trust = await ReplicationTrust.PlanNewAsync(
                Members[i].Host, Members[1 - i].Host, Trust(i), CancellationToken.None);
            Assert.True((await trust.RunAsync(SilentReporter.Instance, CancellationToken.None)).InOrder);
        }

        Plan<IReadOnlyList<ZfsRingReplication>> start =
            await RingReplication.PlanStartAsync(Members, Options, CancellationToken.None);
        await start.RunAsync(SilentReporter.Instance, CancellationToken.None);
    }

    private async Task<IReadOnlyList<RingMember>> FuseAsync()
    {
        lab = await FuseLab.UpAsync(
            new LabOptions { Name = Name + "-" + Environment.ProcessId, Nodes = 2 },
            Console.WriteLine,
            CancellationToken.None);
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

        return members;
    }

    /// <summary>The neighbour's ZFS dies with all that was in memory, and starts again.</summary>
    public async Task<ZfsHost> CrashNeighbourAsync()
    {
        await MustAsync(Neighbour, "sh", "-c", Crash);
        return Neighbour;
    }

    // The agent's session and zfs-fuse end at once; what is on the pool's file is what there is.
    private const string Crash =
        """
        pids=$(grep -lsx zfs-fuse /proc/[0-9]*/comm | cut -d / -f 3)
        session=$(ps -o sid= -p "$(cut -f 1 /var/lib/zfsesx/from-uss1.lock/owner)")
        kill -9 $pids $(ps -e -o pid= -o sid= | awk -v s="$session" '$2 == s + 0 { print $1 }')
        for i in $(seq 300); do kill -0 $pids 2>/dev/null || break; sleep 0.1; done
        awk '$3 ~ /^fuse/ { print $2 }' /proc/mounts | sort -r | while read -r m; do umount -l "$m"; done
        rm -f /run/lock/zfs/* /run/zfs/zfs_socket
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        zfs-fuse -n --stack-size=512 >>/var/log/zfs-fuse.log 2>&1 </dev/null &
        for i in $(seq 300); do [ -S /run/zfs/zfs_socket ] && zfs list >/dev/null 2>&1 && break; sleep 0.1; done
        zpool list -H -o name | grep -q . || zpool import -d /mnt/disks -a
        """;

    public ReplicationTrustOptions Trust(int source) =>
        new() { UserName = "root", Address = Members[1 - source].Node.Address };

    /// <summary>A cycle from uss1 to uss2 now.</summary>
    public Task<IReadOnlyList<ZfsRingReplication>> CycleAsync(CancellationToken ct = default) =>
        CycleAsync(SilentReporter.Instance, ct);

    public async Task<IReadOnlyList<ZfsRingReplication>> CycleAsync(IReporter reporter, CancellationToken ct = default)
    {
        Plan<IReadOnlyList<ZfsRingReplication>> plan =
            await RingReplication.PlanInvokeAsync(Members, Options, ["uss1"], CancellationToken.None);
        Assert.Single(plan.Changes);
        return await plan.RunAsync(reporter, ct);
    }

    /// <summary>Under one more line in the source's configuration.</summary>
    public async Task<T> WithAsync<T>(string line, Func<Task<T>> cycle)
    {
        const string Conf = "/etc/zfsesx/edge-uss2.conf";
        await MustAsync(Source, "sh", "-c", "cp -p $1 $1.kept && echo $2 >>$1", "sh", Conf, line);
        try
        {
            return await cycle();
        }
        finally
        {
            await MustAsync(Source, "mv", Conf + ".kept", Conf);
        }
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
        MustAsync(
            Source, "sh", "-c", "head -c $1 /dev/urandom >$2", "sh", bytes.ToString(), $"/mnt/sp1/nas/{name}/data");

    /// <summary>
    /// A command on the neighbour over a connection of its own, beside what the ring's connections do.
    /// </summary>
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
        Neighbour, "sh", "-c",
        "grep -c \"Accepted publickey for root from $1 \" /var/log/sshd.log || true",
        "sh", Members[0].Node.Address));

    public async Task DisposeAsync()
    {
        if (lab is not null)
        {
            foreach (RingMember member in Members)
            {
                member.Host.Dispose();
            }

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
