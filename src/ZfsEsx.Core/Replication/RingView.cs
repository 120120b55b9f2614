namespace ZfsEsx.Replication;

/// <summary>The members of a ring with the edge that each sends on and the one that it receives on.</summary>
internal sealed class RingView
{
    private readonly IReadOnlyList<ReplicationEdge> _edges;

    public RingView(IReadOnlyList<RingMember> members)
    {
        _edges = Ring.Edges([.. members.Select(m => m.Node)]);
        Members = members;
    }

    public IReadOnlyList<RingMember> Members { get; }

    public ReplicationEdge Sends(int member) => _edges[member];

    public ReplicationEdge Receives(int member) => _edges[PredecessorOf(member)];

    /// <summary>Index of the member that a member sends to.</summary>
    public int NeighbourOf(int member) => (member + 1) % Members.Count;

    /// <summary>Index of the member that a member receives from.</summary>
    public int PredecessorOf(int member) => (member + Members.Count - 1) % Members.Count;

    /// <summary>Whether a member is among those named; all are when no names are given.</summary>
    public bool IsMeant(int member, IReadOnlyList<string>? only) =>
        only is null || only.Contains(Members[member].Node.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses names that are no member's.</summary>
    public void CheckNames(IReadOnlyList<string>? only)
    {
        foreach (string name in only ?? [])
        {
            if (!Members.Any(m => string.Equals(m.Node.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ZfsEsxException(
                    "MemberNotFound",
                    FailureKind.NotFound,
                    name,
                    name + " is not in the ring of " + string.Join(", ", Members.Select(m => m.Node.Name)) + ".",
                    "Give some of these to -Only, or leave it out for all of them.");
            }
        }
    }

    public IEnumerable<string> ConfigPaths(int member) =>
        [EdgeConfig.SourcePath(Sends(member)), EdgeConfig.TargetPath(Receives(member))];

    /// <summary>All files that replication has on a member.</summary>
    public IEnumerable<string> FilePaths(int member) => [.. AgentFiles.Paths, .. ConfigPaths(member)];

    /// <summary>Asks all members at once, one round trip each.</summary>
    public async Task<IReadOnlyList<ReplicationState>> ReadAsync(
        Func<int, IEnumerable<string>> paths, CancellationToken ct, bool all = false) =>
        await Task.WhenAll(Members.Select((_, i) => ReadAsync(i, paths(i), all, ct))).ConfigureAwait(false);

    /// <summary>Asks one member.</summary>
    public Task<ReplicationState> ReadAsync(int member, IEnumerable<string> paths, bool all, CancellationToken ct) =>
        ReplicationProbe.ReadAsync(
            Members[member].Host,
            Sends(member),
            Receives(member),
            [.. paths, EdgeConfig.KeyPath(Sends(member).Neighbour)],
            all,
            ct);
}
