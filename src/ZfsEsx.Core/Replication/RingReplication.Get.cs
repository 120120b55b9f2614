namespace ZfsEsx.Replication;

/// <content>The state of the ring.</content>
public static partial class RingReplication
{
    /// <summary>
    /// The state of every replicated file system. The agent's report is not believed: that a snapshot is on both sides
    /// is read from both, by GUID, and so is whether the replica has more than the source has sent. Two round trips per
    /// member, whatever the number of file systems; a third one where a replica has a snapshot of unknown origin.
    /// </summary>
    public static async Task<IReadOnlyList<ZfsRingReplication>> GetAsync(
        IReadOnlyList<RingMember> members, CancellationToken ct)
    {
        RingView ring = new(members);
        IReadOnlyList<ReplicationState> states = await ring.ReadAsync(_ => [], ct).ConfigureAwait(false);
        IReadOnlyList<ZfsRingReplication>[] rows = await Task.WhenAll(members.Select((_, i) =>
            GetAsync(ring, i, states[i], ct))).ConfigureAwait(false);
        return [.. rows.SelectMany(r => r)];
    }

    /// <summary>The rows of one member, with what its neighbour says now.</summary>
    internal static async Task<IReadOnlyList<ZfsRingReplication>> GetAsync(
        RingView ring, int member, ReplicationState state, CancellationToken ct)
    {
        ReplicationEdge edge = ring.Sends(member);
        ReplicaListing replicas = await ReplicaListing.ReadAsync(
            ring.Members[ring.NeighbourOf(member)].Host, edge.TargetRoot, ct).ConfigureAwait(false);
        string[] strange = [.. state.Base.SelectMany(b =>
            replicas.Strange(edge.ReplicaOf(b[0]), b[2], state.Now).Select(s => b[0] + "@" + s))];
        IReadOnlyDictionary<string, string> known = await ReplicationProbe.GuidsAsync(
            ring.Members[member].Host, strange, ct).ConfigureAwait(false);
        return [.. FileSystems(ring.Members[member].Node.Name, edge, state, replicas, known)];
    }

    /// <summary>Puts together what both sides said; pure.</summary>
    /// <param name="name">The source.</param>
    /// <param name="edge">Its edge.</param>
    /// <param name="state">What it said.</param>
    /// <param name="replicas">What its neighbour has.</param>
    /// <param name="known">GUIDs of the source's snapshots that have the names of those of unknown origin.</param>
    internal static IEnumerable<ZfsRingReplication> FileSystems(
        string name,
        ReplicationEdge edge,
        ReplicationState state,
        ReplicaListing replicas,
        IReadOnlyDictionary<string, string> known)
    {
        ReplicationSchedule? schedule = state.Crontab is null ? null : CrontabBlock.Find(state.Crontab, edge.Neighbour);
        EdgeConfigText? config = state.EdgeTo(edge.Neighbour);
        foreach (string fileSystem in state.FileSystems)
        {
            CycleFileSystem? last = state.Report?.FileSystems.FirstOrDefault(f => f.Name == fileSystem);
            ZfsRingReplication row = new(name, fileSystem, edge.Neighbour, edge.ReplicaOf(fileSystem))
            {
                Result = last?.Result
                    ?? (state.Report?.Error is null ? ReplicationResult.None : ReplicationResult.Failed),
                Error = last?.Error ?? (last is null ? state.Report?.Error : null),
                Sent = last?.Bytes is { } bytes ? new ByteSize(bytes) : null,
                Base = last?.Base,
                LastRun = state.Report?.Start,
                LastDuration = state.Report is { } report ? TimeSpan.FromSeconds(report.Seconds) : null,
                RecoveryPointObjective = config?.RecoveryPointObjective ?? Twice(schedule),
                Schedule = schedule,
                NextRun = schedule?.NextAfter(state.Now, state.Clocks),
            };
            yield return Diverged(WithBase(row, state, replicas), state, replicas, known);
        }
    }

    private static TimeSpan? Twice(ReplicationSchedule? schedule) =>
        schedule is null ? null : schedule.LongestGap + schedule.LongestGap;

    private static ZfsRingReplication Diverged(
        ZfsRingReplication row,
        ReplicationState state,
        ReplicaListing replicas,
        IReadOnlyDictionary<string, string> known)
    {
        string? common = state.Base.FirstOrDefault(b => b[0] == row.FileSystem)?[2];
        string? why = replicas.Divergence(
            row.Replica,
            common is null ? [] : replicas.Strange(row.Replica, common, state.Now),
            snapshot => known.TryGetValue(row.FileSystem + "@" + snapshot, out string? guid) ? guid : null);
        return why is null
            ? row with { Diverged = row.Result == ReplicationResult.Diverged }
            : row with
            {
                Diverged = true,
                Result = row.Result is ReplicationResult.Ok or ReplicationResult.None
                    ? ReplicationResult.Diverged
                    : row.Result,
                Error = row.Error ?? why,
            };
    }

    private static ZfsRingReplication WithBase(
        ZfsRingReplication row, ReplicationState state, ReplicaListing replicas)
    {
        string[]? common = state.Base.FirstOrDefault(b => b[0] == row.FileSystem);
        if (common is null)
        {
            return row.Result == ReplicationResult.Ok
                ? row with
                {
                    Result = ReplicationResult.Unconfirmed,
                    Error = "The agent has no record of the snapshot it reported."
                }
                : row;
        }

        string snapshot = common[2];
        if (!state.Snapshots.TryGetValue(row.FileSystem + "@" + snapshot, out (string Guid, long Creation) here))
        {
            return row with
            {
                Result = ReplicationResult.Unconfirmed,
                Error = row.FileSystem + "@" + snapshot + ", the base of the next increment, is gone on "
                    + row.ZfsHost + ".",
            };
        }

        string? there = replicas.Guid(row.Replica + "@" + snapshot);
        if (there is null || there != here.Guid)
        {
            return row with
            {
                Result = row.Result is ReplicationResult.Ok or ReplicationResult.None
                    ? ReplicationResult.Unconfirmed
                    : row.Result,
                Error = row.Error
                    ?? row.Replica + "@" + snapshot
                        + (there is null ? " is not on " : " is another snapshot on ") + row.Neighbour + ".",
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
