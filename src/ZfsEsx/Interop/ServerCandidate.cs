namespace ZfsEsx.Interop;

/// <summary>A connection that an object may belong to: our own, or PowerCLI's by its properties.</summary>
/// <param name="Name">As the user calls it.</param>
/// <param name="Uri">The service.</param>
/// <param name="Uid">PowerCLI's name of the connection; the names of its objects begin with it.</param>
/// <param name="Secret">The session's key, for PowerCLI's.</param>
/// <param name="Own">Our own connection object, or null.</param>
internal sealed record ServerCandidate(string Name, Uri Uri, string? Uid, string? Secret, ZfsEsxServer? Own)
{
    /// <summary>Reads a VIServer, one of our connections, or a copy of either; null when it is none, or not connected.</summary>
    internal static ServerCandidate? From(object? input)
    {
        object? bare = Duck.Bare(input);
        if (bare is ZfsEsxServer own)
        {
            return own.IsConnected ? new ServerCandidate(own.Name, own.ServiceUri, own.Uid, own.SessionSecret, own) : null;
        }

        bool connected = Duck.Get(bare, "IsConnected") is not false;
        return connected && Uri.TryCreate(Duck.Text(bare, "ServiceUri") ?? "", UriKind.Absolute, out Uri? uri)
            ? new ServerCandidate(
                Duck.Text(bare, "Name") ?? uri.Host, uri, Duck.Text(bare, "Uid"),
                Duck.Text(bare, "SessionSecret") ?? Duck.Text(bare, "SessionId"), null)
            : null;
    }

    /// <summary>
    /// The connection of an object, in this order: what its Uid says, what its Server property says (our own output), the
    /// server its view came from, the only connection there is. Two that fit are an error; never "all of them".
    /// </summary>
    internal static ServerCandidate Choose(object source, string subject, IReadOnlyList<ServerCandidate> all)
    {
        if (all.Count == 0)
        {
            throw new ZfsEsxException(
                "NoServer", FailureKind.Connection, subject, "There is no connection to a vCenter Server or an ESXi host.",
                "Connect with PowerCLI's Connect-VIServer or with Connect-ZfsEsxServer.");
        }

        ServerCandidate[] distinct =
            [.. all.GroupBy(c => c.Uri.Authority, StringComparer.OrdinalIgnoreCase).Select(g => g.First())];
        return ByUid(source, all)
            ?? ByName(Duck.Text(source, "Server"), all)
            ?? ByView(source, all)
            ?? (distinct.Length == 1
                ? distinct[0]
                : throw new ZfsEsxException(
                    "ServerAmbiguous", FailureKind.InvalidArgument, subject,
                    "'" + subject + "' could be on any of " + string.Join(", ", distinct.Select(c => c.Name)) + ".",
                    "Say which with -Server."));
    }

    /// <summary>The connection called so: by name, address or host name.</summary>
    internal static ServerCandidate? ByName(string? name, IEnumerable<ServerCandidate> all) =>
        name is null
            ? null
            : all.FirstOrDefault(c => Same(c.Name, name) || Same(c.Uri.Host, name) || Same(c.Uri.Authority, name));

    private static ServerCandidate? ByUid(object source, IEnumerable<ServerCandidate> all) =>
        Duck.Text(source, "Uid") is string uid
            ? all.FirstOrDefault(c => c.Uid is string own
                && uid.StartsWith(own.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase))
            : null;

    private static ServerCandidate? ByView(object source, IEnumerable<ServerCandidate> all)
    {
        // A view's Client is at hand. ExtensionData is not: touching it makes PowerCLI read the whole object.
        object? client = Duck.Get(source, "Client");
        if (client is null && Duck.Text(source, "Uid") is null && source is not string)
        {
            client = Duck.Get(Duck.Get(source, "ExtensionData"), "Client");
        }

        return Uri.TryCreate(Duck.Text(client, "ServiceUrl") ?? "", UriKind.Absolute, out Uri? url)
            ? all.FirstOrDefault(c => Same(c.Uri.Authority, url.Authority))
            : null;
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
