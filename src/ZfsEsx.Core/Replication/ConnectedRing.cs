namespace ZfsEsx.Replication;

/// <summary>A storage VM with what it replicates, and to whom.</summary>
internal sealed record Sender(string Name, IReadOnlyList<(string Neighbour, string Dataset)> Edges)
{
    public override string ToString() => Edges.Count == 0
        ? Name + " replicates nothing"
        : Name + " replicates " + string.Join(", ", Edges.Select(e => e.Dataset + " to " + e.Neighbour));
}

/// <summary>Which of the storage VMs connected to are meant where nobody is named: those of their ring. Pure.</summary>
internal static class ConnectedRing
{
    /// <summary>The members of the one ring that there is, each with what it replicates in it.</summary>
    /// <param name="connected">All storage VMs connected to.</param>
    /// <param name="fileSystems">What is replicated, with its pool or without; whatever is where it is null.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>RingNotFound</c>, <c>SeveralRings</c>; <c>RingNotWhole</c>: it has members without a connection.
    /// </exception>
    public static IReadOnlyList<(string Name, string Dataset)> Of(
        IReadOnlyList<Sender> connected, IReadOnlyList<string>? fileSystems)
    {
        Sender[] senders = [.. connected.Select(s => s with { Edges = [.. s.Edges.Where(e => IsMeant(e.Dataset))] })];
        Sender[] members = [.. senders.Where(s => s.Edges.Count > 0)];
        string found = string.Join("; ", connected) + ".";
        if (members.Length == 0)
        {
            throw new ZfsEsxException(
                "RingNotFound", FailureKind.NotFound, fileSystems is null ? "ring" : string.Join(", ", fileSystems),
                "No ring " + (fileSystems is null ? "" : "that replicates " + string.Join(", ", fileSystems) + " ")
                    + "is found on the storage VMs connected to: " + found,
                fileSystems is null
                    ? "Name the storage VMs of a ring; Start-ZfsRingReplication begins one."
                    : "Leave -FileSystem out, or give one that is replicated.");
        }

        string[] missing = [.. members.SelectMany(m => m.Edges).Select(e => e.Neighbour).Distinct()
            .Where(n => !members.Any(m => Same(m.Name, n)))];
        if (missing.Length > 0)
        {
            throw new ZfsEsxException(
                "RingNotWhole", FailureKind.NotFound, missing[0],
                "The ring is not whole: " + string.Join(", ", missing.Select(n =>
                    n + (IsConnected(n) ? " receives, but sends nothing" : " belongs to it, but is not connected")))
                    + ". " + found,
                IsConnected(missing[0])
                    ? "Start-ZfsRingReplication with all of them closes it; or name the storage VMs to look at."
                    : "Connect to it with Connect-ZfsHost -Name " + missing[0] + ", or name the storage VMs to look at.");
        }

        return members.Any(m => m.Edges.Count > 1) || Walk(members).Count < members.Length
            ? throw new ZfsEsxException(
                "SeveralRings", FailureKind.InvalidArgument, "ring", "There is more than one ring: " + found,
                "Name the storage VMs of one, or what it replicates: -FileSystem nas.")
            : [.. members.Select(m => (m.Name, m.Edges[0].Dataset))];

        bool IsConnected(string name) => connected.Any(c => Same(c.Name, name));

        bool IsMeant(string dataset) => fileSystems is null
            || fileSystems.Any(f => f == dataset || (f.IndexOf('/') < 0 && f == ReplicaNames.BelowPool(dataset)));
    }

    // Along the edges from the first, until somebody comes again.
    private static HashSet<string> Walk(Sender[] members)
    {
        HashSet<string> met = new(StringComparer.OrdinalIgnoreCase);
        for (Sender at = members[0]; met.Add(at.Name);)
        {
            at = members.First(m => Same(m.Name, at.Edges[0].Neighbour));
        }

        return met;
    }

    private static bool Same(string left, string right) =>
        string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
