namespace ZfsEsx.Replication;

/// <summary>What a ring was asked about, and is not there.</summary>
internal static class MissingDatasets
{
    /// <summary>An error for each member that has no such data set, with what it replicates.</summary>
    public static async Task<IReadOnlyList<ZfsEsxException>> FindAsync(
        IReadOnlyList<RingMember> members, IReadOnlyList<ZfsRingReplication> rows, CancellationToken ct) =>
        await Task.WhenAll(members.Where(m => !rows.Any(r => r.ZfsHost == m.Node.Name)).Select(async m => Error(
            m.Node, new Sender(m.Node.Name, await RingOrder.ReadAsync(m.Host, ct).ConfigureAwait(false)))))
            .ConfigureAwait(false);

    internal static ZfsEsxException Error(RingNode node, Sender sender) => new(
        "DatasetNotFound", FailureKind.NotFound, node.Dataset,
        "There is no " + node.Dataset + " on " + node.Name + "; " + sender + ".",
        "Give what is replicated with -FileSystem, one name for all or one for each storage VM.");
}
