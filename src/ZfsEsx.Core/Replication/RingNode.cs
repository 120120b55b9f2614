namespace ZfsEsx.Replication;

/// <summary>One storage VM as the ring sees it.</summary>
/// <param name="Name">Short name, unique in the ring: <c>uss1</c>. It becomes part of file and data set names.</param>
/// <param name="Dataset">
/// The data set that is replicated with everything below it: <c>sp1/nas</c>. Never a pool itself.
/// </param>
/// <param name="Address">Where the predecessor reaches this storage VM: its address on the storage network.</param>
/// <param name="ReplicaParent">
/// Below which data set of this storage VM the predecessor's replicas are kept; <c>&lt;pool&gt;/replica</c> when null.
/// </param>
public sealed record RingNode(string Name, string Dataset, string Address, string? ReplicaParent = null)
{
    /// <summary>The pool of <see cref="Dataset"/>.</summary>
    public string Pool => ReplicaNames.PoolOf(Dataset);

    internal string EffectiveReplicaParent => ReplicaParent ?? Pool + "/replica";
}
