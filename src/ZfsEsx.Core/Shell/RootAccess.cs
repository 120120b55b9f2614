using System.Security;

namespace ZfsEsx.Shell;

/// <summary>
/// A way from a user's shell to one of root's: a program in front of the shell. Printing one shows no password.
/// </summary>
public sealed class RootAccess
{
    private readonly string[] _words;

    private RootAccess(string[] words) => _words = words;

    /// <summary><c>doas</c>, which asks nothing.</summary>
    public static RootAccess Doas { get; } = new(["doas", "-n", "--"]);

    /// <summary><c>pfexec</c> of Solaris systems.</summary>
    public static RootAccess Pfexec { get; } = new(["pfexec"]);

    /// <summary>The password that the program asks for; null when it asks for none.</summary>
    internal SecureString? Password { get; private init; }

    /// <summary>The program.</summary>
    internal string Program => _words[0];

    /// <summary><c>sudo</c>, with the user's password where it asks for one.</summary>
    public static RootAccess Sudo(SecureString? password) => new(["sudo", "-H", "--"]) { Password = password };

    /// <summary>What stands in front of the shell. A password is read from standard input, after this prompt.</summary>
    internal IEnumerable<string> Words(string prompt) => Program != "sudo" ? _words
        : Password is null ? ["sudo", "-n", .. _words.Skip(1)]
        : ["sudo", "-S", "-p", prompt, .. _words.Skip(1)];

    /// <inheritdoc/>
    public override string ToString() => Program;
}
