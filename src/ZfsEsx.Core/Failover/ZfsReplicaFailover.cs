namespace ZfsEsx.Failover;

/// <summary>
/// A failover, a test of one, or the way back: what was done, how long it took, and what was not possible.
/// </summary>
public sealed record ZfsReplicaFailover
{
    /// <summary>The storage VM whose file systems are concerned.</summary>
    public required string Source { get; init; }

    /// <summary>The storage VM that holds the replicas.</summary>
    public required string ZfsHost { get; init; }

    /// <summary><c>Test</c>, <c>Unplanned</c>, <c>Planned</c>, <c>Complete</c> or <c>Undo</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>
    /// <c>Home</c>: the source serves its file systems. <c>FailedOver</c>: clones of the replicas stand in for them.
    /// <c>Unfinished</c>: in between.
    /// </summary>
    public required string State { get; init; }

    /// <summary>The file systems.</summary>
    public IReadOnlyList<FailoverFileSystem> FileSystems { get; init; } = [];

    /// <summary>The VMs on them.</summary>
    public IReadOnlyList<FailoverVm> VMs { get; init; } = [];

    /// <summary>What was done, in the order in which it ended.</summary>
    public IReadOnlyList<FailoverStep> Steps { get; init; } = [];

    /// <summary>
    /// What was written in so many minutes before the loss is not in the replicas, at most; null where nothing is lost.
    /// </summary>
    public double? MinutesLost { get; init; }

    /// <summary>How long all of it took.</summary>
    public double Seconds { get; init; }

    /// <summary>What was not possible, and what is left to do by hand.</summary>
    public IReadOnlyList<string> NotPossible { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Source + " " + State;
}

/// <summary>One file system of a failover.</summary>
/// <param name="FileSystem">Its name below the source's pool: <c>nas/vol0</c>.</param>
/// <param name="Datastore">The datastore.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Snapshot">The snapshot that VMs go on from.</param>
/// <param name="SnapshotTime">When it was taken, UTC.</param>
/// <param name="CloneName">The clone that stands in; empty when there is none.</param>
public sealed record FailoverFileSystem(
    string FileSystem, string Datastore, string Replica, string Snapshot, DateTime SnapshotTime, string CloneName)
{
    /// <inheritdoc/>
    public override string ToString() => FileSystem;
}

/// <summary>One VM of a failover.</summary>
/// <param name="Name">Its name in the inventory.</param>
/// <param name="VMId">PowerCLI's id; empty when it is not registered.</param>
/// <param name="VMHost">Its host.</param>
/// <param name="Datastore">Its datastore.</param>
/// <param name="State">
/// <c>On</c>, <c>Off</c> or <c>NotRegistered</c>; of a test also <c>Answers</c>, when VMware Tools did.
/// </param>
/// <param name="Problem">Why it is not as it should be.</param>
public sealed record FailoverVm(
    string Name, string VMId, string VMHost, string Datastore, string State, string? Problem = null)
{
    /// <inheritdoc/>
    public override string ToString() => Name + " " + State;
}

/// <summary>One step that was made.</summary>
/// <param name="Target">On what.</param>
/// <param name="Action">What was done.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
public sealed record FailoverStep(string Target, string Action, double Seconds, string? Error)
{
    /// <inheritdoc/>
    public override string ToString() => Target + ": " + Action;
}
