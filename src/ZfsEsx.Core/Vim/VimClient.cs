using System.Net;

namespace ZfsEsx.Vim;

/// <summary>
/// A connection to one vCenter Server or ESXi host. Safe for concurrent use. Its session is either its own (logged in
/// here, logged out by <see cref="LogoutAsync"/>) or borrowed (PowerCLI's; never logged out).
/// </summary>
public sealed partial class VimClient : IDisposable
{
    private static readonly MoRef s_serviceInstance = new("ServiceInstance", "ServiceInstance");

    private readonly VimTransport _transport;
    private readonly VimSession _session;

    private VimClient(VimTransport transport, VimSession session, VimValue content)
    {
        _transport = transport;
        _session = session;
        Content = content;
    }

    /// <summary>Where it is connected to.</summary>
    public VimServer Server => _transport.Server;

    /// <summary>The server's name, for messages.</summary>
    public string Name => Server.Name;

    /// <summary>The server's product and version in words.</summary>
    public string Product => Content["about.fullName"].Text;

    /// <summary>The server's API version.</summary>
    public string ApiVersion => Content["about.apiVersion"].Text;

    /// <summary>True for vCenter Server, false for a single host.</summary>
    public bool IsVCenter => Content["about.apiType"].Text == "VirtualCenter";

    /// <summary>True when <see cref="LogoutAsync"/> ends the session; false when it is borrowed.</summary>
    public bool OwnsSession => _session.IsOwn;

    /// <summary>The user that logged in; null for a borrowed session.</summary>
    public string? User => _session.User;

    /// <summary>The session's key. A secret: whoever has it acts as the user. Never print it.</summary>
    public string? SessionSecret => _transport.SessionSecret;

    /// <summary>PowerCLI's form of the connection's name: <c>/VIServer=user@server:443/</c>.</summary>
    public string Uid => "/VIServer=" + (User ?? "session") + "@" + Server.Uri.Host + ":" + Server.Uri.Port + "/";

    /// <summary>How many calls have been made.</summary>
    public int CallCount => _transport.CallCount;

    /// <summary>What RetrieveServiceContent answered: the references of the server's managers.</summary>
    internal VimValue Content { get; }

    /// <summary>Connects and logs in.</summary>
    /// <param name="server">Where.</param>
    /// <param name="credential">User and password; kept for one new login when the session runs out.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>ServerUnreachable</c>, <c>ServerBusy</c>, <c>CertificateNotTrusted</c>, <c>NotVSphere</c>,
    /// <c>ServerTooOld</c>, <c>InvalidLogin</c>.
    /// </exception>
    public static async Task<VimClient> LoginAsync(VimServer server, NetworkCredential credential, CancellationToken ct)
    {
        VimClient client = await OpenAsync(server, null, credential, ct).ConfigureAwait(false);
        try
        {
            await client._session.LoginAsync(client._transport, client.Content, ct).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Uses a session that somebody else has opened and will close.</summary>
    /// <param name="server">Where the session was opened.</param>
    /// <param name="sessionSecret">Its key: PowerCLI's <c>SessionSecret</c>.</param>
    /// <param name="ct">Ends the attempt.</param>
    public static Task<VimClient> BorrowAsync(VimServer server, string sessionSecret, CancellationToken ct) =>
        OpenAsync(server, sessionSecret, null, ct);

    /// <summary>Ends an own session. A borrowed one is left alone.</summary>
    public Task LogoutAsync(CancellationToken ct) => _session.LogoutAsync(_transport, Content, ct);

    /// <summary>Closes the connection without ending the session.</summary>
    public void Dispose() => _transport.Dispose();

    private static async Task<VimClient> OpenAsync(
        VimServer server, string? secret, NetworkCredential? credential, CancellationToken ct)
    {
        VimTransport transport = new(server, secret);
        try
        {
            VimValue content = await transport
                .CallAsync(s_serviceInstance, "RetrieveServiceContent", server.ConnectTimeout, ct)
                    .ConfigureAwait(false);
            transport.Version = ServiceVersion.Negotiate(content["about.apiVersion"].Text, server.Name);
            return new VimClient(transport, new VimSession(credential), content);
        }
        catch (VimFaultException fault)
        {
            transport.Dispose();
            throw VimFaults.ToException(fault, server.Name, "Connect");
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }
}
