using System.Net;
using System.Net.Http.Headers;
using System.Xml;

namespace ZfsEsx.Vim;

/// <summary>One HTTP request per call: writes it, reads the answer, keeps the session cookie.</summary>
internal sealed class VimTransport : IDisposable
{
    private const string CookieName = "vmware_soap_session=";

    private readonly HttpClient _http;
    private readonly CertificateCheck _certificates;
    private readonly bool _borrowed;
    private volatile string? _cookie;
    private int _calls;

    public VimTransport(VimServer server, string? sessionSecret)
    {
        Server = server;
        _certificates = new CertificateCheck(server);
        _borrowed = sessionSecret is not null;
        HttpClientHandler handler = new()
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            MaxConnectionsPerServer = 32,
            ServerCertificateCustomValidationCallback = (_, certificate, _, errors) =>
                _certificates.Accept(certificate, errors),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.ExpectContinue = false;

        // Servers send the key in quotes and expect it back so.
        _cookie = sessionSecret is null ? null : CookieName + "\"" + sessionSecret.Trim('"') + "\"";
    }

    public VimServer Server { get; }

    public string Version { get; set; } = "6.5";

    public int CallCount => Volatile.Read(ref _calls);

    public string? SessionSecret => _cookie?.Substring(CookieName.Length).Trim('"');

    public void ForgetSession() => _cookie = null;

    public void Dispose() => _http.Dispose();

    /// <summary>Calls a method and returns its result, or the whole answer where it has several.</summary>
    /// <exception cref="VimFaultException">The server answered with a fault.</exception>
    /// <exception cref="ZfsEsxException">The server could not be reached, is not trusted, or did not answer in
    /// time.</exception>
    public async Task<VimValue> CallAsync(
        MoRef self, string method, TimeSpan timeout, CancellationToken ct, params Arg?[] args)
    {
        byte[] body = VimEnvelope.Write(self, method, args);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        Interlocked.Increment(ref _calls);
        try
        {
            using HttpRequestMessage request = Request(body);
            using HttpResponseMessage response = await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (!_borrowed && method is ("RetrieveServiceContent" or "Login"))
            {
                KeepCookie(response);
            }

            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.InternalServerError))
            {
                throw TransportFailures.Status(Server, response);
            }

            using MemoryStream answer = new();
            using (Stream stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false))
            {
                await stream.CopyToAsync(answer, 81920, limit.Token).ConfigureAwait(false);
            }

            answer.Position = 0;
            return VimEnvelope.Read(answer);
        }
        catch (XmlException e)
        {
            throw TransportFailures.NotVSphere(Server, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException)
        {
            throw _certificates.Failure(e) ?? TransportFailures.Unreachable(Server, method, e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw TransportFailures.Timeout(Server, method, timeout, e);
        }
    }

    private HttpRequestMessage Request(byte[] body)
    {
        HttpRequestMessage request = new(HttpMethod.Post, Server.Uri) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/xml; charset=utf-8");
        request.Headers.TryAddWithoutValidation("SOAPAction", "\"urn:vim25/" + Version + "\"");
        if (_cookie is string cookie)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        return request;
    }

    // Only the calls that open a session are listened to: the answer to another call, made while nobody was logged in,
    // would bring the key of a session that knows nobody.
    private void KeepCookie(HttpResponseMessage response)
    {
        if (response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies)
            && cookies.FirstOrDefault(c => c.StartsWith(CookieName, StringComparison.Ordinal)) is string cookie)
        {
            _cookie = cookie.Split(';')[0];
        }
    }
}
