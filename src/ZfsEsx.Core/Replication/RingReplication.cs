using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>The ring's replication: agent, configuration, schedule, cycles, state.</summary>
public static partial class RingReplication
{
    /// <summary>What has to be done so that every member sends to the next on schedule. One round trip per member.</summary>
    /// <exception cref="ZfsEsxException">
    /// Those of <see cref="Ring.Edges"/>; <c>DatasetNotFound</c>, <c>PoolNotFound</c>, <c>ReplicaRootTaken</c>,
    /// <c>CronMissing</c>, <c>BadReplicationNumber</c>, <c>BadCiphers</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsRingReplication>>> PlanStartAsync(
        IReadOnlyList<RingMember> members, RingReplicationOptions options, CancellationToken ct)
    {
        RingView ring = new(members);
        IReadOnlyList<ReplicationState> states = await ring.ReadAsync(
            i => [.. Wanted(ring, i, options).Select(w => w.Path)], ct).ConfigureAwait(false);
        List<Change> changes = [];
        List<string> warnings = [];
        for (int i = 0; i < members.Count; i++)
        {
            CheckStart(ring, i, states[i]);
            changes.AddRange(StartChanges(ring, i, states[i], options));
            if (states[i].Files.Any(f => f.Path == EdgeConfig.KeyPath(ring.Sends(i).Neighbour) && f.Hash is null))
            {
                warnings.Add(
                    members[i].Node.Name + " has no key for " + ring.Sends(i).Neighbour + " yet; cycles fail until New-ZfsReplicationTrust has run.");
            }
        }

        return new Plan<IReadOnlyList<ZfsRingReplication>>(changes, c => GetAsync(members, c), warnings);
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

            foreach (string path in ring.ConfigPaths(i).Where(p => states[i].Files.Any(f => f.Path == p && f.Hash is not null)))
            {
                changes.Add(new Change(
                    host.Name,
                    "Remove " + path,
                    (_, c) => host.CheckAsync(
                        new RemoteCommand("rm", "-f", path), "ConfigNotRemoved", host.Name, path + " cannot be removed", null, c),
                    stage: 1));
            }
        }

        return new Plan<IReadOnlyList<ZfsRingReplication>>(changes, c => GetAsync(members, c));
    }

    private static IEnumerable<WantedFile> Wanted(RingView ring, int i, RingReplicationOptions options) =>
    [
        .. HostFiles.Agent(),
        WantedFile.Text(EdgeConfig.TargetPath(ring.Receives(i)), EdgeConfig.ForTarget(ring.Receives(i), options), "0644"),
        WantedFile.Text(EdgeConfig.SourcePath(ring.Sends(i)), EdgeConfig.ForSource(ring.Sends(i), options), "0644"),
    ];

    private static IEnumerable<Change> StartChanges(
        RingView ring, int i, ReplicationState state, RingReplicationOptions options)
    {
        ZfsHost host = ring.Members[i].Host;
        ReplicationEdge sends = ring.Sends(i);
        ReplicationEdge receives = ring.Receives(i);
        IReadOnlyList<WantedFile> differing = HostFiles.Differing(state.Files, Wanted(ring, i, options));
        foreach (Change change in HostFiles.Write(
            host, "Install the replication agent in " + AgentFiles.Folder, Under(differing, AgentFiles.Folder), stage: 0)
            .Concat(HostFiles.Write(
                host,
                "Receive replicas of " + receives.Source + " as " + receives.TargetRoot,
                Under(differing, EdgeConfig.TargetPath(receives)),
                stage: 0))
            .Concat(HostFiles.Write(
                host,
                "Send " + sends.SourceDataset + " to " + sends.Neighbour + " as " + sends.ReplicaOf(sends.SourceDataset),
                Under(differing, EdgeConfig.SourcePath(sends)),
                stage: 0)))
        {
            yield return change;
        }

        if (CrontabBlock.Set(state.Crontab ?? "", sends.Neighbour, options.Schedule) != state.Crontab)
        {
            yield return new Change(
                host.Name,
                "Schedule replication to " + sends.Neighbour + " " + options.Schedule,
                (_, ct) => HostCrontab.EditAsync(host, text => CrontabBlock.Set(text, sends.Neighbour, options.Schedule), ct),
                stage: 1);
        }

        if (options.RunFirst && !state.Delivered)
        {
            yield return CycleChange(ring, i, options, stage: 2);
        }
    }

    private static IReadOnlyList<WantedFile> Under(IReadOnlyList<WantedFile> files, string path) =>
        [.. files.Where(f => f.Path == path || f.Path.StartsWith(path + "/", StringComparison.Ordinal))];

    private static void CheckStart(RingView ring, int i, ReplicationState state)
    {
        RingNode node = ring.Members[i].Node;
        ReplicationEdge receives = ring.Receives(i);
        if (!state.DatasetExists)
        {
            throw new ZfsEsxException(
                "DatasetNotFound",
                FailureKind.NotFound,
                node.Name,
                node.Dataset + " does not exist on " + node.Name + ".",
                "Create it with Set-ZfsNfsShare, or name the data set that shall be replicated.");
        }

        if (!state.TargetPoolExists)
        {
            throw new ZfsEsxException(
                "PoolNotFound",
                FailureKind.NotFound,
                node.Name,
                "The pool of " + receives.TargetRoot + " does not exist on " + node.Name + ".",
                "Create it with New-EncapsulatedZpool, or name another place for the replicas.");
        }

        if (state.TargetRootMark is { } mark && mark != receives.Source)
        {
            throw new ZfsEsxException(
                "ReplicaRootTaken",
                FailureKind.AlreadyExists,
                node.Name,
                receives.TargetRoot + " exists on " + node.Name
                    + (mark is "-" or "" ? " and was not made for replicas." : " and holds replicas of " + mark + "."),
                "Name another place for the replicas of " + receives.Source + ", or rename what is there.");
        }

        if (state.Crontab is null)
        {
            throw new ZfsEsxException(
                "CronMissing",
                FailureKind.NotSupported,
                node.Name,
                "There is no crontab program on " + node.Name + ".",
                "Install cron there.");
        }
    }
}
