namespace ZfsEsx.Os;

/// <summary>How a check ended.</summary>
public enum ZfsHostCheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Works, but something is missing that would make it better.</summary>
    Warning,

    /// <summary>Something will not work.</summary>
    Failed,
}

/// <summary>One thing that a storage VM must be able to do.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Found">What was found.</param>
/// <param name="Wanted">What should be.</param>
/// <param name="Advice">What to do, with the command for this system; empty when passed.</param>
public sealed record ZfsHostCheck(
    string ZfsHost, string Check, ZfsHostCheckStatus Status, string Found, string Wanted, string Advice);
