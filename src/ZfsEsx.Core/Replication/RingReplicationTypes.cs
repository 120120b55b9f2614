using ZfsEsx.Os;

namespace ZfsEsx.Replication;

/// <summary>A storage VM with its place in the ring.</summary>
/// <param name="Host">The connection to it.</param>
/// <param name="Node">What the ring knows of it.</param>
public sealed record RingMember(ZfsHost Host, RingNode Node);

/// <summary>How the ring replicates.</summary>
public sealed record RingReplicationOptions
{
    /// <summary>When cycles run; every 5 minutes unless said otherwise.</summary>
    public ReplicationSchedule Schedule { get; init; } = ReplicationSchedule.Every(TimeSpan.FromMinutes(5));

    /// <summary>
    /// How many of our own snapshots stay on the source. The base of the next increment always stays.
    /// </summary>
    public int KeepOnSource { get; init; } = 24;

    /// <summary>
    /// How many of our own snapshots stay on the replica. The base of the next increment always stays.
    /// </summary>
    public int KeepOnReplica { get; init; } = 48;

    /// <summary>Of so many last hours that have a snapshot of ours, the newest stays, too; on both sides.</summary>
    public int KeepHourly { get; init; }

    /// <summary>The same for days, by UTC.</summary>
    public int KeepDaily { get; init; }

    /// <summary>The same for weeks from Monday on.</summary>
    public int KeepWeekly { get; init; }

    /// <summary>The same for months.</summary>
    public int KeepMonthly { get; init; }

    /// <summary>What happens to a replica that has been written to, or has more than the source knows.</summary>
    public DivergencePolicy DivergencePolicy { get; init; }

    /// <summary>How many bytes a second each source sends at most; 1 KiB at least.</summary>
    public ByteSize? RateLimit { get; init; }

    /// <summary>How old a replica may be; twice the distance of two cycles when null. At least a minute.</summary>
    public TimeSpan? RecoveryPointObjective { get; init; }

    /// <summary>The account on the neighbour; must be the one of the trust.</summary>
    public string UserName { get; init; } = "zfsadm";

    /// <summary>The neighbours' ssh port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>ssh ciphers in order of preference, comma-separated; ssh's own order when null.</summary>
    public string? Ciphers { get; init; }

    /// <summary>Begin also where the neighbour has less space free than the source uses.</summary>
    public bool AllowLowSpace { get; init; }

    /// <summary>Run a first cycle as the last step, unless something has been delivered before.</summary>
    public bool RunFirst { get; init; }

    /// <summary>How long one cycle that we run ourselves may take.</summary>
    public TimeSpan CycleTimeout { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>
/// What happens to a replica that no longer is what was sent. Nothing is ever rolled back or destroyed.
/// </summary>
public enum DivergencePolicy
{
    /// <summary>It is reported and left as it is; nothing more is sent until an admin has decided.</summary>
    Refuse,

    /// <summary>
    /// It is renamed with all it has, and replication goes on by increments from the last common snapshot.
    /// </summary>
    Preserve,
}

/// <summary>How the last cycle ended for one file system.</summary>
public enum ReplicationResult
{
    /// <summary>No cycle has ended yet.</summary>
    None,

    /// <summary>The newest snapshot is on the replica, seen there by its GUID.</summary>
    Ok,

    /// <summary>The replica was changed, or shares no history with the source. Nothing was touched.</summary>
    Diverged,

    /// <summary>The replica had been delivered and is gone. It is not sent again in full without being asked.</summary>
    Lost,

    /// <summary>The file system cannot be replicated: its name, for instance.</summary>
    Refused,

    /// <summary>Sending or receiving failed; the next cycle goes on.</summary>
    Failed,

    /// <summary>The last report is not confirmed by what is on both sides now.</summary>
    Unconfirmed,
}
