namespace ZfsEsx.Shell;

/// <summary>Turns what sudo, doas and pfexec say into one of our failures. Pure.</summary>
internal static class SudoFailure
{
    /// <summary>How often a text is in another.</summary>
    public static int Count(string words, string text) => words.Split([text], StringSplitOptions.None).Length - 1;

    /// <summary>The failure behind the last words; they are those of sudo 1.8 and 1.9, untranslated.</summary>
    public static ZfsEsxException Explain(SshOptions options, RootAccess access, string words, string prompt)
    {
        string user = options.UserName ?? "the user";
        string name = options.DisplayName;
        if (Count(words, prompt) > 1 || words.IndexOf("incorrect password", StringComparison.Ordinal) >= 0)
        {
            return new ZfsEsxException(
                "SudoPasswordRefused", FailureKind.PermissionDenied, name,
                "sudo on " + name + " does not take the password given for " + user + ".",
                "Give the password that sudo asks " + user + " for with -SudoCredential.");
        }

        string said =
            words.Replace(prompt, "\n").Split('\n').Select(l => l.Trim()).LastOrDefault(l => l.Length > 0) ?? "";
        return new ZfsEsxException(
            "ElevationRefused", FailureKind.PermissionDenied, name,
            access + " on " + name + " gives " + user + " no shell of root's"
                + (said.Length == 0 ? "." : ": " + said.TrimEnd('.') + "."),
            said.IndexOf("must have a tty", StringComparison.Ordinal) >= 0
                ? "Add a rule there (visudo): Defaults:" + user + " !requiretty"
                : "Log in as root, or allow " + user + " all commands.");
    }
}
