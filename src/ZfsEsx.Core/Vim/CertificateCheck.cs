using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ZfsEsx.Vim;

/// <summary>
/// Decides whether a certificate is taken: only the pinned one where there is a pin, else what the system trusts; any
/// only where the user has switched the check off.
/// </summary>
internal sealed class CertificateCheck(VimServer server)
{
    private volatile string? _refused;

    /// <summary>Called by the TLS handshake.</summary>
    public bool Accept(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (server.SkipCertificateCheck)
        {
            return true;
        }

        if (certificate is null)
        {
            return false;
        }

        byte[] raw = certificate.GetRawCertData();
        if (server.Thumbprint is string pinned ? Matches(pinned, raw) : errors == SslPolicyErrors.None)
        {
            return true;
        }

        _refused = Sha256(raw);
        return false;
    }

    /// <summary>The failure to report when a handshake was refused here; null when something else went wrong.</summary>
    public ZfsEsxException? Failure(Exception cause)
    {
        if (_refused is not string found)
        {
            return null;
        }

        return server.Thumbprint is string pinned
            ? new ZfsEsxException(
                "CertificateNotTrusted", FailureKind.NotTrusted, server.Name,
                "The certificate of '" + server.Name + "' has the thumbprint " + found + ", not " + pinned.Trim()
                    + " as given.",
                "If the certificate was renewed, compare its thumbprint on the server itself and give the new one. "
                    + "Otherwise somebody may be in between.",
                cause)
            : new ZfsEsxException(
                "CertificateNotTrusted", FailureKind.NotTrusted, server.Name,
                "The certificate of '" + server.Name + "' is not trusted by this machine. Its SHA-256 thumbprint is "
                    + found + ".",
                "Compare the thumbprint with the server's own and connect with -Thumbprint, or install the "
                    + "issuer's certificate.", cause);
    }

    /// <summary>Whether a text is a thumbprint as people write it: digits, with or without colons and blanks.</summary>
    internal static bool IsThumbprint(string text) =>
        text.All(c => Uri.IsHexDigit(c) || c is ':' or ' ' or '-')
        && text.Count(Uri.IsHexDigit) is 64 or 40;

    /// <summary>
    /// Compares a thumbprint as people write it with a certificate; 64 digits are SHA-256, 40 are SHA-1.
    /// </summary>
    internal static bool Matches(string thumbprint, byte[] certificate)
    {
        string digits = new(thumbprint.Where(Uri.IsHexDigit).ToArray());
        string found = digits.Length switch
        {
            64 => Sha256(certificate),
            40 => Sha1(certificate),
            _ => string.Empty,
        };
        return found.Length > 0
            && string.Equals(found.Replace(":", string.Empty), digits, StringComparison.OrdinalIgnoreCase);
    }

    private static string Sha256(byte[] certificate)
    {
        using SHA256 hash = SHA256.Create();
        return BitConverter.ToString(hash.ComputeHash(certificate)).Replace('-', ':');
    }

    // SHA-1 only names a certificate here, as vSphere's own sslThumbprint does.
#pragma warning disable CA5350
    private static string Sha1(byte[] certificate)
    {
        using SHA1 hash = SHA1.Create();
        return BitConverter.ToString(hash.ComputeHash(certificate)).Replace('-', ':');
    }
#pragma warning restore CA5350
}
