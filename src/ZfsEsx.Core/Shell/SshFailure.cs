namespace ZfsEsx.Shell;

/// <summary>Turns what the OpenSSH client says before it gives up into one of our failures. Pure.</summary>
internal static class SshFailure
{
    /// <summary>
    /// The failure behind ssh's last words. The texts are those of OpenSSH 7.6 to 10; they are not translated.
    /// </summary>
    public static ZfsEsxException Explain(SshOptions options, string words)
    {
        string name = options.DisplayName;
        bool Says(params string[] texts) => texts.Any(t => words.IndexOf(t, StringComparison.OrdinalIgnoreCase) >= 0);

        // What a jump host's ssh says comes first, and then that the way has ended.
        if (Says("UNKNOWN port 65535"))
        {
            return Jump(options, words);
        }

        // Before all others: it is followed by "Host key verification failed" too.
        if (Says("REMOTE HOST IDENTIFICATION HAS CHANGED", "has changed and you have requested strict checking",
            "POSSIBLE DNS SPOOFING"))
        {
            return options.HostKey is null ? Changed(name, words) : Mismatch(options, null);
        }

        if (Says("host key is known for", "Host key verification failed"))
        {
            return options.HostKey is not null
                ? Mismatch(options, null)
                : Fail(
                    "HostKeyUnknown", FailureKind.NotTrusted, name,
                    "The host key of " + name + " is not known here, so it cannot be told apart from an impostor.",
                    "Compare the key with the one shown on the console of the storage VM and pin it with -HostKey, "
                    + "or accept it this once with -AcceptHostKey.", words);
        }

        // Before "Permission denied", which follows it.
        if (Says("UNPROTECTED PRIVATE KEY FILE", "bad permissions"))
        {
            return Fail(
                "KeyFileUnprotected", FailureKind.PermissionDenied, name,
                "The private key " + (options.IdentityFile ?? "")
                    + " can be read by others; ssh does not use such a key.",
                "Let only yourself read it (chmod 600).", words);
        }

        if (Says("Permission denied", "Too many authentication failures", "No more authentication methods"))
        {
            string user = options.UserName ?? "the user";
            return options.Password is not null
                ? Fail(
                    "PasswordRefused", FailureKind.PermissionDenied, name,
                    name + " refuses the password of " + user + " (" + LastLine(words) + ").",
                    "Check user name and password. Many systems never let root log in with a password: use a key.",
                        words)
                : Fail(
                    "KeyRefused", FailureKind.PermissionDenied, name,
                    name + " accepts none of the keys offered for " + user + " (" + LastLine(words) + ").",
                    "Name the key with -KeyFile, and check that its public half is in the user's "
                        + "authorized_keys. A key with a passphrase must be in the ssh agent.", words);
        }

        if (Says("Could not resolve hostname"))
        {
            return Fail(
                "HostNameNotResolved", FailureKind.NotFound, name, "The name " + options.HostName
                    + " does not resolve on this machine.",
                "Check the spelling, or use the address.", words);
        }

        if (Says("Connection refused"))
        {
            return Fail(
                "ConnectionRefused", FailureKind.Connection, name,
                name + " is switched on and reachable, but no SSH server accepts connections at " + options
                    + (options.Port is null ? " (port 22, or that of ssh's configuration)." : "."),
                "Start the SSH server (sshd) on its console, or give the port that it has with -Port. A firewall that "
                    + "rejects connections looks the same.", words);
        }

        if (Says("timed out", "No route to host", "Network is unreachable", "Host is down", "timeout"))
        {
            return Unreachable(options, LastLine(words));
        }

        if (Says("no matching host key type", "no matching key exchange", "no matching cipher", "Unable to negotiate"))
        {
            return Fail(
                "SshNotCompatible", FailureKind.NotSupported, name,
                "The ssh server of " + name + " is too old for this client (" + LastLine(words) + ").",
                "Allow its algorithms for this one host in an ssh configuration file and name the file with "
                    + "-ConfigFile.", words);
        }

        if (Says("Bad configuration option", "Can't open user config file", "terminating, ", "keyword ",
            "Bad owner or permissions"))
        {
            return Fail(
                "SshConfigInvalid", FailureKind.InvalidArgument, name,
                "The OpenSSH client does not accept its configuration (" + LastLine(words) + ").",
                "Correct the file, or give another one with -ConfigFile.", words);
        }

        return Fail(
            "ConnectFailed", FailureKind.Connection, name,
            "No connection to " + name + " (" + options + "): "
                + (words.Trim().Length == 0 ? "ssh ended without a word" : LastLine(words)) + ".",
            "Try the same with ssh -v by hand.", words);
    }

    /// <summary>Nothing answers.</summary>
    public static ZfsEsxException Unreachable(SshOptions options, string detail) => Fail(
        "HostUnreachable", FailureKind.Connection, options.DisplayName, options.DisplayName + " (" + options
            + ") cannot be reached: " + detail + ".",
        "Check that the storage VM is powered on and that this machine has a way to its management network.", "");

    /// <summary>The connection stands, but no shell answers.</summary>
    public static ZfsEsxException NoShell(SshOptions options, string noise) => Fail(
        "NoRemoteShell", FailureKind.NotSupported, options.DisplayName,
        options.DisplayName + " lets " + (options.UserName ?? "the user") + " log in but runs no commands"
        + (noise.Trim().Length == 0 ? "." : ": " + LastLine(noise)),
        "Use a user with an ordinary login shell.", "");

    /// <summary>The machine shows another key than the pinned one.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="found">Its fingerprints, if they are known.</param>
    public static ZfsEsxException Mismatch(SshOptions options, string? found) => Fail(
        "HostKeyChanged", FailureKind.NotTrusted, options.DisplayName,
        options.DisplayName + " does not have the pinned host key " + Shorten(options.HostKey!)
        + (found is null ? "." : "; it has " + found + "."),
        "If the storage VM was installed anew, compare the key on its console and pin that. Otherwise do not log in: "
            + "another "
        + "machine may be answering.", "");

    private static ZfsEsxException Jump(SshOptions options, string words)
    {
        string said = words.Split('\n').Select(l => l.Trim()).LastOrDefault(
            l => l.Length > 0 && !l.StartsWith("kex_exchange", StringComparison.Ordinal)
                && !l.Contains("UNKNOWN port")
                && !l.StartsWith("stdio forwarding", StringComparison.Ordinal))?.TrimEnd('.') ?? "";
        return words.IndexOf("stdio forwarding failed", StringComparison.Ordinal) >= 0
            ? Unreachable(options, "the jump host says: " + said)
            : Fail(
                "JumpHostFailed", FailureKind.Connection, options.DisplayName,
                "The way to " + options.DisplayName + " through a jump host or ProxyCommand has ended"
                    + (said.Length == 0 ? "." : ": " + said + "."),
                "Go the way by hand once (ssh " + options.HostName + "): the jump host's key must be known, and "
                    + "logging in there must need no question.",
                words);
    }

    private static ZfsEsxException Changed(string name, string words)
    {
        string? offending = words.Split('\n').Select(l => l.Trim())
            .FirstOrDefault(l => l.StartsWith("Offending", StringComparison.Ordinal));
        return Fail(
            "HostKeyChanged", FailureKind.NotTrusted, name,
            "The host key of " + name + " is not the one that is known for it"
            + (offending is null ? "." : " (" + offending.Split([" key in "], StringSplitOptions.None).Last() + ")."),
            "If the storage VM was installed anew, remove the old key with ssh-keygen -R and connect again. Otherwise "
                + "do not log in: "
            + "another machine may be answering.", words);
    }

    private static string Shorten(string key) => key.Length <= 60 ? key : key.Substring(0, 57) + "...";

    private static string LastLine(string words) =>
        words.Split('\n').Select(l => l.Trim()).LastOrDefault(l => l.Length > 0)?.TrimEnd('.') ?? "";

    private static ZfsEsxException Fail(
        string id, FailureKind kind, string name, string message, string advice, string words) =>
        new(id, kind, name, message, advice, words.Trim().Length == 0 ? null
            : new InvalidOperationException(words.Trim()));
}
