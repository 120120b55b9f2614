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

    public ReplicationEdge Receives(int member) => _edges[(member + Members.Count - 1) % Members.Count];

    /// <summary>Index of the member that a member sends to.</summary>
    public int NeighbourOf(int member) => (member + 1) % Members.Count;

    public IEnumerable<string> ConfigPaths(int member) =>
        [EdgeConfig.SourcePath(Sends(member)), EdgeConfig.TargetPath(Receives(member))];

    /// <summary>Asks all members at once, one round trip each.</summary>
    public async Task<IReadOnlyList<ReplicationState>> ReadAsync(
        Func<int, IEnumerable<string>> paths, CancellationToken ct) =>
        await Task.WhenAll(Members.Select((m, i) => ReplicationProbe.ReadAsync(
            m.Host, Sends(i), Receives(i), [.. paths(i), EdgeConfig.KeyPath(Sends(i).Neighbour)], ct))).ConfigureAwait(false);
}
