using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Three storage hosts with zfs-fuse for rings of two and three; the neighbour's account is the default one.
/// </summary>
public sealed class LightRing : IAsyncLifetime
{
    private readonly List<RingMember> members = [];
    private FuseLab? lab;

    /// <summary>Runs far from now, so that cron does not mix with the tests.</summary>
    public static RingReplicationOptions Options { get; } = new()
    {
        Schedule = ReplicationSchedule.At([23], [(DateTime.Now.Hour + 12) % 24]),
        KeepOnSource = 3,
        KeepOnReplica = 4,
        CycleTimeout = TimeSpan.FromMinutes(3),
        RunFirst = true,
    };

    /// <summary>Members by their numbers, in this order.</summary>
    public RingMember[] Of(params int[] numbers) => [.. numbers.Select(n => members[n - 1])];

    public ZfsHost Host(int number) => members[number - 1].Host;

    public async Task InitializeAsync()
    {
        lab = await FuseLab.UpAsync(
            new LabOptions { Name = "ring-" + Environment.ProcessId, Nodes = 3 },
            Console.WriteLine,
            CancellationToken.None);
        foreach (string name in lab.Hosts)
        {
            int n = members.Count + 1;
            OpenSshShell shell = await OpenSshShell.ConnectAsync(
                new SshOptions { HostName = name, ConfigFile = lab.SshConfigPath }, CancellationToken.None);
            ZfsHost host = await ZfsHost.OpenAsync(shell, CancellationToken.None);
            members.Add(new RingMember(host, new RingNode(name, $"sp{n}/nas", lab.AddressOf(name))));
            await ReplicationFixture.MustAsync(
                host, "zpool", "create", "-m", $"/mnt/sp{n}", $"sp{n}", FuseLab.Disks.Data);
            await ReplicationFixture.MustAsync(host, "zfs", "create", "-p", $"sp{n}/nas/vol0");
            await WriteAsync(n);
        }
    }

    /// <summary>Something new in the file system of a host.</summary>
    public Task<string> WriteAsync(int number) => ReplicationFixture.MustAsync(
        Host(number), "sh", "-c", "head -c 100000 /dev/urandom >/mnt/sp$1/nas/vol0/data", "sh", number.ToString());

    public static ReplicationTrustOptions Trust(RingMember target) => new() { Address = target.Node.Address };

    /// <summary>Trust from each to the next.</summary>
    public static async Task TrustAsync(params RingMember[] ring)
    {
        for (int i = 0; i < ring.Length; i++)
        {
            RingMember next = ring[(i + 1) % ring.Length];
            Plan<ZfsReplicationTrust> plan =
                await ReplicationTrust.PlanNewAsync(ring[i].Host, next.Host, Trust(next), CancellationToken.None);
            Assert.True((await plan.RunAsync(SilentReporter.Instance, CancellationToken.None)).InOrder);
        }
    }

    /// <summary>A running ring of these members, each with everything delivered; the steps that it took.</summary>
    public static async Task<IReadOnlyList<string>> StartAsync(params RingMember[] ring)
    {
        await TrustAsync(ring);
        Plan<IReadOnlyList<ZfsRingReplication>> plan =
            await RingReplication.PlanStartAsync(ring, Options, CancellationToken.None);
        await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
        return [.. plan.Changes.Select(c => c.ToString())];
    }

    public static async Task<IReadOnlyList<ZfsRingReplication>> CycleAsync(params RingMember[] ring)
    {
        Plan<IReadOnlyList<ZfsRingReplication>> plan =
            await RingReplication.PlanInvokeAsync(ring, Options, null, CancellationToken.None);
        return await plan.RunAsync(SilentReporter.Instance, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        foreach (RingMember member in members)
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
public sealed class LightRings : ICollectionFixture<LightRing>
{
    public const string Name = "light ring";
}
