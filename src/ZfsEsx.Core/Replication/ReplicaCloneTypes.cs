namespace ZfsEsx.Replication;

/// <summary>Which replica is cloned, and what becomes of the clone.</summary>
public sealed record ReplicaCloneOptions
{
    /// <summary>The replica, on the storage VM that holds it: <c>sp2/replica/uss1/nas/vol0</c>.</summary>
    public required string Replica { get; init; }

    /// <summary>Name of the snapshot (the part after @); the newest when null.</summary>
    public string? Snapshot { get; init; }

    /// <summary>
    /// Name of the clone; <c>&lt;pool&gt;/clones/&lt;source&gt;/…</c> when null, as in <c>sp2/clones/uss1/nas/vol0</c>.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Where it is mounted; when null, where it is already, or where its name says: <c>/export/uss1-nas-vol0-clone</c>
    /// for <c>sp2/clones/uss1/nas/vol0</c>.
    /// </summary>
    public string? MountPoint { get; init; }

    /// <summary>Names of the hosts that may mount it; not shared when empty.</summary>
    public IReadOnlyList<string> Clients { get; init; } = [];
}

/// <summary>A writable clone of a replica.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Name">The clone: <c>sp2/clones/uss1/nas/vol0</c>.</param>
/// <param name="Origin">The replica that it is a clone of.</param>
/// <param name="Snapshot">The snapshot of the replica, the part after @.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Mounted">It is mounted.</param>
/// <param name="Options">Its sharenfs property, in the system's own syntax; <c>off</c> when not shared.</param>
/// <param name="Created">When it was made, UTC.</param>
public sealed record ZfsReplicaClone(
    string ZfsHost,
    string Name,
    string Origin,
    string Snapshot,
    string MountPoint,
    bool Mounted,
    string Options,
    DateTime Created);
