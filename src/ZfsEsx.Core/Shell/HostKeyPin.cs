using System.Security.Cryptography;
using System.Text;

namespace ZfsEsx.Shell;

/// <summary>
/// A pinned host key as a known_hosts file of one line, which ssh then checks the machine against. For a fingerprint
/// the
/// line is first fetched from the machine; that fetch needs no trust, because ssh proves the key's possession against
/// exactly this line afterwards.
/// </summary>
internal static class HostKeyPin
{
    /// <summary>The name that the key has in the file.</summary>
    public const string Alias = "zfsesx-pinned";

    private static readonly string[] s_types =
    [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-dss",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    private static readonly string[] s_algorithms =
    [
        "ssh-ed25519", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
            "rsa-sha2-512,rsa-sha2-256,ssh-rsa",
    ];

    /// <summary>Makes the line, asking the machine for its keys when only a fingerprint is known.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidHostKey</c>, <c>HostKeyChanged</c>, and those of an unreachable machine.
    /// </exception>
    public static async Task<string> LineAsync(SshOptions options, CancellationToken ct)
    {
        string pin = options.HostKey!.Trim();
        if (!pin.StartsWith("SHA256:", StringComparison.Ordinal))
        {
            return Alias + " " + (KeyOf(pin) ?? throw Invalid(options));
        }

        string wanted = pin.TrimEnd('=');
        if (wanted.Length != "SHA256:".Length + 43)
        {
            throw Invalid(options);
        }

        IReadOnlyList<string> keys = await FetchAsync(options, wanted, ct).ConfigureAwait(false);
        return keys.FirstOrDefault(k => Fingerprint(k) == wanted) is string key
            ? Alias + " " + key
            : throw SshFailure.Mismatch(
                options, string.Join(" and ", keys.Select(k => k.Split(' ')[0] + " " + Fingerprint(k))));
    }

    /// <summary>Type and key of a public key line or known_hosts line, or null.</summary>
    public static string? KeyOf(string line)
    {
        string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i + 1 < words.Length; i++)
        {
            if (s_types.Contains(words[i]) && Decode(words[i + 1]) is not null)
            {
                return words[i] + " " + words[i + 1];
            }
        }

        return null;
    }

    /// <summary>Fingerprint of "type base64", as ssh-keygen -l prints it.</summary>
    public static string Fingerprint(string key)
    {
        byte[] blob = Decode(key.Split(' ')[1]) ?? [];
        using SHA256 sha = SHA256.Create();
        return "SHA256:" + Convert.ToBase64String(sha.ComputeHash(blob)).TrimEnd('=');
    }

    private static byte[]? Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// The machine's keys, one login attempt without any credential per kind of key until the wanted one is there. ssh
    /// itself fetches them: ssh-keyscan knows no jump hosts, and hangs on servers that lack one of the kinds.
    /// </summary>
    private static async Task<IReadOnlyList<string>> FetchAsync(SshOptions options, string wanted, CancellationToken ct)
    {
        string directory = await PrivateDirectory.CreateAsync("hostkey", ct).ConfigureAwait(false);
        try
        {
            string file = Path.Combine(directory, "known_hosts");
            List<string> keys = [];
            foreach (string algorithms in s_algorithms)
            {
                (_, _, string words) = await LocalProcess.RunAsync(
                    options.Executable,
                    SshArguments.BuildFetchKey(options, file, Alias, algorithms),
                    options.ConnectTimeout + TimeSpan.FromSeconds(5),
                    ct).ConfigureAwait(false);
                string? key = File.Exists(file) ? KeyOf(File.ReadAllText(file)) : null;
                File.Delete(file);
                if (key is not null)
                {
                    keys.Add(key);
                    if (Fingerprint(key) == wanted)
                    {
                        break;
                    }
                }
                else if (words.IndexOf("no matching host key type", StringComparison.Ordinal) < 0)
                {
                    throw SshFailure.Explain(options, words);
                }
            }

            return keys;
        }
        finally
        {
            PrivateDirectory.Delete(directory);
        }
    }

    private static ZfsEsxException Invalid(SshOptions options) => new(
        "InvalidHostKey", FailureKind.InvalidArgument, options.DisplayName,
        ShellQuote.Readable(options.HostKey!)
            + " is neither a fingerprint (SHA256:…) nor a public host key (ssh-ed25519 AAAA…).",
        "Take it from ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the storage VM's console.");
}
