namespace ZfsEsx.Replication;

/// <summary>
/// The texts of a trust: the line that lets the source in, the pinned host keys, the sudo rule. Pure.
/// </summary>
internal static class TrustText
{
    /// <summary>The rights profile of the Solaris systems that lets an account receive.</summary>
    public const string Profile = "ZfsEsx Receive";

    /// <summary>What the key of a source may run on its neighbour, and nothing else.</summary>
    public static string ForcedCommand(string source, ReceiveRight right)
    {
        string rise = right switch
        {
            ReceiveRight.Sudo => "sudo -n ",
            ReceiveRight.Doas => "doas -n ",
            ReceiveRight.Pfexec => "pfexec ",
            _ => "",
        };
        return rise + AgentFiles.Folder + "/agent.sh serve " + source;
    }

    /// <summary>
    /// The line of authorized_keys; <paramref name="next"/> is a key that is about to follow. <c>restrict</c> came with
    /// OpenSSH 7.2; older ones need each restriction by name.
    /// </summary>
    public static string KeyLine(
        string source, ReceiveRight right, string publicKey, bool knowsRestrict, bool next = false)
    {
        string[] words = publicKey.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || !words[0].All(IsKeyChar) || !words[1].All(IsKeyChar))
        {
            throw new ZfsEsxException(
                "BadPublicKey",
                FailureKind.Failed,
                source,
                source + " answered with something that is no public key.",
                "Look at " + EdgeConfig.Folder + "/keys on " + source
                    + "; remove the key pair there to have a new one made.");
        }

        string limits = knowsRestrict
            ? "restrict"
            : "no-pty,no-port-forwarding,no-X11-forwarding,no-agent-forwarding,no-user-rc";
        return limits + ",command=\"" + ForcedCommand(source, right) + "\" " + words[0] + " " + words[1] + " "
            + (next ? NextMark(source) : Mark(source));
    }

    /// <summary>authorized_keys with exactly this line for the source; other lines stay as they are.</summary>
    public static string SetKeyLine(string file, string source, string line) =>
        Join([.. Lines(RemoveKeyLine(file, source)), line]);

    /// <summary>authorized_keys with this line for the source's next key beside the one in use.</summary>
    public static string AddNextKeyLine(string file, string source, string line) =>
        Join([.. Lines(file).Where(l => !IsMarked(l, NextMark(source))), line]);

    /// <summary>authorized_keys without our lines for the source.</summary>
    public static string RemoveKeyLine(string file, string source) =>
        Join([.. Lines(file).Where(l => !IsMarked(l, Mark(source)) && !IsMarked(l, NextMark(source)))]);

    /// <summary>Our line for the source, or null.</summary>
    public static string? FindKeyLine(string file, string source) =>
        Lines(file).LastOrDefault(l => IsMarked(l, Mark(source)));

    /// <summary>Our line for the source's next key, or null.</summary>
    public static string? FindNextKeyLine(string file, string source) =>
        Lines(file).LastOrDefault(l => IsMarked(l, NextMark(source)));

    /// <summary>Under which name the neighbour's host keys are pinned: not its address, which may change.</summary>
    public static string HostAlias(string neighbour) => "zfsesx-" + neighbour;

    /// <summary>known_hosts with exactly these keys for the neighbour; other lines stay as they are.</summary>
    public static string SetHostKeys(string file, string neighbour, IEnumerable<string> publicKeys)
    {
        IEnumerable<string> pinned = publicKeys
            .Select(k => k.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length >= 2 && w[0].All(IsKeyChar) && w[1].All(IsKeyChar))
            .Select(w => HostAlias(neighbour) + " " + w[0] + " " + w[1])
            .OrderBy(l => l, StringComparer.Ordinal);
        return Join([.. Lines(RemoveHostKeys(file, neighbour)), .. pinned]);
    }

    /// <summary>known_hosts without the neighbour's keys.</summary>
    public static string RemoveHostKeys(string file, string neighbour) =>
        Join([.. Lines(file).Where(l => !l.StartsWith(HostAlias(neighbour) + " ", StringComparison.Ordinal))]);

    public static string SudoPath(string source) => "/etc/sudoers.d/zfsesx-" + SudoFileName(source);

    /// <summary>
    /// The sudo rule: one user, one command with its argument, no password. sudo must not put a terminal between: the
    /// stream goes through its standard input.
    /// </summary>
    public static string SudoRule(string user, string source) =>
        "# ZfsEsx: " + user + " may receive the replication of " + source + ", and nothing else\n"
        + "Defaults!" + AgentFiles.Folder + "/agent.sh !use_pty, !requiretty\n"
        + user + " ALL=(root) NOPASSWD: " + AgentFiles.Folder + "/agent.sh serve " + source + "\n";

    /// <summary>
    /// doas.conf with the rule for this account and source as its last: the last rule that fits counts.
    /// </summary>
    public static string SetDoasRule(string file, string user, string source) =>
        Lines(file).LastOrDefault(l => l.Trim().Length > 0) == DoasRule(user, source)
            ? file : Join([.. Lines(RemoveDoasRule(file, user, source)), DoasRule(user, source)]);

    /// <summary>doas.conf without that rule; other lines stay as they are.</summary>
    public static string RemoveDoasRule(string file, string user, string source) =>
        Lines(file).Contains(DoasRule(user, source))
            ? Join([.. Lines(file).Where(l => l != DoasRule(user, source))])
            : file;

    private static string DoasRule(string user, string source) =>
        "permit nopass " + user + " as root cmd " + AgentFiles.Folder + "/agent.sh args serve " + source;

    /// <summary>True when this sshd knows <c>restrict</c>; said by <c>ssh -V</c> or the server's greeting.</summary>
    public static bool KnowsRestrict(string version)
    {
        int at = version.IndexOf("OpenSSH_", StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }

        string[] parts = version.Substring(at + 8).Split(['.', 'p', ' ', ',', '-', '_'], 3);
        return parts.Length >= 2 && int.TryParse(parts[0], out int major) && int.TryParse(parts[1], out int minor)
            && (major > 7 || (major == 7 && minor >= 2));
    }

    // sudo skips files in sudoers.d whose names have a dot.
    private static string SudoFileName(string source) => source.Replace('.', '_');

    private static string Mark(string source) => "zfsesx:" + source;

    // No name of a storage VM has a colon.
    private static string NextMark(string source) => Mark(source) + ":next";

    private static bool IsMarked(string line, string mark) =>
        !line.StartsWith("#", StringComparison.Ordinal)
        && line.TrimEnd().EndsWith(" " + mark, StringComparison.Ordinal);

    private static bool IsKeyChar(char c) =>
        c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9')
            or '+' or '/' or '=' or '-' or '@' or '.';

    private static string[] Lines(string file) =>
        file.Length == 0
            ? []
            : (file.EndsWith("\n", StringComparison.Ordinal) ? file.Substring(0, file.Length - 1) : file).Split('\n');

    private static string Join(IReadOnlyCollection<string> lines) =>
        lines.Count == 0 ? "" : string.Join("\n", lines) + "\n";
}
