using ZfsEsx.Os;

namespace ZfsEsx;

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
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do; empty when passed.</param>
public sealed record ZfsHostCheck(string ZfsHost, string Check, ZfsHostCheckStatus Status, string Detail, string Advice)
{
    /// <summary>Judges what was found out when the connection was opened, and whether it still answers.</summary>
    internal static IReadOnlyList<ZfsHostCheck> Of(ZfsHost host, Exception? silence)
    {
        if (silence is not null)
        {
            string advice = (silence as ZfsEsxException)?.Advice ?? "Connect again with Connect-ZfsHost.";
            return [new(host.Name, "Connection", ZfsHostCheckStatus.Failed, silence.Message, advice)];
        }

        return
        [
            new(host.Name, "Connection", ZfsHostCheckStatus.Passed, "Answers as " + host.UserName + ".", ""),
            Judge(host, "Zfs", host.ZfsVersion.Length > 0, host.ZfsVersion, "Not found.", "Install ZFS on the storage VM."),
            Judge(
                host, "Rights", host.Elevation != Elevation.None,
                host.Elevation == Elevation.Root ? "Is root." : "Gets root's rights by " + host.Elevation + ".",
                host.UserName + " has no way to get root's rights.",
                "Allow the user sudo without a password, or connect as root."),
            Judge(
                host, "NfsServer", host.NfsServer != NfsServerState.Missing, host.NfsServer + ".", "Not installed.",
                "Install the system's NFS server."),
            Judge(
                host, "Resume", host.Features.ResumeTokens, "A broken transfer goes on where it broke.",
                "A broken transfer starts again.", "Use OpenZFS where file systems are large.", ZfsHostCheckStatus.Warning),
        ];
    }

    private static ZfsHostCheck Judge(
        ZfsHost host, string check, bool good, string found, string missing, string advice,
        ZfsHostCheckStatus otherwise = ZfsHostCheckStatus.Failed) =>
        good ? new(host.Name, check, ZfsHostCheckStatus.Passed, found, "") : new(host.Name, check, otherwise, missing, advice);
}
