namespace ZfsEsx.Replication;

/// <summary>What shall be otherwise in how a ring replicates; what is null stays as it is.</summary>
public sealed record RingReplicationSettings
{
    /// <summary>When cycles run.</summary>
    public ReplicationSchedule? Schedule { get; init; }

    /// <summary>How many of our own snapshots stay on the source.</summary>
    public int? KeepOnSource { get; init; }

    /// <summary>How many of our own snapshots stay on the replica.</summary>
    public int? KeepOnReplica { get; init; }

    /// <summary>Of so many last hours the newest stays.</summary>
    public int? KeepHourly { get; init; }

    /// <summary>The same for days.</summary>
    public int? KeepDaily { get; init; }

    /// <summary>The same for weeks.</summary>
    public int? KeepWeekly { get; init; }

    /// <summary>The same for months.</summary>
    public int? KeepMonthly { get; init; }

    /// <summary>What happens to a replica that has been written to.</summary>
    public DivergencePolicy? DivergencePolicy { get; init; }

    /// <summary>How many bytes a second the source sends at most; 0 for no limit.</summary>
    public ByteSize? RateLimit { get; init; }

    /// <summary>How old a replica may be; zero for twice the distance of two cycles.</summary>
    public TimeSpan? RecoveryPointObjective { get; init; }

    internal RingReplicationOptions Change(RingReplicationOptions now) => now with
    {
        Schedule = Schedule ?? now.Schedule,
        KeepOnSource = KeepOnSource ?? now.KeepOnSource,
        KeepOnReplica = KeepOnReplica ?? now.KeepOnReplica,
        KeepHourly = KeepHourly ?? now.KeepHourly,
        KeepDaily = KeepDaily ?? now.KeepDaily,
        KeepWeekly = KeepWeekly ?? now.KeepWeekly,
        KeepMonthly = KeepMonthly ?? now.KeepMonthly,
        DivergencePolicy = DivergencePolicy ?? now.DivergencePolicy,
        RateLimit = RateLimit is not { } rate ? now.RateLimit : rate.Bytes == 0 ? null : rate,
        RecoveryPointObjective = RecoveryPointObjective is not { } most
            ? now.RecoveryPointObjective
            : most == TimeSpan.Zero ? null : most,
    };
}
