namespace ZfsEsx.Replication;

/// <summary>What stands against a start, and what a user should know before. Pure.</summary>
internal static class StartCheck
{
    public static IEnumerable<string> Warnings(RingView ring, IReadOnlyList<ReplicationState> states)
    {
        for (int i = 0; i < states.Count; i++)
        {
            string name = ring.Members[i].Node.Name;
            if (states[i].Files.Any(f => f.Path == EdgeConfig.KeyPath(ring.Sends(i).Neighbour) && f.Hash is null))
            {
                yield return name + " has no key for " + ring.Sends(i).Neighbour
                    + " yet; cycles fail until New-ZfsReplicationTrust has run.";
            }

            if (states[i].Facts is { CronRuns: false })
            {
                yield return "No cron is running on " + name + ": cycles do not start until it does.";
            }

            if (states[i].Facts is { } facts && RingCheck.CronZone(states[i].Crontab ?? "", facts) is { } zone)
            {
                yield return name + ": " + zone
                    + ", so that cycles can start at other times than shown. Restart cron, or remove the line.";
            }
        }
    }

    /// <summary>Refuses what cannot work, before any change.</summary>
    public static void Possible(
        RingView ring, int i, IReadOnlyList<ReplicationState> states, RingReplicationOptions options)
    {
        RingNode node = ring.Members[i].Node;
        ReplicationState state = states[i];
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

        if (state.Facts is { CronRefused: true })
        {
            throw new ZfsEsxException(
                "CronRefused",
                FailureKind.PermissionDenied,
                node.Name,
                "root may not use crontab on " + node.Name + ".",
                "Add root to its cron.allow, or take it out of its cron.deny.");
        }

        // A first copy sends all. What is there already, from this edge or an earlier one, is not sent again.
        ReplicationState source = states[ring.PredecessorOf(i)];
        if (!options.AllowLowSpace && state.TargetRootMark is null && !source.Delivered
            && state.Facts?.Free is { } free && source.Facts?.Used is { } used && used.Bytes > free.Bytes)
        {
            throw new ZfsEsxException(
                "NotEnoughSpace",
                FailureKind.InvalidState,
                node.Name,
                receives.SourceDataset + " uses " + used + " on " + receives.Source + ", and " + node.Name + " has "
                    + free + " free.",
                "Add disks to the pool of " + receives.TargetRoot
                    + ". Where it compresses better, -Force begins all the same.");
        }
    }
}
