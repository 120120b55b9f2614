using ZfsEsx.Os;
using ZfsEsx.Replication;

namespace ZfsEsx.Build;

// What goes on between the storage VMs.
public sealed partial class RingBuilder
{
    /// <summary>The member that holds the replica of <paramref name="node"/>: the next in the ring.</summary>
    public NodePlan Neighbour(NodePlan node) =>
        _plan.Nodes[(_plan.Nodes.ToList().IndexOf(node) + 1) % _plan.Nodes.Count];

    /// <summary>Where the clone of <see cref="Cloned"/>'s replica is mounted on the neighbour.</summary>
    public string CloneMountPoint => Cloned.MountPoint + "-clone";

    private RingReplicationOptions ReplicationOptions => new()
    {
        Schedule = ReplicationSchedule.Every(TimeSpan.FromMinutes(_plan.IntervalMinutes)),
        UserName = _plan.ReplicationUser,
    };

    private string CloneReplicaName => Neighbour(Cloned).Pool + "/replica/" + Cloned.StorageVm + "/" + Cloned.Volume;

    /// <summary>The ring's members with their connections, in order.</summary>
    public async Task<IReadOnlyList<RingMember>> MembersAsync(CancellationToken ct) =>
        await Task.WhenAll(_plan.Nodes.Select(async n => new RingMember(
            await HostAsync(n, ct).ConfigureAwait(false),
            new RingNode(n.StorageVm, ReplicatedRoot(n), n.Address)))).ConfigureAwait(false);

    private BuildStep TrustNeighbours() => new(
        "Let each storage VM send to its neighbour, and do nothing else there",
        $"{AllStorageVms} | New-ZfsReplicationTrust -UserName {_plan.ReplicationUser}",
        ct => ForEachAsync(async (node, _) => await ReplicationTrust.PlanNewAsync(
            await HostAsync(node, ct).ConfigureAwait(false),
            await HostAsync(Neighbour(node), ct).ConfigureAwait(false),
            new ReplicationTrustOptions { Address = Neighbour(node).Address, UserName = _plan.ReplicationUser },
            ct).ConfigureAwait(false)));

    private BuildStep StartReplication() => new(
        "Replicate in the ring, on schedule",
        $"{AllStorageVms} | Start-ZfsRingReplication -FileSystem {Each(ReplicatedRoot)} "
        + $"-Address {Each(n => n.Address)} "
        + $"-Every {TimeSpan.FromMinutes(_plan.IntervalMinutes):hh\\:mm}",
        async ct => (await RingReplication
            .PlanStartAsync(await MembersAsync(ct).ConfigureAwait(false), ReplicationOptions, ct)
            .ConfigureAwait(false)).AsObject());

    private BuildStep FirstCycle() => new(
        "Make the first copies now",
        $"{AllStorageVms} | Invoke-ZfsRingReplication -FileSystem {Each(ReplicatedRoot)}",
        async ct =>
        {
            IReadOnlyList<RingMember> members = await MembersAsync(ct).ConfigureAwait(false);
            IReadOnlyList<ZfsRingReplication> state = await RingReplication.GetAsync(members, ct).ConfigureAwait(false);
            string[] without = [.. _plan.Nodes
                .Where(n => !state.Any(s =>
                    s.ZfsHost == n.StorageVm && s.FileSystem == n.FileSystem && s.LastSnapshot is not null))
                .Select(n => n.StorageVm)];
            return without.Length == 0
                ? new Plan<object>([], _ => Task.FromResult<object>(state))
                : (await RingReplication.PlanInvokeAsync(members, ReplicationOptions, without, ct)
                    .ConfigureAwait(false)).AsObject();
        });

    private BuildStep CloneReplica() => new(
        $"Clone {Cloned.StorageVm}'s replica on {Neighbour(Cloned).StorageVm} and share the clone",
        $"New-ZfsReplicaClone -ZfsHost ${Neighbour(Cloned).StorageVm} -Replica {CloneReplicaName} "
        + $"-MountPoint {Quoted(CloneMountPoint)} -Client {string.Join(", ", _plan.Nodes.Select(c => c.HostName))}",
        async ct =>
        {
            ZfsHost host = await HostAsync(Neighbour(Cloned), ct).ConfigureAwait(false);
            ZfsReplicaClone? existing = (await ReplicaClone.GetAsync(host, ct).ConfigureAwait(false))
                .FirstOrDefault(c => c.Origin == CloneReplicaName && c.MountPoint == CloneMountPoint);
            return (await ReplicaClone.PlanNewAsync(
                host,
                new ReplicaCloneOptions
                {
                    Replica = CloneReplicaName,
                    // A clone that exists is of an older snapshot than the newest, and stays what it is.
                    Snapshot = existing?.Snapshot,
                    MountPoint = CloneMountPoint,
                    Clients = [.. _plan.Nodes.Select(c => c.HostName)],
                },
                ct).ConfigureAwait(false)).AsObject();
        });

    // Everything below the pool's first level goes to the neighbour;
    // never the pool itself, which holds replicas as well.
    private static string ReplicatedRoot(NodePlan node) => node.Pool + "/" + node.Volume.Split('/')[0];

    private string Each(Func<NodePlan, string> text) => string.Join(", ", _plan.Nodes.Select(text));
}
