namespace ZfsEsx.Zfs;

/// <summary>One thing about a share, what was found, and what should be.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="FileSystem">The file system.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Found">What was found.</param>
/// <param name="Wanted">What should be.</param>
/// <param name="Advice">What to do; empty when passed.</param>
public sealed record ZfsNfsShareCheck(
    string ZfsHost,
    string FileSystem,
    string Check,
    ZpoolCheckStatus Status,
    string Found,
    string Wanted,
    string Advice);
