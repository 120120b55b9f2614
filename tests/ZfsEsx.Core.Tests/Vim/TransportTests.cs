using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Vim;

/// <summary>What can go wrong between client and server, over real sockets.</summary>
public sealed class TransportTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = SelfSigned();

    public TransportTests() => _listener.Start();

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData("SHA256", true)]
    [InlineData("SHA256", false)]
    [InlineData("SHA1", true)]
    [InlineData("SHA1", false)]
    public async Task A_pinned_certificate_is_taken(string algorithm, bool colons)
    {
        byte[] hash = _certificate.GetCertHash(new HashAlgorithmName(algorithm));
        string thumbprint = colons ? BitConverter.ToString(hash).Replace('-', ':') : Convert.ToHexStringLower(hash);
        _ = ServeTlsAsync();
        using VimClient client = await VimClient.BorrowAsync(Server() with { Thumbprint = thumbprint }, "key", default);
        Assert.True(client.IsVCenter);
    }

    [Fact]
    public async Task Another_certificate_is_refused_naming_both_thumbprints()
    {
        string found = BitConverter.ToString(SHA256.HashData(_certificate.RawData)).Replace('-', ':');
        string pinned = "AA:" + found[3..];
        _ = ServeTlsAsync();
        ZfsEsxException refusal = await Assert.ThrowsAsync<ZfsEsxException>(
            () => VimClient.BorrowAsync(Server() with { Thumbprint = pinned }, "key", default));
        Assert.Equal(("CertificateNotTrusted", FailureKind.NotTrusted), (refusal.Id, refusal.Kind));
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(pinned, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_pin_the_thumbprint_is_told_and_a_switch_takes_any()
    {
        _ = ServeTlsAsync();
        ZfsEsxException refusal = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            VimClient.BorrowAsync(Server(), "key", default));
        Assert.Equal("CertificateNotTrusted", refusal.Id);
        Assert.Contains("-Thumbprint", refusal.Advice, StringComparison.Ordinal);
        using VimClient client = await VimClient.BorrowAsync(Server() with { SkipCertificateCheck = true }, "key",
            default);
        Assert.True(client.IsVCenter);
    }

    [Theory]
    [InlineData("503 Service Unavailable", "", "ServerBusy")]
    [InlineData("502 Bad Gateway", "", "ServerBusy")]
    [InlineData("404 Not Found", "", "NotVSphere")]
    [InlineData("401 Unauthorized", "", "NotVSphere")]
    [InlineData("407 Proxy Authentication Required", "", "NotVSphere")]
    [InlineData("301 Moved", "", "ServerRedirects")]
    [InlineData("400 Bad Request", "", "ServerUnreachable")]
    [InlineData("200 OK", "<html>Welcome</html>", "NotVSphere")]
    [InlineData("200 OK", "plain words", "NotVSphere")]
    public async Task Answers_that_are_none_are_explained(string status, string body, string id)
    {
        _ = ServePlainAsync("HTTP/1.1 " + status + "\r\nContent-Length: " + body.Length
            + "\r\nConnection: close\r\n\r\n" + body);
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            VimClient.BorrowAsync(Plain(), "key", default));
        Assert.Equal(id, failure.Id);
        Assert.Contains("127.0.0.1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_ends_in_the_middle_is_a_connection_failure()
    {
        _ = ServePlainAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<half");
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(() =>
            VimClient.BorrowAsync(Plain(), "key", default));
        Assert.Equal(FailureKind.Connection, failure.Kind);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_not_waited_for_long()
    {
        ZfsEsxException failure = await Assert.ThrowsAsync<ZfsEsxException>(
            () => VimClient.BorrowAsync(Plain() with { ConnectTimeout = TimeSpan.FromMilliseconds(300) }, "key",
                default));
        Assert.Equal(("ServerTimeout", FailureKind.Timeout), (failure.Id, failure.Kind));
        Assert.Contains(_listener.LocalEndpoint.ToString()!, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_a_call_at_once()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            VimClient.BorrowAsync(Plain(), "key", stop.Token));
    }

    [Theory]
    [InlineData("5E:0C:", false)]
    [InlineData("", false)]
    [InlineData("SHA256 fingerprint", false)]
    [InlineData("00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33", true)]
    [InlineData("00112233445566778899aabbccddeeff00112233", true)]
    public void A_thumbprint_is_told_from_other_texts(string text, bool thumbprint) =>
        Assert.Equal(thumbprint, CertificateCheck.IsThumbprint(text));

    [Fact]
    public void A_pinned_certificate_is_the_only_one_taken_even_where_the_system_trusts_another()
    {
        VimServer server = Server();
        string other = new('0', 64);
        string own = _certificate.GetCertHashString(HashAlgorithmName.SHA256);
        foreach ((string? pin, bool skip, SslPolicyErrors errors, bool taken) in
            new (string?, bool, SslPolicyErrors, bool)[]
            {
                (null, false, SslPolicyErrors.None, true),
                (null, false, SslPolicyErrors.RemoteCertificateChainErrors, false),
                (own, false, SslPolicyErrors.None, true),
                (own, false, SslPolicyErrors.RemoteCertificateNameMismatch, true),
                (other, false, SslPolicyErrors.None, false),
                (other, true, SslPolicyErrors.RemoteCertificateChainErrors, true),
            })
        {
            CertificateCheck check = new(server with { Thumbprint = pin, SkipCertificateCheck = skip });
            Assert.Equal(taken, check.Accept(_certificate, errors));
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=vc.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    private VimServer Server() =>
        new() { Uri = new Uri("https://" + _listener.LocalEndpoint + "/sdk"),
        ConnectTimeout = TimeSpan.FromSeconds(10) };

    private VimServer Plain() =>
        new() { Uri = new Uri("http://" + _listener.LocalEndpoint + "/sdk"),
        ConnectTimeout = TimeSpan.FromSeconds(10) };

    private async Task ServeTlsAsync()
    {
        byte[] body = Encoding.UTF8.GetBytes(Recorded.Text("01-RetrieveServiceContent.res"));
        while (true)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await using SslStream tls = new(client.GetStream());
                await tls.AuthenticateAsServerAsync(_certificate);
                await ReadRequestAsync(tls);
                await tls.WriteAsync(
                    Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.Length
                    + "\r\n\r\n"));
                await tls.WriteAsync(body);
                await tls.ShutdownAsync();
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client did not like the certificate.
            }
        }
    }

    private async Task ServePlainAsync(string answer)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync();
        await ReadRequestAsync(client.GetStream());
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
    }

    // The body comes after the blank line; all of it must be read, or closing resets the connection.
    private static async Task ReadRequestAsync(Stream stream)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[8192];
        while (!text.ToString().Contains("Envelope>", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer);
            if (count == 0)
            {
                return;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }
}
