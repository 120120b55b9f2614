using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>The sending side of a trust as it is.</summary>
internal sealed record TrustSource(
    string? PublicKey, string? Fingerprint, string KeyMode, string KnownHosts, IReadOnlyList<FoundFile> Files)
{
    private const string Script = HostFiles.FoundFunction +
        """
        key=/etc/zfsesx/keys/$1
        shift
        if [ -f "$key" ]; then
          printf 'KEY\t%s\n' "$(ssh-keygen -y -P '' -f "$key" 2>/dev/null)"
          printf 'PRINT\t%s\n' "$(ssh-keygen -l -f "$key" 2>/dev/null | awk '{ print $2 }')"
          printf 'MODE\t%s\n' "$(ls -ld "$key" | awk '{ print $1 "," $3 }')"
        fi
        [ ! -f "$key.new" ] || printf 'NEXT\t%s\n' "$(ssh-keygen -y -P '' -f "$key.new" 2>/dev/null)"
        [ ! -f /etc/zfsesx/known_hosts ] || awk '{ print "KNOWN\t" $0 }' /etc/zfsesx/known_hosts
        found "$@"
        exit 0
        """;

    /// <summary>The public key that is about to follow; null when no change of keys is under way.</summary>
    public string? NextKey { get; init; }

    /// <summary>The key is root's and nobody else can read it; ssh refuses to use it otherwise.</summary>
    public bool KeyPrivate =>
        KeyMode.StartsWith("-rw-------", StringComparison.Ordinal)
        && KeyMode.EndsWith(",root", StringComparison.Ordinal);

    public static async Task<TrustSource> ReadAsync(ZfsHost host, TrustNames names, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Script, [names.Neighbour, .. AgentFiles.Paths]),
            "TrustUnreadable",
            host.Name,
            "The key of " + host.Name + " for " + names.Neighbour + " cannot be read",
            null,
            ct).ConfigureAwait(false);
        return Parse(answer.Lines);
    }

    internal static TrustSource Parse(string[] lines)
    {
        ILookup<string, string> by = TrustTarget.ByWord(lines);
        return new TrustSource(
            by["KEY"].FirstOrDefault(k => k.Length > 0),
            by["PRINT"].FirstOrDefault(k => k.Length > 0),
            by["MODE"].FirstOrDefault() ?? "",
            string.Concat(by["KNOWN"].Select(l => l + "\n")),
            HostFiles.Parse(lines))
        {
            NextKey = by["NEXT"].FirstOrDefault(k => k.Length > 0),
        };
    }
}

/// <summary>The receiving side of a trust as it is.</summary>
/// <param name="User">The account's line of the user database, split at colons; empty when there is none.</param>
/// <param name="KeysFile">The file in which sshd looks for the account's keys; null when it looks nowhere.</param>
/// <param name="Keys">What is in it.</param>
/// <param name="HostKeys">The public host keys of the running configuration.</param>
/// <param name="SshVersion">As <c>ssh -V</c> says.</param>
/// <param name="Ways">Programs that can make root of it: SUDO (with visudo), DOAS, PFEXEC.</param>
/// <param name="Files">The agent's files and the sudo rule.</param>
internal sealed record TrustTarget(
    IReadOnlyList<string> User,
    string? KeysFile,
    string Keys,
    IReadOnlyList<string> HostKeys,
    string SshVersion,
    IReadOnlyCollection<string> Ways,
    IReadOnlyList<FoundFile> Files)
{
    private static readonly string[] s_ways = ["SUDO", "DOAS", "PFEXEC"];

    // sshd -T tells the effective configuration; where it does not answer, the defaults of OpenSSH count.
    internal const string Script = HostFiles.FoundFunction +
        """
        user=$1
        shift
        entry=$(getent passwd "$user" 2>/dev/null || awk -F: -v u="$user" '$1 == u' /etc/passwd)
        printf 'USER\t%s\n' "$entry"
        home=$(printf '%s\n' "$entry" | awk -F: '{ print $6 }')
        sshd=$(command -v sshd || echo /usr/sbin/sshd)
        conf=$("$sshd" -T -C "user=$user,host=localhost,addr=127.0.0.1" 2>/dev/null || "$sshd" -T 2>/dev/null)
        keys=$(printf '%s\n' "$conf" | awk -v u="$user" -v h="${home:-/home/$user}" '$1 == "authorizedkeysfile" {
          k = $2; gsub(/%h/, h, k); gsub(/%u/, u, k); gsub(/%%/, "%", k); print k }')
        keys=${keys:-.ssh/authorized_keys}
        case $keys in none) keys= ;; /*) ;; *) keys=${home:-/home/$user}/$keys ;; esac
        printf 'KEYSFILE\t%s\n' "$keys"
        [ ! -f "$keys" ] || awk '{ print "AUTH\t" $0 }' "$keys"
        hostkeys=$(printf '%s\n' "$conf" | awk '$1 == "hostkey" { print $2 }')
        for key in ${hostkeys:-/etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key}; do
          [ ! -f "$key.pub" ] || awk '{ print "HOSTKEY\t" $1 " " $2 }' "$key.pub"
        done
        printf 'SSH\t%s\n' "$(ssh -V 2>&1)"
        command -v sudo >/dev/null && command -v visudo >/dev/null && echo SUDO
        if command -v doas >/dev/null; then
          echo DOAS
          [ ! -f /etc/doas.conf ] || awk '{ print "DOASLINE\t" $0 }' /etc/doas.conf
        fi
        if command -v pfexec >/dev/null && [ -f /etc/security/exec_attr ]; then
          echo PFEXEC
          grep '^ZfsEsx Receive:' /etc/security/exec_attr >/dev/null &&
            awk -F: -v u="$user" '$1 == u && $NF ~ /ZfsEsx Receive/ { print "PROFILE" }' /etc/user_attr
        fi
        found "$@"
        exit 0
        """;

    /// <summary>What is in doas.conf.</summary>
    public string DoasConf { get; init; } = "";

    /// <summary>The account has the rights profile.</summary>
    public bool HasProfile { get; init; }

    public bool UserExists => User.Count >= 7;

    public string Group => User[3];

    public static async Task<TrustTarget> ReadAsync(ZfsHost host, TrustNames names, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Script, [names.User, TrustText.SudoPath(names.Source), .. AgentFiles.Paths]),
            "TrustUnreadable",
            host.Name,
            "The account " + names.User + " on " + host.Name + " cannot be read",
            null,
            ct).ConfigureAwait(false);
        return Parse(answer.Lines);
    }

    internal static TrustTarget Parse(string[] lines)
    {
        ILookup<string, string> by = ByWord(lines);
        string entry = by["USER"].FirstOrDefault() ?? "";
        return new TrustTarget(
            entry.Length == 0 ? [] : entry.Split(':'),
            by["KEYSFILE"].FirstOrDefault(f => f.Length > 0),
            string.Concat(by["AUTH"].Select(l => l + "\n")),
            [.. by["HOSTKEY"].Distinct()],
            by["SSH"].FirstOrDefault() ?? "",
            [.. s_ways.Where(by.Contains)],
            HostFiles.Parse(lines))
        {
            DoasConf = string.Concat(by["DOASLINE"].Select(l => l + "\n")),
            HasProfile = by.Contains("PROFILE"),
        };
    }

    internal static ILookup<string, string> ByWord(string[] lines) =>
        lines.ToLookup(l => l.Split('\t')[0], l => l.Substring(l.IndexOf('\t') + 1));
}
