using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace ZfsEsx.Shell;

/// <summary>
/// A pinned host key as a known_hosts file of one line, which ssh then checks the machine against. For a fingerprint the
/// line is first fetched with ssh-keyscan; that fetch needs no trust, because ssh proves the key's possession against
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

    /// <summary>Makes the line, asking the machine for its keys when only a fingerprint is known.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidHostKey</c>, <c>HostKeyChanged</c>, and those of an unreachable machine.</exception>
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

        IReadOnlyList<string> keys = await ScanAsync(options, ct).ConfigureAwait(false);
        return keys.FirstOrDefault(k => Fingerprint(k) == wanted) is string key
            ? Alias + " " + key
            : throw SshFailure.Mismatch(options, string.Join(" and ", keys.Select(k => k.Split(' ')[0] + " " + Fingerprint(k))));
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

    private static async Task<IReadOnlyList<string>> ScanAsync(SshOptions options, CancellationToken ct)
    {
        // The real name and port, where HostName is an alias of the configuration.
        List<string> ask = ["-G"];
        if (options.ConfigFile is not null)
        {
            ask.AddRange(["-F", options.ConfigFile]);
        }

        if (options.Port is int given)
        {
            ask.AddRange(["-p", given.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        }

        ask.AddRange(["--", options.HostName]);
        (_, string settings, _) = await LocalProcess.RunAsync(options.Executable, ask, options.ConnectTimeout, ct).ConfigureAwait(false);
        string Setting(string name, string otherwise) => settings.Split('\n')
            .Select(l => l.Trim().Split(' ')).FirstOrDefault(w => w.Length == 2 && w[0] == name)?[1] ?? otherwise;

        string directory = Path.GetDirectoryName(options.Executable) ?? "";
        string seconds = Math.Max(1, (int)options.ConnectTimeout.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        (int code, string found, string words) = await LocalProcess.RunAsync(
            Path.Combine(directory, "ssh-keyscan"),
            ["-T", seconds, "-p", Setting("port", "22"), Setting("hostname", options.HostName)],
            options.ConnectTimeout + TimeSpan.FromSeconds(5), ct).ConfigureAwait(false);
        string[] keys = [.. found.Split('\n').Where(l => !l.StartsWith("#", StringComparison.Ordinal)).Select(KeyOf).OfType<string>()];
        if (keys.Length > 0)
        {
            return keys;
        }

        ZfsEsxException failure = SshFailure.Explain(options, words);
        throw failure.Id == "ConnectFailed"
            ? SshFailure.Unreachable(options, words.Trim().Length > 0 ? words.Trim() : "no host key within " + seconds + " s (code " + code + ")")
            : failure;
    }

    private static ZfsEsxException Invalid(SshOptions options) => new(
        "InvalidHostKey", FailureKind.InvalidArgument, options.DisplayName,
        ShellQuote.Readable(options.HostKey!) + " is neither a fingerprint (SHA256:…) nor a public host key (ssh-ed25519 AAAA…).",
        "Take it from ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the storage VM's console.");
}
