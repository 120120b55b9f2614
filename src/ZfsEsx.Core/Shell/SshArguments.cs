using System.Globalization;

namespace ZfsEsx.Shell;

/// <summary>The arguments of the OpenSSH client. Pure.</summary>
internal static class SshArguments
{
    /// <summary>Refuses what ssh would take for an option or what no name can contain.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidSshOption</c>.</exception>
    public static void Check(SshOptions options)
    {
        if (options.DisplayName.Length == 0 || options.DisplayName.Any(char.IsControl))
        {
            throw Invalid(options, "A storage VM's name has at least one character, and no control characters.",
                "Give another -Name.");
        }

        CheckName(options.HostName, "host name", options);
        if (options.UserName is not null)
        {
            CheckName(options.UserName, "user name", options);
        }

        if (options.Port is < 1 or > 65535)
        {
            throw Invalid(options, "There is no port " + options.Port + ".",
                "Give -Port from 1 to 65535; ssh servers usually have 22.");
        }

        if (options.HostKey is not null && options.AcceptHostKey)
        {
            throw Invalid(options,
                "A host key is pinned, and an unknown host key shall be accepted: only one of them can be meant.",
                "Leave -AcceptHostKey out.");
        }

        foreach (string? path in new[] { options.IdentityFile, options.ConfigFile, options.KnownHostsFile })
        {
            // ssh puts the environment's values in place of ${NAME}, and nothing takes that meaning away.
            if (path is not null && (path.Any(c => char.IsControl(c) || c == '"') || path.Contains("${")))
            {
                throw Invalid(options, "The path " + ShellQuote.Readable(path)
                    + " has characters that OpenSSH options cannot carry.",
                    "Copy or link the file to a path without double quotes, ${ and control characters.");
            }
        }
    }

    /// <summary>All arguments, the remote command included.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="pinnedKnownHosts">
    /// A known_hosts file with the pinned key under <paramref name="alias"/>, or null.
    /// </param>
    /// <param name="alias">The name to look the host key up by when it is pinned.</param>
    public static IReadOnlyList<string> Build(SshOptions options, string? pinnedKnownHosts, string? alias)
    {
        List<string> words = ["-T", "-x", "-a"];
        AddMachine(words, options);
        if (options.UserName is not null)
        {
            words.AddRange(["-l", options.UserName]);
        }

        if (options.IdentityFile is not null)
        {
            Option(words, "IdentityFile=" + PathValue(options.IdentityFile)); // -i cannot carry a percent sign
            Option(words, "IdentitiesOnly=yes");
        }

        Option(words, "ServerAliveInterval=15");
        Option(words, "ServerAliveCountMax=3");
        Option(words, "LogLevel=INFO");
        if (options.Password is null)
        {
            Option(words, "BatchMode=yes");
        }
        else
        {
            // Whatever the user's configuration says for logins without a password.
            Option(words, "BatchMode=no");
            Option(words, "PasswordAuthentication=yes");
            Option(words, "KbdInteractiveAuthentication=yes");
            Option(words, "NumberOfPasswordPrompts=1");
            Option(words, "PreferredAuthentications=" + (options.IdentityFile is null ? "" : "publickey,")
                + "password,keyboard-interactive");
        }

        Option(words, "StrictHostKeyChecking=" + (options.AcceptHostKey ? "accept-new" : "yes"));
        if (pinnedKnownHosts is not null)
        {
            AddPinned(words, pinnedKnownHosts, alias!);
        }
        else if (options.KnownHostsFile is not null)
        {
            Option(words, "UserKnownHostsFile=" + PathValue(options.KnownHostsFile));
            Option(words, "GlobalKnownHostsFile=none");
        }

        if (pinnedKnownHosts is null && options.HostKeyAlias is string known)
        {
            Option(words, "HostKeyAlias=" + known);
        }

        words.AddRange(["--", options.HostName, FrameText.LoginCommand]);
        return words;
    }

    /// <summary>A login attempt that sends no credential and writes the machine's host key to a file.</summary>
    public static IReadOnlyList<string> BuildFetchKey(
        SshOptions options, string knownHosts, string alias, string algorithms)
    {
        List<string> words = ["-T", "-x", "-a"];
        AddMachine(words, options);
        Option(words, "BatchMode=yes");
        Option(words, "PreferredAuthentications=none");
        Option(words, "StrictHostKeyChecking=accept-new");
        Option(words, "HashKnownHosts=no");
        Option(words, "HostKeyAlgorithms=" + algorithms);
        AddPinned(words, knownHosts, alias);
        words.AddRange(["--", options.HostName, "exit"]);
        return words;
    }

    /// <summary>Asks ssh for what its configuration says of the machine; nothing is connected to.</summary>
    public static IReadOnlyList<string> BuildConfig(SshOptions options)
    {
        List<string> words = [];
        AddMachine(words, options);
        if (options.UserName is not null)
        {
            words.AddRange(["-l", options.UserName]);
        }

        words.AddRange(["-G", "--", options.HostName]);
        return words;
    }

    private static void AddMachine(List<string> words, SshOptions options)
    {
        if (options.ConfigFile is not null)
        {
            words.AddRange(["-F", options.ConfigFile]);
        }

        if (options.Port is int port)
        {
            words.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        }

        if (options.Address is not null)
        {
            Option(words, "HostName=" + options.Address);
        }

        Option(words, "ConnectTimeout="
            + Math.Max(1, (int)options.ConnectTimeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        // One process per connection, whatever the user's configuration says about sharing.
        Option(words, "ControlMaster=no");
        Option(words, "ControlPath=none");
        Option(words, "ClearAllForwardings=yes");
        Option(words, "PermitLocalCommand=no");
        Option(words, "RemoteCommand=none");
        Option(words, "UpdateHostKeys=no");
    }

    private static void AddPinned(List<string> words, string knownHosts, string alias)
    {
        Option(words, "UserKnownHostsFile=" + PathValue(knownHosts));
        Option(words, "GlobalKnownHostsFile=none");
        Option(words, "KnownHostsCommand=none");
        Option(words, "HostKeyAlias=" + alias);
        Option(words, "CheckHostIP=no");
    }

    // Options are read as lines of a configuration file: blanks separate, % introduces a token.
    private static string PathValue(string path) => "\"" + path.Replace("%", "%%") + "\"";

    private static void Option(List<string> words, string option) => words.AddRange(["-o", option]);

    private static void CheckName(string name, string what, SshOptions options)
    {
        if (name.Length == 0 || name[0] == '-'
            || name.Any(c => c <= ' ' || c == '\u007f' || "'`\";&<>|(){}$\\".IndexOf(c) >= 0))
        {
            throw Invalid(options, ShellQuote.Readable(name) + " is not a " + what + ".",
                "Letters, digits and some signs are allowed, no sign first: uss1.example.com, 10.0.0.21, root.");
        }
    }

    private static ZfsEsxException Invalid(SshOptions options, string message, string advice) =>
        new("InvalidSshOption", FailureKind.InvalidArgument, options.DisplayName, message, advice);
}
