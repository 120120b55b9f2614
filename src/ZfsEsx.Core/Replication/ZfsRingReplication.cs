namespace ZfsEsx.Replication;

/// <summary>One replicated file system, as read from both sides.</summary>
/// <param name="ZfsHost">The storage VM that owns it.</param>
/// <param name="FileSystem">The file system there: <c>sp1/nas/vol0</c>.</param>
/// <param name="Neighbour">The storage VM that holds the replica.</param>
/// <param name="Replica">The replica there: <c>sp2/replica/uss1/nas/vol0</c>.</param>
public sealed record ZfsRingReplication(string ZfsHost, string FileSystem, string Neighbour, string Replica)
{
    /// <summary>The newest snapshot that both sides have, equal by GUID; null when there is none.</summary>
    public string? LastSnapshot { get; init; }

    /// <summary>When it was taken, UTC by the source's clock.</summary>
    public DateTime? LastSnapshotTime { get; init; }

    /// <summary>How old the replica is, by the source's clock at the time of reading.</summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>How old the replica may be; null when neither said nor scheduled.</summary>
    public TimeSpan? RecoveryPointObjective { get; init; }

    /// <summary>The replica is older than it may be, or there is none.</summary>
    public bool Late => RecoveryPointObjective is { } most && (Lag is not { } lag || lag > most);

    /// <summary>
    /// The replica has been written to, or has a snapshot of ours that the source does not know. Read from both sides;
    /// an older ZFS does not tell what was written, there it is seen when the next cycle tries.
    /// </summary>
    public bool Diverged { get; init; }

    /// <summary>The GUID that both sides gave for it; an unsigned 64-bit number as text.</summary>
    public string? SnapshotGuid { get; init; }

    /// <summary>How the last cycle ended.</summary>
    public ReplicationResult Result { get; init; }

    /// <summary>Why, when not well; the system's own words.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// The snapshot that the last transfer was an increment to; null when it was a whole file system.
    /// </summary>
    public string? Base { get; init; }

    /// <summary>When the last cycle began, UTC by the source's clock.</summary>
    public DateTime? LastRun { get; init; }

    /// <summary>How long the last cycle took.</summary>
    public TimeSpan? LastDuration { get; init; }

    /// <summary>Bytes of the last transfer, where the source's ZFS tells them.</summary>
    public ByteSize? Sent { get; init; }

    /// <summary>When a cycle runs; null when not scheduled.</summary>
    public ReplicationSchedule? Schedule { get; init; }

    /// <summary>The next cycle, in the storage VM's own time zone; null when not scheduled.</summary>
    public DateTimeOffset? NextRun { get; init; }

    /// <summary>The same moment in the time zone of the machine that asks.</summary>
    public DateTimeOffset? NextRunHere => NextRun?.ToLocalTime();
}
