using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Vim;

/// <summary>An endpoint on the loopback interface that keeps requests and answers with recorded ones.</summary>
internal sealed class ReplayServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Dictionary<string, Queue<(int Status, string Body)>> _answers = [];

    public ReplayServer()
    {
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            Uri = new Uri("http://127.0.0.1:" + ((IPEndPoint)free.LocalEndpoint).Port + "/sdk");
        }

        _listener = new HttpListener { Prefixes = { Uri + "/" } };
        _listener.Start();
        _ = ServeAsync();
        Add("RetrieveServiceContent", 200, Recorded.Text("01-RetrieveServiceContent.res"));
        Add("Login", 200, Recorded.Text("04-Login.res"));
    }

    public Uri Uri { get; }

    /// <summary>Method, SOAPAction, cookie and body of every request.</summary>
    public List<(string Method, string Action, string? Cookie, string Body)> Requests { get; } = [];

    public VimServer Server => new() { Uri = Uri, ConnectTimeout = TimeSpan.FromSeconds(5) };

    public string Last(string method) => Recorded.Canonical(Requests.Last(r => r.Method == method).Body);

    /// <summary>The next answer to a method; the last one is given again and again.</summary>
    public ReplayServer Add(string method, int status, string body)
    {
        if (!_answers.TryGetValue(method, out Queue<(int, string)>? queue))
        {
            _answers[method] = queue = new();
        }

        queue.Enqueue((status, body));
        return this;
    }

    public ReplayServer Add(string method, string fixture) =>
        Add(method, Recorded.Text(fixture + ".res").Contains("<soapenv:Fault>", StringComparison.Ordinal) ? 500 : 200,
            Recorded.Text(fixture + ".res"));

    public async Task<VimClient> LoginAsync() =>
        await VimClient.LoginAsync(Server, new NetworkCredential("administrator@vsphere.local", "vcsim-pass"),
            CancellationToken.None);

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
            string body = await reader.ReadToEndAsync();
            string method = XDocument.Parse(body).Root!.Elements().Single().Elements().Single().Name.LocalName;
            Requests.Add((method, context.Request.Headers["SOAPAction"] ?? string.Empty,
                context.Request.Headers["Cookie"], body));
            (int status, string answer) = !_answers.TryGetValue(method, out Queue<(int, string)>? queue)
                ? (200, Empty(method))
                : queue.Count > 1 ? queue.Dequeue() : queue.Peek();
            context.Response.StatusCode = status;
            if (method == "Login")
            {
                context.Response.AddHeader("Set-Cookie",
                    "vmware_soap_session=\"key-" + Requests.Count + "\"; Path=/; HttpOnly; Secure");
            }

            byte[] bytes = Encoding.UTF8.GetBytes(answer);
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
    }

    private static string Empty(string method) =>
        "<e:Envelope xmlns:e='" + Soap.Envelope + "'><e:Body><" + method
            + "Response xmlns='urn:vim25'/></e:Body></e:Envelope>";
}
