namespace ZfsEsx.Zfs;

/// <summary>What reads and repairs all data of a pool, and when.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Name">The pool.</param>
/// <param name="Last">The last or present scrub or resilver; null when there was none.</param>
/// <param name="Schedule">When Set-ZpoolScrub has it scrubbed; null when it does not.</param>
/// <param name="Next">The next time by the storage VM's own clock; null without a schedule.</param>
/// <param name="Elsewhere">Files of the system that scrub pools too.</param>
public sealed record ZpoolScrub(
    string ZfsHost,
    string Name,
    ZpoolScan? Last,
    ScrubSchedule? Schedule,
    DateTime? Next,
    IReadOnlyList<string> Elsewhere)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
