using System.Security.Cryptography;

namespace ZfsEsx.Lab;

/// <summary>Key pairs of the lab.</summary>
internal static class SshKeys
{
    /// <summary>Makes an ed25519 key pair: <paramref name="path"/> and <c>path.pub</c>.</summary>
    public static Task CreateAsync(string path, string comment, CancellationToken ct) =>
        Tool.MustAsync(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], TimeSpan.FromSeconds(30), ct);

    /// <summary>The public key's fingerprint as ssh prints it.</summary>
    public static string Fingerprint(string path)
    {
        byte[] blob = Convert.FromBase64String(Public(path)[1]);
        return "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');
    }

    /// <summary>The public key as a line of a known_hosts file for a port of this machine.</summary>
    public static string KnownHostsLine(int port, string path)
    {
        string[] key = Public(path);
        return $"[127.0.0.1]:{port} {key[0]} {key[1]}";
    }

    private static string[] Public(string path) => File.ReadAllText(path + ".pub").Split(' ');
}
