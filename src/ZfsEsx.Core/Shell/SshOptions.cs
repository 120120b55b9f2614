using System.Security;

namespace ZfsEsx.Shell;

/// <summary>How to reach a machine with the system's OpenSSH client. Printing one never shows the password.</summary>
public sealed record SshOptions
{
    /// <summary>Name or address of the machine, or a <c>Host</c> alias of the client's configuration.</summary>
    public required string HostName { get; init; }

    /// <summary>What messages call the machine; <see cref="HostName"/> when null.</summary>
    public string? Name { get; init; }

    /// <summary>TCP port; the client's own default (configuration, else 22) when null.</summary>
    public int? Port { get; init; }

    /// <summary>User on the other machine; the client's own default when null.</summary>
    public string? UserName { get; init; }

    /// <summary>Private key file; the client's own choice (agent, default keys) when null.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>Client configuration file instead of the user's own (<c>ssh -F</c>).</summary>
    public string? ConfigFile { get; init; }

    /// <summary>
    /// The machine's host key, pinned: a fingerprint as <c>ssh-keygen -lf</c> prints it (<c>SHA256:…</c>) or a public
    /// key
    /// line (<c>ssh-ed25519 AAAA…</c>). Only this key is accepted, whatever known_hosts says.
    /// </summary>
    public string? HostKey { get; init; }

    /// <summary>
    /// Accepts the key of a machine seen for the first time and remembers it; a changed key is still refused.
    /// </summary>
    public bool AcceptHostKey { get; init; }

    /// <summary>known_hosts file instead of the user's own.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>
    /// Password for the other machine; keys are used when null. Handed to ssh through its askpass mechanism only.
    /// </summary>
    public SecureString? Password { get; init; }

    /// <summary>The ssh program.</summary>
    public string Executable { get; init; } = "ssh";

    /// <summary>
    /// Where to find it instead of what the configuration says for <see cref="HostName"/>, which stays the name that
    /// user, key and jump host are looked up by.
    /// </summary>
    internal string? Address { get; init; }

    /// <summary>The name that known_hosts has the machine by, when it is not its present address.</summary>
    internal string? HostKeyAlias { get; init; }

    /// <summary>How long reaching the machine and logging in may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What messages call the machine.</summary>
    internal string DisplayName => Name ?? HostName;

    /// <summary>The text as a SecureString, for callers that have a plain one.</summary>
    public static SecureString Secure(string text)
    {
        SecureString secure = new();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        secure.MakeReadOnly();
        return secure;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        (UserName is null ? "" : UserName + "@") + (Address ?? HostName) + (Port is int port ? ":" + port : "");
}
