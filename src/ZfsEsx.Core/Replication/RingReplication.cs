using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>The ring's replication: agent, configuration, schedule, cycles, state.</summary>
public static partial class RingReplication
{
    /// <summary>
    /// What has to be done so that every member sends to the next on schedule. One round trip per member. Edges of an
    /// earlier ring end; what they have delivered and their common snapshots stay, so that they can be taken up again.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// Those of <see cref="Ring.Edges"/>; <c>DatasetNotFound</c>, <c>PoolNotFound</c>, <c>ReplicaRootTaken</c>,
    /// <c>CronMissing</c>, <c>CronRefused</c>, <c>NotEnoughSpace</c>, <c>BadReplicationNumber</c>, <c>BadCiphers</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsRingReplication>>> PlanStartAsync(
        IReadOnlyList<RingMember> members, RingReplicationOptions options, CancellationToken ct)
    {
        RingView ring = new(members);
        IReadOnlyList<ReplicationState> states =
            await ring.ReadAsync(ring.FilePaths, ct, all: true).ConfigureAwait(false);
        RingReplicationOptions[] edges = [.. members.Select(_ => options)];
        List<Change> changes = [];
        for (int i = 0; i < members.Count; i++)
        {
            StartCheck.Possible(ring, i, states, options);
            changes.AddRange(StartChanges(ring, i, states[i], edges));
        }

        changes.AddRange(FormerEdges.End(ring, states));
        return new Plan<IReadOnlyList<ZfsRingReplication>>(
            changes,
            c => GetAsync(members, c),
            [.. StartCheck.Warnings(ring, states), .. FormerEdges.Warnings(ring, states)]);
    }

    /// <summary>What has to be done so that running edges replicate as wanted from now on.</summary>
    /// <param name="members">The ring.</param>
    /// <param name="settings">What shall be otherwise.</param>
    /// <param name="only">Names of the members whose edge is meant; all when null.</param>
    /// <param name="ct">Ends the planning.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>MemberNotFound</c>, <c>ReplicationNotStarted</c>, <c>BadReplicationNumber</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsRingReplication>>> PlanSetAsync(
        IReadOnlyList<RingMember> members,
        RingReplicationSettings settings,
        IReadOnlyList<string>? only,
        CancellationToken ct)
    {
        RingView ring = new(members);
        ring.CheckNames(only);
        IReadOnlyList<ReplicationState> states = await ring.ReadAsync(ring.FilePaths, ct).ConfigureAwait(false);
        RingReplicationOptions?[] edges = [.. members.Select((_, i) => Now(ring, i, states))];
        for (int i = 0; i < members.Count; i++)
        {
            if (ring.IsMeant(i, only))
            {
                edges[i] = settings.Change(edges[i] ?? throw NotStarted(ring, i));
            }
        }

        return new Plan<IReadOnlyList<ZfsRingReplication>>(
            [.. members.SelectMany((_, i) => StartChanges(ring, i, states[i], edges))], c => GetAsync(members, c));
    }

    /// <summary>What has to be removed so that no cycle runs any more. Replicas, snapshots and holds stay.</summary>
    public static async Task<Plan<IReadOnlyList<ZfsRingReplication>>> PlanStopAsync(
        IReadOnlyList<RingMember> members, CancellationToken ct)
    {
        RingView ring = new(members);
        IReadOnlyList<ReplicationState> states = await ring.ReadAsync(ring.ConfigPaths, ct).ConfigureAwait(false);
        List<Change> changes = [];
        for (int i = 0; i < members.Count; i++)
        {
            ZfsHost host = members[i].Host;
            string neighbour = ring.Sends(i).Neighbour;
            if (states[i].Crontab is { } crontab && CrontabBlock.Remove(crontab, neighbour) != crontab)
            {
                changes.Add(new Change(
                    host.Name,
                    "Remove the schedule of replication to " + neighbour,
                    (_, c) => HostCrontab.EditAsync(host, text => CrontabBlock.Remove(text, neighbour), c)));
            }

            foreach (string path in ring.ConfigPaths(i)
                .Where(p => states[i].Files.Any(f => f.Path == p && f.Hash is not null)))
            {
                changes.Add(new Change(
                    host.Name,
                    "Remove " + path,
                    (_, c) => EdgeFiles.RemoveAsync(host, neighbour, c, path),
                    stage: 1));
            }
        }

        return new Plan<IReadOnlyList<ZfsRingReplication>>(changes, c => GetAsync(members, c));
    }

    // How the edge of a member replicates now; null when it does not.
    private static RingReplicationOptions? Now(RingView ring, int i, IReadOnlyList<ReplicationState> states)
    {
        ReplicationEdge sends = ring.Sends(i);
        return states[i].EdgeTo(sends.Neighbour) is { } config && states[i].Crontab is { } crontab
            && CrontabBlock.Find(crontab, sends.Neighbour) is { } schedule
            ? config.Options(
                states[ring.NeighbourOf(i)].SourceFrom(sends.Source),
                new RingReplicationOptions { Schedule = schedule })
            : null;
    }

    private static ZfsEsxException NotStarted(RingView ring, int i) => new(
        "ReplicationNotStarted",
        FailureKind.InvalidState,
        ring.Members[i].Node.Name,
        "Replication from " + ring.Members[i].Node.Name + " to " + ring.Sends(i).Neighbour + " is not set up.",
        "Run Start-ZfsRingReplication first.");

    // Without options an edge stays as it is.
    private static IEnumerable<WantedFile> Wanted(RingView ring, int i, RingReplicationOptions?[] edges)
    {
        foreach (WantedFile file in HostFiles.Agent())
        {
            yield return file;
        }

        if (edges[ring.PredecessorOf(i)] is { } received)
        {
            yield return WantedFile.Text(
                EdgeConfig.TargetPath(ring.Receives(i)), EdgeConfig.ForTarget(ring.Receives(i), received), "0644");
        }

        if (edges[i] is { } sent)
        {
            yield return WantedFile.Text(
                EdgeConfig.SourcePath(ring.Sends(i)), EdgeConfig.ForSource(ring.Sends(i), sent), "0644");
        }
    }

    private static IEnumerable<Change> StartChanges(
        RingView ring, int i, ReplicationState state, RingReplicationOptions?[] edges)
    {
        ZfsHost host = ring.Members[i].Host;
        ReplicationEdge sends = ring.Sends(i);
        ReplicationEdge receives = ring.Receives(i);
        IReadOnlyList<WantedFile> differing = HostFiles.Differing(state.Files, Wanted(ring, i, edges));
        string received = edges[ring.PredecessorOf(i)] is { } from
            ? state.SourceFrom(receives.Source)?.Differences(EdgeConfig.ForTarget(receives, from)) ?? "" : "";
        string sent = edges[i] is { } to
            ? state.EdgeTo(sends.Neighbour)?.Differences(EdgeConfig.ForSource(sends, to)) ?? "" : "";
        foreach (Change change in HostFiles
            .Write(
                host,
                "Install the replication agent in " + AgentFiles.Folder,
                Under(differing, AgentFiles.Folder),
                stage: 0)
            .Concat(HostFiles.Write(
                host,
                "Receive replicas of " + receives.Source + " as " + receives.TargetRoot + received,
                Under(differing, EdgeConfig.TargetPath(receives)),
                stage: 0))
            .Concat(HostFiles.Write(
                host,
                "Send " + sends.SourceDataset + " to " + sends.Neighbour + " as "
                    + sends.ReplicaOf(sends.SourceDataset) + sent,
                Under(differing, EdgeConfig.SourcePath(sends)),
                stage: 0)))
        {
            yield return change;
        }

        if (edges[i] is not { } options)
        {
            yield break;
        }

        if (CrontabBlock.Set(state.Crontab ?? "", sends.Neighbour, options.Schedule) != state.Crontab)
        {
            yield return new Change(
                host.Name,
                "Schedule replication to " + sends.Neighbour + " " + options.Schedule,
                (_, ct) => HostCrontab.EditAsync(
                    host, text => CrontabBlock.Set(text, sends.Neighbour, options.Schedule), ct),
                stage: 1);
        }

        if (options.RunFirst && !state.Delivered)
        {
            yield return CycleChange(ring, i, options, stage: 2);
        }
    }

    private static IReadOnlyList<WantedFile> Under(IReadOnlyList<WantedFile> files, string path) =>
        [.. files.Where(f => f.Path == path || f.Path.StartsWith(path + "/", StringComparison.Ordinal))];
}
