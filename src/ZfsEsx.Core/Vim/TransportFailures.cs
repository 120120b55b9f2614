using System.Net;

namespace ZfsEsx.Vim;

/// <summary>What can go wrong before a server has answered, in words.</summary>
internal static class TransportFailures
{
    public static ZfsEsxException Unreachable(VimServer server, string method, Exception cause) => new(
        "ServerUnreachable", FailureKind.Connection, server.Name,
        "'" + server.Name + "' cannot be reached at " + server.Uri + " (" + method + "): " + Innermost(cause) + ".",
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

    public static ZfsEsxException Status(VimServer server, HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.ServiceUnavailable => new(
            "ServerBusy", FailureKind.Connection, server.Name,
            "'" + server.Name + "' is not ready yet (HTTP 503).",
            "Its services are starting or the host is rebooting. Try again in a few minutes."),
        HttpStatusCode.NotFound => NotVSphere(server, null),
        _ => new(
            "ServerUnreachable", FailureKind.Connection, server.Name,
            "'" + server.Name + "' answered HTTP " + (int)response.StatusCode + " " + response.ReasonPhrase + " at "
                + server.Uri + "."),
    };

    private static string Innermost(Exception e)
    {
        while (e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return e.Message.TrimEnd('.');
    }
}
