namespace ZfsEsx.Replication;

/// <summary>What changes in a ring when its members change.</summary>
/// <param name="Added">Edges that are new.</param>
/// <param name="Removed">Edges that no longer exist; the replicas they made stay.</param>
/// <param name="Kept">Edges that stay as they are.</param>
public sealed record RingDifference(
    IReadOnlyList<ReplicationEdge> Added, IReadOnlyList<ReplicationEdge> Removed, IReadOnlyList<ReplicationEdge> Kept);

/// <summary>The ring as a value: each storage VM sends to the next, the last to the first.</summary>
public static class Ring
{
    /// <summary>The edges of a ring, in the order of its members.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>RingTooSmall</c>, <c>RingNameTwice</c>, <c>BadReplicationName</c>, <c>ReplicaInsideSource</c>.
    /// </exception>
    public static IReadOnlyList<ReplicationEdge> Edges(IReadOnlyList<RingNode> nodes)
    {
        foreach (RingNode node in nodes)
        {
            Check(node);
        }

        if (nodes.Count < 2)
        {
            throw new ZfsEsxException(
                "RingTooSmall",
                FailureKind.InvalidArgument,
                nodes.Count == 0 ? "ring" : nodes[0].Name,
                "A ring needs two storage VMs or more; " + nodes.Count + " given.",
                "Name every storage VM of the ring, in the order in which each sends to the next.");
        }

        foreach (IGrouping<string, RingNode> same in nodes.GroupBy(n => n.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (same.Count() > 1)
            {
                throw new ZfsEsxException(
                    "RingNameTwice",
                    FailureKind.InvalidArgument,
                    same.Key,
                    same.Key + " is named " + same.Count() + " times in the ring.",
                    "Name every storage VM once; give two of the same name different names.");
            }
        }

        return [.. nodes.Select((node, i) => Edge(node, nodes[(i + 1) % nodes.Count]))];
    }

    /// <summary>
    /// What adding, removing or moving a member changes. Edges are equal when everything about them is.
    /// </summary>
    public static RingDifference Compare(IReadOnlyList<RingNode> before, IReadOnlyList<RingNode> after)
    {
        IReadOnlyList<ReplicationEdge> old = before.Count < 2 ? [] : Edges(before);
        IReadOnlyList<ReplicationEdge> wanted = after.Count < 2 ? [] : Edges(after);
        return new RingDifference(
            [.. wanted.Except(old)], [.. old.Except(wanted)], [.. wanted.Intersect(old)]);
    }

    private static ReplicationEdge Edge(RingNode source, RingNode neighbour) => new(
        source.Name,
        neighbour.Name,
        source.Dataset,
        neighbour.EffectiveReplicaParent + "/" + source.Name,
        neighbour.Address);

    private static void Check(RingNode node)
    {
        ReplicaNames.CheckName(node.Name, "the name of a storage VM");
        ReplicaNames.CheckAddress(node.Address, "the address of " + node.Name);
        ReplicaNames.CheckDataset(node.Dataset, "the replicated data set of " + node.Name);
        ReplicaNames.CheckDataset(node.EffectiveReplicaParent, "the parent of the replicas on " + node.Name);

        // A replica below the replicated data set would be snapshot and sent on: replicas of replicas for ever.
        if ((node.EffectiveReplicaParent + "/").StartsWith(node.Dataset + "/", StringComparison.Ordinal)
            || (node.Dataset + "/").StartsWith(node.EffectiveReplicaParent + "/", StringComparison.Ordinal))
        {
            throw new ZfsEsxException(
                "ReplicaInsideSource",
                FailureKind.InvalidArgument,
                node.Name,
                "On " + node.Name + " the replicas (" + node.EffectiveReplicaParent + ") and the replicated data set ("
                    + node.Dataset + ") lie within each other.",
                "Keep them apart, such as " + node.Pool + "/nas and " + node.Pool + "/replica.");
        }
    }
}
