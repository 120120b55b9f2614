namespace ZfsEsx.Zfs;

/// <summary>How a check of a pool ended.</summary>
public enum ZpoolCheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>It works; something should be done.</summary>
    Warning,

    /// <summary>Something does not work, or data is in danger.</summary>
    Failed,
}

/// <summary>One thing about a pool, what was found, and what should be.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Name">The pool.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Found">What was found, with figures.</param>
/// <param name="Wanted">What should be.</param>
/// <param name="Advice">What to do; empty when passed.</param>
public sealed record ZpoolCheck(
    string ZfsHost, string Name, string Check, ZpoolCheckStatus Status, string Found, string Wanted, string Advice);
