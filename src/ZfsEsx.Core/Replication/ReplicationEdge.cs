namespace ZfsEsx.Replication;

/// <summary>One step of the ring: what one storage VM sends to the next.</summary>
/// <param name="Source">Name of the sending storage VM.</param>
/// <param name="Neighbour">Name of the receiving one.</param>
/// <param name="SourceDataset">What is sent, with everything below it: <c>sp1/nas</c>.</param>
/// <param name="TargetRoot">Below which it arrives on the neighbour: <c>sp2/replica/uss1</c>.</param>
/// <param name="NeighbourAddress">Where the source reaches the neighbour.</param>
public sealed record ReplicationEdge(
    string Source, string Neighbour, string SourceDataset, string TargetRoot, string NeighbourAddress)
{
    /// <summary>
    /// Where the replica of a file system of the source is: <c>sp1/nas/vol0</c> becomes
    /// <c>sp2/replica/uss1/nas/vol0</c>.
    /// </summary>
    public string ReplicaOf(string fileSystem) => TargetRoot + "/" + ReplicaNames.BelowPool(fileSystem);

    /// <summary>
    /// Names the chain of increments: the tag of the holds that protect its base is <c>zfsesx:</c> and this.
    /// </summary>
    public string PlanId => Source + "-" + Neighbour;
}
