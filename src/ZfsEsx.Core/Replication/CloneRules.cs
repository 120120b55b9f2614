namespace ZfsEsx.Replication;

/// <summary>A clone with every default filled in.</summary>
/// <param name="Name">The clone.</param>
/// <param name="Snapshot">Replica and snapshot: <c>sp2/replica/uss1/nas/vol0@zfsesx-…</c>.</param>
/// <param name="MountPoint">Where it is mounted.</param>
internal sealed record WantedClone(string Name, string Snapshot, string MountPoint);

/// <summary>What may be cloned and what may be destroyed. Pure.</summary>
internal static class CloneRules
{
    /// <summary>Refuses names that cannot be meant, before anything is asked.</summary>
    public static void Check(ReplicaCloneOptions options)
    {
        ReplicaNames.CheckDataset(options.Replica, "the name of a replica");
        if (options.Name is not null)
        {
            ReplicaNames.CheckDataset(options.Name, "the name of a clone");
        }

        if (options.Snapshot is not null)
        {
            ReplicaNames.CheckName(options.Snapshot, "the name of a snapshot");
        }

        if (options.MountPoint is { } path && !IsPath(path))
        {
            throw new ZfsEsxException(
                "InvalidMountPoint",
                FailureKind.InvalidArgument,
                options.Replica,
                "'" + new string([.. path.Where(c => !char.IsControl(c))]) + "' is no mount point.",
                "Give an absolute path of letters, digits and _ . - such as /export/uss1-nas-vol0-clone.");
        }
    }

    /// <summary>
    /// <c>&lt;pool&gt;/clones/&lt;source&gt;/…</c>; null when the replica is not below a root of ours.
    /// </summary>
    public static string? DefaultName(string replica, CloneState state) =>
        Relative(replica, state) is { } rel
            ? ReplicaNames.PoolOf(replica) + "/clones/" + state.Source + "/" + rel
            : null;

    /// <summary>Fills in what was left open, or refuses.</summary>
    public static WantedClone Wanted(string host, ReplicaCloneOptions options, CloneState state)
    {
        if (!state.ReplicaFound)
        {
            throw new ZfsEsxException(
                "ReplicaNotFound",
                FailureKind.NotFound,
                options.Replica,
                "There is no " + options.Replica + " on " + host + ".",
                "Get-ZfsRingReplication shows where replicas are.");
        }

        if (DefaultName(options.Replica, state) is not { } defaultName)
        {
            throw new ZfsEsxException(
                "NotAReplica",
                FailureKind.InvalidArgument,
                options.Replica,
                options.Replica + " on " + host + " is not a replica made by ZfsEsx.",
                "Get-ZfsRingReplication shows the replicas.");
        }

        string wantedName = options.Name ?? defaultName;
        if (ReplicaNames.PoolOf(wantedName) != ReplicaNames.PoolOf(options.Replica))
        {
            throw new ZfsEsxException(
                "BadReplicationName",
                FailureKind.InvalidArgument,
                wantedName,
                "A clone lives in the pool of its replica: " + ReplicaNames.PoolOf(options.Replica) + ".",
                "Choose a name there, such as " + defaultName + ".");
        }

        if ((wantedName + "/").StartsWith(state.Root + "/", StringComparison.Ordinal))
        {
            throw new ZfsEsxException(
                "BadReplicationName",
                FailureKind.InvalidArgument,
                wantedName,
                wantedName + " lies among the replicas, which are never changed.",
                "Choose a name outside " + state.Root + ", such as " + defaultName + ".");
        }

        string snapshot = Snapshot(host, options, state);
        if (state.Existing is { } there)
        {
            bool same = options.Snapshot is null
                ? there.Origin.StartsWith(options.Replica + "@", StringComparison.Ordinal)
                : there.Origin == snapshot;
            if (!same || !there.Marked)
            {
                throw new ZfsEsxException(
                    "CloneNameTaken",
                    FailureKind.AlreadyExists,
                    wantedName,
                    wantedName + " exists on " + host
                        + (there.Origin == "-" ? " and is no clone." : ": a clone of " + there.Origin + "."),
                    "Choose another -Name, or remove that one with Remove-ZfsReplicaClone.");
            }

            snapshot = there.Origin;
        }

        // A clone that is there stays where it is mounted, unless told otherwise.
        string mountPoint = options.MountPoint
            ?? (state.Existing is { } kept && IsPath(kept.MountPoint)
                ? kept.MountPoint
                : DefaultMountPoint(wantedName));
        return state.MountPoints[mountPoint].FirstOrDefault(n => n != wantedName) is not { } other
            ? new WantedClone(wantedName, snapshot, mountPoint)
            : throw new ZfsEsxException(
                "MountPointInUse",
                FailureKind.InUse,
                mountPoint,
                "The path " + mountPoint + " on " + host + " is in use: it is the mount point of " + other + ".",
                "Choose another with -MountPoint.");
    }

    /// <summary><c>/export/uss1-nas-vol0-clone</c> for <c>sp2/clones/uss1/nas/vol0</c>.</summary>
    internal static string DefaultMountPoint(string name)
    {
        const string Folder = "clones/", Ending = "-clone";
        string below = ReplicaNames.BelowPool(name);
        string flat = (below.StartsWith(Folder, StringComparison.Ordinal) ? below.Substring(Folder.Length) : below)
            .Replace('/', '-').Replace(':', '-');
        return "/export/" + flat + (flat.EndsWith(Ending, StringComparison.Ordinal) ? "" : Ending);
    }

    /// <summary>The clone, if it is one of ours with nothing of its own hanging on it; else refuses.</summary>
    public static CloneFound Removable(string host, string name, CloneState state)
    {
        if (state.Existing is not { } clone)
        {
            throw new ZfsEsxException(
                "CloneNotFound",
                FailureKind.NotFound,
                name,
                "There is no " + name + " on " + host + ".",
                "Get-ZfsReplicaClone lists them.");
        }

        if (!clone.Marked || clone.Origin == "-")
        {
            throw new ZfsEsxException(
                "NotOurClone",
                FailureKind.InvalidArgument,
                name,
                name + " on " + host
                    + (clone.Origin == "-"
                        ? " is no clone."
                        : " is a clone of " + clone.Origin + " that ZfsEsx has not made."),
                "Nothing but clones made by New-ZfsReplicaClone is destroyed; look at it with 'zfs list' there.");
        }

        if (state.Below.Count > 0)
        {
            throw new ZfsEsxException(
                "CloneInUse",
                FailureKind.InUse,
                name,
                name + " has " + string.Join(", ", state.Below.Take(3)) + (state.Below.Count > 3 ? " and more" : "")
                    + " of its own.",
                "Keep what is needed and destroy those first; they are not touched from here.");
        }

        return clone;
    }

    private static string Snapshot(string host, ReplicaCloneOptions options, CloneState state)
    {
        string? name = options.Snapshot
            ?? (state.Snapshots.Count == 0 ? null : state.Snapshots[state.Snapshots.Count - 1]);
        return name is not null && state.Snapshots.Contains(name)
            ? options.Replica + "@" + name
            : throw new ZfsEsxException(
                "SnapshotNotFound",
                FailureKind.NotFound,
                options.Replica,
                options.Snapshot is null
                    ? options.Replica + " on " + host + " has no snapshot yet."
                    : options.Replica + "@" + options.Snapshot + " does not exist on " + host + ".",
                options.Snapshot is null
                    ? "Run a cycle first: Invoke-ZfsRingReplication."
                    : "Leave -Snapshot out for the newest.");
    }

    private static string? Relative(string replica, CloneState state) =>
        state.Root is { } root && replica.StartsWith(root + "/", StringComparison.Ordinal)
            ? replica.Substring(root.Length + 1)
            : null;

    private static bool IsPath(string path) =>
        path.Length is > 1 and <= 200 && path[0] == '/' && path.Substring(1).Split('/').All(ReplicaNames.IsName);
}
