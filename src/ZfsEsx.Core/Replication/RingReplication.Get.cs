namespace ZfsEsx.Replication;

/// <content>The state of the ring.</content>
public static partial class RingReplication
{
    /// <summary>
    /// The state of every replicated file system. The agent's report is not believed: that a snapshot is on both sides
    /// is read from both, by GUID. Two round trips per member, whatever the number of file systems.
    /// </summary>
    public static async Task<IReadOnlyList<ZfsRingReplication>> GetAsync(
        IReadOnlyList<RingMember> members, CancellationToken ct)
    {
        RingView ring = new(members);
        IReadOnlyList<ReplicationState> states = await ring.ReadAsync(_ => [], ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, string>[] replicas = await Task.WhenAll(members.Select((_, i) =>
            ReplicationProbe.GuidsAsync(
                members[ring.NeighbourOf(i)].Host,
                [.. states[i].Base.Select(b => ring.Sends(i).ReplicaOf(b[0]) + "@" + b[2])],
                ct))).ConfigureAwait(false);
        return [.. members.SelectMany((m, i) => FileSystems(m.Node.Name, ring.Sends(i), states[i], replicas[i]))];
    }

    /// <summary>Puts together what both sides said; pure.</summary>
    internal static IEnumerable<ZfsRingReplication> FileSystems(
        string name, ReplicationEdge edge, ReplicationState state, IReadOnlyDictionary<string, string> replica)
    {
        ReplicationSchedule? schedule = state.Crontab is null ? null : CrontabBlock.Find(state.Crontab, edge.Neighbour);
        foreach (string fileSystem in state.FileSystems)
        {
            CycleFileSystem? last = state.Report?.FileSystems.FirstOrDefault(f => f.Name == fileSystem);
            ZfsRingReplication row = new(name, fileSystem, edge.Neighbour, edge.ReplicaOf(fileSystem))
            {
                Result = last?.Result ?? (state.Report?.Error is null ? ReplicationResult.None : ReplicationResult.Failed),
                Error = last?.Error ?? (last is null ? state.Report?.Error : null),
                Sent = last?.Bytes is { } bytes ? new ByteSize(bytes) : null,
                Schedule = schedule,
                NextRun = schedule?.NextAfter(state.Now),
            };
            yield return WithBase(row, state, replica);
        }
    }

    private static ZfsRingReplication WithBase(
        ZfsRingReplication row, ReplicationState state, IReadOnlyDictionary<string, string> replica)
    {
        string[]? common = state.Base.FirstOrDefault(b => b[0] == row.FileSystem);
        if (common is null)
        {
            return row.Result == ReplicationResult.Ok
                ? row with { Result = ReplicationResult.Unconfirmed, Error = "The agent has no record of the snapshot it reported." }
                : row;
        }

        string snapshot = common[2];
        if (!state.Snapshots.TryGetValue(row.FileSystem + "@" + snapshot, out (string Guid, long Creation) here))
        {
            return row with
            {
                Result = ReplicationResult.Unconfirmed,
                Error = row.FileSystem + "@" + snapshot + ", the base of the next increment, is gone on " + row.ZfsHost + ".",
            };
        }

        if (!replica.TryGetValue(row.Replica + "@" + snapshot, out string? there) || there != here.Guid)
        {
            return row with
            {
                Result = row.Result is ReplicationResult.Ok or ReplicationResult.None ? ReplicationResult.Unconfirmed : row.Result,
                Error = row.Error ?? row.Replica + "@" + snapshot + (there is null ? " is not on " : " is another snapshot on ")
                    + row.Neighbour + ".",
            };
        }

        DateTime taken = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(here.Creation);
        return row with
        {
            LastSnapshot = snapshot,
            LastSnapshotTime = taken,
            Lag = state.Now.UtcDateTime - (Unwritten(row, state) ?? taken),
            SnapshotGuid = here.Guid,
        };
    }

    // What was not written since its last snapshot gets no new one: then the replica is as new as the last look.
    private static DateTime? Unwritten(ZfsRingReplication row, ReplicationState state) =>
        row.Result == ReplicationResult.Ok ? state.Report?.AsOf : null;
}
