using System.Text;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>How the account on the neighbour gets the right to receive.</summary>
internal enum ReceiveRight
{
    /// <summary>It is root.</summary>
    Root,

    /// <summary>A file of its own in sudoers.d: one user, one command with its arguments.</summary>
    Sudo,

    /// <summary>A line in doas.conf: the same.</summary>
    Doas,

    /// <summary>A rights profile with one command; pfexec knows no arguments, the forced command has them.</summary>
    Pfexec,
}

/// <summary>The rule that lets the account receive, and nothing else.</summary>
internal static class TrustRight
{
    private const string DoasConf = "/etc/doas.conf";

    // Checked by doas itself before it takes the place of the one in use.
    private const string DoasScript =
        """
        umask 077
        new=$(mktemp "$1.XXXXXXXX") || exit 1
        if cat >"$new" && doas -C "$new" && chown 0:0 "$new" && chmod 0400 "$new" && mv -f "$new" "$1"; then exit 0; fi
        rm -f "$new"
        exit 1
        """;

    private const string SudoScript =
        """
        umask 077
        mkdir -p /etc/zfsesx /etc/sudoers.d || exit 1
        new=$(mktemp /etc/zfsesx/.sudo.XXXXXXXX) || exit 1
        if cat >"$new" && visudo -cqf "$new" && chown 0:0 "$new" && chmod 0440 "$new" && mv -f "$new" "$1"; then exit 0; fi
        rm -f "$new"
        exit 1
        """;

    /// <summary>The way that there is; null without one.</summary>
    public static ReceiveRight? Of(TrustNames names, TrustTarget there) =>
        names.Root ? ReceiveRight.Root
        : there.Ways.Contains("SUDO") ? ReceiveRight.Sudo
        : there.Ways.Contains("DOAS") ? ReceiveRight.Doas
        : there.Ways.Contains("PFEXEC") ? ReceiveRight.Pfexec : null;

    /// <summary>Whether the rule is there, exactly as it shall be.</summary>
    public static bool IsThere(TrustNames names, TrustTarget there) => Of(names, there) switch
    {
        ReceiveRight.Root => true,
        ReceiveRight.Sudo => HostFiles.Differing(
            there.Files,
            [WantedFile.Text(TrustText.SudoPath(names.Source), TrustText.SudoRule(names.User, names.Source), "0440")])
            .Count == 0,
        ReceiveRight.Doas => TrustText.SetDoasRule(there.DoasConf, names.User, names.Source) == there.DoasConf,
        ReceiveRight.Pfexec => there.HasProfile,
        _ => false,
    };

    /// <summary>The change that makes it.</summary>
    public static Change Make(ZfsHost target, TrustNames names, TrustTarget there)
    {
        ReceiveRight right = Of(names, there) ?? ReceiveRight.Sudo;
        string where = right switch
        {
            ReceiveRight.Doas => DoasConf,
            ReceiveRight.Pfexec => "rights profile " + TrustText.Profile,
            _ => TrustText.SudoPath(names.Source),
        };
        return new Change(
            target.Name,
            "Allow " + names.User + " to receive replicas of " + names.Source + " (" + where + ")",
            (_, ct) => right switch
            {
                ReceiveRight.Doas => WriteDoasAsync(
                    target, TrustText.SetDoasRule(there.DoasConf, names.User, names.Source), ct),
                ReceiveRight.Pfexec => CheckAsync(
                    target,
                    new RemoteCommand("sh", "-c", Resource.Text("profile.sh"), "sh", "", names.User, TrustText.Profile),
                    "The rights profile for " + names.User + " cannot be made",
                    ct),
                _ => CheckAsync(
                    target,
                    new RemoteCommand("sh", "-c", SudoScript, "sh", TrustText.SudoPath(names.Source))
                    {
                        Input = Encoding.UTF8.GetBytes(TrustText.SudoRule(names.User, names.Source)),
                    },
                    "The sudo rule for " + names.User + " was not accepted",
                    ct),
            });
    }

    /// <summary>The changes that take it away. A rights profile stays: it is one for all sources.</summary>
    public static IEnumerable<Change> Remove(ZfsHost target, TrustNames names, TrustTarget there)
    {
        string sudo = TrustText.SudoPath(names.Source);
        if (there.Files.Any(f => f.Path == sudo && f.Hash is not null))
        {
            yield return new Change(
                target.Name,
                "Remove the sudo rule " + sudo,
                (_, ct) => CheckAsync(target, new RemoteCommand("rm", "-f", sudo), sudo + " cannot be removed", ct));
        }

        string without = TrustText.RemoveDoasRule(there.DoasConf, names.User, names.Source);
        if (without != there.DoasConf)
        {
            yield return new Change(
                target.Name,
                "Remove the rule for " + names.User + " and " + names.Source + " from " + DoasConf,
                (_, ct) => WriteDoasAsync(target, without, ct));
        }
    }

    private static Task<CommandResult> WriteDoasAsync(ZfsHost target, string text, CancellationToken ct) => CheckAsync(
        target,
        new RemoteCommand("sh", "-c", DoasScript, "sh", DoasConf) { Input = Encoding.UTF8.GetBytes(text) },
        DoasConf + " was not accepted",
        ct);

    private static Task<CommandResult> CheckAsync(
        ZfsHost target, RemoteCommand command, string what, CancellationToken ct) =>
        target.CheckAsync(command, "RightRefused", target.Name, what, null, ct);
}
