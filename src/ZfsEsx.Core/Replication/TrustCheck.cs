using ZfsEsx.Os;

namespace ZfsEsx.Replication;

/// <summary>What is missing for a trust, and what makes one impossible. Pure.</summary>
internal static class TrustCheck
{
    /// <summary>What is not in order, in words.</summary>
    public static IEnumerable<string> Missing(TrustNames names, TrustSource here, TrustTarget there)
    {
        if (HostFiles.Differing(here.Files, HostFiles.Agent()).Count > 0)
        {
            yield return "The agent on " + names.Source + " is missing or another version.";
        }

        if (HostFiles.Differing(there.Files, HostFiles.Agent()).Count > 0)
        {
            yield return "The agent on " + names.Neighbour + " is missing or another version.";
        }

        if (here.PublicKey is null)
        {
            yield return names.Source + " has no key for " + names.Neighbour + ".";
        }
        else if (!here.KeyPrivate)
        {
            yield return names.KeyPath + " on " + names.Source + " can be read by others.";
        }

        if (!KnownHostsRight(names, here, there))
        {
            yield return "The host keys of " + names.Neighbour + " are not pinned on " + names.Source
                + ", or have changed.";
        }

        if (!there.UserExists)
        {
            yield return names.Neighbour + " has no user " + names.User + ".";
        }

        if (!TrustRight.IsThere(names, there))
        {
            yield return names.Neighbour + " has no rule that lets " + names.User + " receive.";
        }

        if (here.PublicKey is null || !KeyLineRight(names, here.PublicKey, there))
        {
            yield return names.Neighbour + " does not let " + names.Source + " in.";
        }
    }

    /// <summary>Refuses what cannot become a trust, before anything is changed.</summary>
    public static void Usable(ZfsHost target, TrustNames names, TrustTarget there)
    {
        if (TrustRight.Of(names, there) is null)
        {
            throw new ZfsEsxException(
                "SudoMissing",
                FailureKind.NotSupported,
                names.Neighbour,
                "There is no sudo, doas or pfexec on " + names.Neighbour + ", which " + names.User
                    + " needs to receive.",
                "Install sudo there, or use -UserName root.");
        }

        if (!there.UserExists
            && target.System is not (HostSystem.Linux or HostSystem.Illumos or HostSystem.OpenSolaris))
        {
            throw new ZfsEsxException(
                "UserMissing",
                FailureKind.NotSupported,
                names.Neighbour,
                "There is no user " + names.User + " on " + names.Neighbour + ", and none is created on this system.",
                "Create the user there, or use -UserName root.");
        }

        if (there.UserExists && there.User[6] is { } shell
            && (shell.EndsWith("/nologin", StringComparison.Ordinal)
                || shell.EndsWith("/false", StringComparison.Ordinal)))
        {
            throw new ZfsEsxException(
                "UserNotUsable",
                FailureKind.InvalidState,
                names.Neighbour,
                "The shell of " + names.User + " on " + names.Neighbour + " is " + shell
                    + ": not even a forced command can run.",
                "Give the user a shell such as /bin/sh, or use another -UserName.");
        }

        if (there.KeysFile is null)
        {
            throw new ZfsEsxException(
                "KeysFileMissing",
                FailureKind.NotSupported,
                names.Neighbour,
                "sshd on " + names.Neighbour + " looks for keys nowhere (AuthorizedKeysFile none).",
                "Set AuthorizedKeysFile .ssh/authorized_keys in its sshd_config.");
        }

        if (there.HostKeys.Count == 0)
        {
            throw new ZfsEsxException(
                "HostKeyMissing",
                FailureKind.NotFound,
                names.Neighbour,
                "No host key of " + names.Neighbour + " was found, so nothing can be pinned.",
                "Run ssh-keygen -A there.");
        }
    }

    public static bool KnownHostsRight(TrustNames names, TrustSource here, TrustTarget there) =>
        TrustText.SetHostKeys(here.KnownHosts, names.Neighbour, there.HostKeys) is { } wanted
        && Sorted(wanted).SequenceEqual(Sorted(here.KnownHosts));

    public static bool KeyLineRight(TrustNames names, string publicKey, TrustTarget there) =>
        TrustText.FindKeyLine(there.Keys, names.Source) == KeyLine(names, publicKey, there);

    /// <summary>
    /// The key in use is let in by the line of the one that was about to follow: a rotation was broken off.
    /// </summary>
    public static bool NextKeyLineRight(TrustNames names, string publicKey, TrustTarget there) =>
        TrustText.FindNextKeyLine(there.Keys, names.Source) == KeyLine(names, publicKey, there, next: true);

    /// <summary>The line that lets a key in, as this neighbour's sshd and rights want it.</summary>
    public static string KeyLine(TrustNames names, string publicKey, TrustTarget there, bool next = false) =>
        TrustText.KeyLine(
            names.Source,
            TrustRight.Of(names, there) ?? ReceiveRight.Sudo,
            publicKey,
            TrustText.KnowsRestrict(there.SshVersion),
            next);

    private static IEnumerable<string> Sorted(string text) =>
        text.Split(['\n'], StringSplitOptions.RemoveEmptyEntries).OrderBy(l => l, StringComparer.Ordinal);
}
