using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>
/// A connection to a vCenter Server or an ESXi host. It has the properties of PowerCLI's VIServer, so that either can
/// stand for the other: <c>Connect-VIServer -Session $server.SessionSecret</c>.
/// </summary>
public sealed class ZfsEsxServer
{
    internal ZfsEsxServer(VimClient client) => Client = client;

    /// <summary>Its name: the host, and the port where it is not 443.</summary>
    public string Name => Client.Name;

    /// <summary>The service.</summary>
    public Uri ServiceUri => Client.Server.Uri;

    /// <summary>TCP port.</summary>
    public int Port => ServiceUri.Port;

    /// <summary>The user logged in; empty for a borrowed session.</summary>
    public string User => Client.User ?? "";

    /// <summary>Product and version in words.</summary>
    public string Product => Client.Product;

    /// <summary>API version.</summary>
    public string Version => Client.ApiVersion;

    /// <summary>PowerCLI's form of the connection's name.</summary>
    public string Uid => Client.Uid;

    /// <summary>False when the session is PowerCLI's, which is never logged out here.</summary>
    public bool OwnSession => Client.OwnsSession;

    /// <summary>True until Disconnect-ZfsEsxServer.</summary>
    public bool IsConnected { get; internal set; } = true;

    /// <summary>The session's key. Whoever has it acts as the user.</summary>
    public string? SessionSecret => IsConnected ? Client.SessionSecret : null;

    internal VimClient Client { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
