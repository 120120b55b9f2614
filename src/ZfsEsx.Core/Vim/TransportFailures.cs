using System.Net;
using System.Net.Sockets;

namespace ZfsEsx.Vim;

/// <summary>What can go wrong between us and a server, in words.</summary>
internal static class TransportFailures
{
    // Nothing was sent when the connection was never made.
    private static readonly SocketError[] s_notConnected =
    [
        SocketError.ConnectionRefused, SocketError.HostNotFound, SocketError.HostUnreachable,
        SocketError.NetworkUnreachable, SocketError.NoData, SocketError.TryAgain, SocketError.HostDown,
    ];

    public static ZfsEsxException Unreachable(VimServer server, string method, Exception cause) => new(
        "ServerUnreachable", FailureKind.Connection, server.Name,
        "'" + server.Name + "' cannot be reached at " + server.Uri + " (" + method + "): "
            + Innermost(cause).Message.TrimEnd('.') + ".",
        "Check the name, the network and that the management service is running.", cause);

    public static ZfsEsxException Timeout(VimServer server, string method, TimeSpan limit, Exception cause) => new(
        "ServerTimeout", FailureKind.Timeout, server.Name,
        "'" + server.Name + "' at " + server.Uri + " did not answer within " + limit.TotalSeconds + " s (" + method
            + ").",
        "Check the name and the network; a firewall that drops packets looks like this.", cause);

    public static ZfsEsxException NotVSphere(VimServer server, Exception? cause) => new(
        "NotVSphere", FailureKind.NotSupported, server.Name,
        "'" + server.Name + "' does not answer as a vSphere server at " + server.Uri + ".",
        "Give the address of a vCenter Server or an ESXi host.", cause);

    public static ZfsEsxException Status(VimServer server, HttpResponseMessage response)
    {
        string status = "HTTP " + (int)response.StatusCode + " " + response.ReasonPhrase;
        return (int)response.StatusCode switch
        {
            502 or 503 or 504 => new(
                "ServerBusy", FailureKind.Connection, server.Name,
                "'" + server.Name + "' is not ready yet (" + status.TrimEnd() + ").",
                "Its services are starting or the host is rebooting. Try again in a few minutes."),
            404 => NotVSphere(server, null),
            >= 300 and < 400 => new(
                "ServerRedirects", FailureKind.NotSupported, server.Name,
                "'" + server.Name + "' sends on to " + (response.Headers.Location?.ToString() ?? "nowhere")
                    + " (" + status + "). Passwords are not carried there.",
                "Give the address of the vCenter Server or ESXi host itself."),
            401 or 403 or 407 => new(
                "NotVSphere", FailureKind.NotSupported, server.Name,
                "'" + server.Name + "' answered " + status + " at " + server.Uri
                    + ": a proxy or a web server is in between.",
                "vSphere servers are reached directly. Give the address of the server itself."),
            _ => new(
                "ServerUnreachable", FailureKind.Connection, server.Name,
                "'" + server.Name + "' answered " + status + " at " + server.Uri + "."),
        };
    }

    /// <summary>Whether a request may have arrived although no answer came back.</summary>
    public static bool IsUnanswered(ZfsEsxException failure) => failure.Id == "ServerTimeout"
        || (failure.Id == "ServerUnreachable" && failure.InnerException is Exception cause
            && !(Innermost(cause) is SocketException socket && s_notConnected.Contains(socket.SocketErrorCode)));

    /// <summary>The failure of a change whose answer got lost.</summary>
    public static ZfsEsxException Unknown(ZfsEsxException failure, string target, string doing, string server) => new(
        "AnswerLost", failure.Kind, target,
        target + ": " + doing + ": no answer came from " + server + ", so it may have been done, or be running still. "
            + failure.Message,
        "Run the same command again: it looks at what is there and does only what is missing.", failure.InnerException);

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return e;
    }
}
