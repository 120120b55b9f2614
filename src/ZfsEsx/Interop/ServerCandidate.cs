using ZfsEsx.Vim;

namespace ZfsEsx.Interop;

/// <summary>A connection that an object may belong to: our own, or PowerCLI's by its properties.</summary>
/// <param name="Name">As the user calls it.</param>
/// <param name="Uri">The service.</param>
/// <param name="Uid">PowerCLI's name of the connection; the names of its objects begin with it.</param>
/// <param name="Secret">The session's key, for PowerCLI's.</param>
/// <param name="Own">Our own connection object, or null.</param>
internal sealed record ServerCandidate(string Name, Uri Uri, string? Uid, string? Secret, ZfsEsxServer? Own)
{
    private const string UidStart = "/VIServer=";

    /// <summary>
    /// Reads a VIServer, one of our connections, or a copy of either; null when it is none, or not connected.
    /// </summary>
    internal static ServerCandidate? From(object? input)
    {
        object? bare = Duck.Bare(input);
        if (bare is ZfsEsxServer own)
        {
            return own.IsConnected
                ? new ServerCandidate(own.Name, own.ServiceUri, own.Uid, own.SessionSecret, own)
                : null;
        }

        bool connected = Duck.Get(bare, "IsConnected") is not false;
        return connected && Uri.TryCreate(Duck.Text(bare, "ServiceUri") ?? "", UriKind.Absolute, out Uri? uri)
            ? new ServerCandidate(
                Duck.Text(bare, "Name") ?? uri.Host, uri, Duck.Text(bare, "Uid"),
                Duck.Text(bare, "SessionSecret") ?? Duck.Text(bare, "SessionId"), null)
            : null;
    }

    /// <summary>
    /// The connections that an object may be on: the one that the object itself names by its Uid, its Server property
    /// (our own output) or its view; all of them when it names none. Never a server that the object is not on.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>NoServer</c>, <c>WrongServer</c>, <c>ServerAmbiguous</c>.</exception>
    internal static IReadOnlyList<ServerCandidate> Fitting(
        object source, string subject, IReadOnlyList<ServerCandidate> all)
    {
        if (all.Count == 0)
        {
            throw new ZfsEsxException(
                "NoServer", FailureKind.Connection, subject,
                "There is no connection to a vCenter Server or an ESXi host.",
                "Connect with PowerCLI's Connect-VIServer or with Connect-ZfsEsxServer.");
        }

        return Said(source) is not string said ? Distinct(all)
            : ByName(said, all) is ServerCandidate named ? [named]
            : throw Elsewhere(said, subject, string.Join(", ", Distinct(all).Select(c => c.Name)));
    }

    /// <summary>Refuses an object that says that it is on another server than the one worked on.</summary>
    /// <exception cref="ZfsEsxException"><c>WrongServer</c>.</exception>
    internal static void ThrowIfElsewhere(object source, string subject, VimClient client)
    {
        ServerCandidate here = new(client.Name, client.Server.Uri, client.Uid, null, null);
        if (Said(source) is string said && ByName(said, [here]) is null)
        {
            throw Elsewhere(said, subject, client.Name);
        }
    }

    /// <summary>
    /// The connection called so: by name, address, host name, or PowerCLI's Uid of it or of an object on it.
    /// </summary>
    /// <exception cref="ZfsEsxException">Several servers are called so: <c>ServerAmbiguous</c>.</exception>
    internal static ServerCandidate? ByName(string name, IReadOnlyList<ServerCandidate> all)
    {
        bool isUid = name.StartsWith(UidStart, StringComparison.OrdinalIgnoreCase);
        string authority = isUid ? AuthorityOf(name) : name;
        return One(all.Where(c => isUid && c.Uid is string uid
                && name.StartsWith(uid.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)))
            ?? One(all.Where(c => Same(c.Uri.Authority, authority) || Same(c.Uri.Host + ":" + c.Uri.Port, authority)))
            ?? (isUid ? null : One(all.Where(c => Same(c.Name, name))) ?? One(all.Where(c => Same(c.Uri.Host, name))));

        ServerCandidate? One(IEnumerable<ServerCandidate> found)
        {
            IReadOnlyList<ServerCandidate> distinct = Distinct(found);
            return distinct.Count switch { 0 => null, 1 => distinct[0], _ => throw Ambiguous(name, distinct) };
        }
    }

    /// <summary>The failure for an object that could be on several servers.</summary>
    internal static ZfsEsxException Ambiguous(string subject, IEnumerable<ServerCandidate> several) => new(
        "ServerAmbiguous", FailureKind.InvalidArgument, subject,
        "'" + subject + "' could be on any of " + string.Join(", ", several.Select(c => c.Uri.Authority)) + ".",
        "Say which with -Server.");

    private static ZfsEsxException Elsewhere(string said, string subject, string connected)
    {
        string home = said.StartsWith(UidStart, StringComparison.OrdinalIgnoreCase) ? AuthorityOf(said) : said;
        return new(
            "WrongServer", FailureKind.InvalidArgument, subject,
            "'" + subject + "' is on the server " + home + ", not on " + connected + ".",
            "Connect to " + home + " and leave -Server out, or give the object of the server that you mean.");
    }

    // What the object says about its server. A view's Client is at hand; ExtensionData is not: touching it makes
    // PowerCLI read the whole object.
    private static string? Said(object source)
    {
        if (source is string)
        {
            return null;
        }

        if (Duck.Text(source, "Uid") is string uid && uid.StartsWith(UidStart, StringComparison.OrdinalIgnoreCase))
        {
            return uid;
        }

        object? client = Duck.Get(source, "Client");
        return Duck.Text(source, "Server")
            ?? (Uri.TryCreate(
                Duck.Text(client ?? Duck.Get(Duck.Get(source, "ExtensionData"), "Client"), "ServiceUrl") ?? "",
                UriKind.Absolute, out Uri? url) ? url.Authority : null);
    }

    // /VIServer=vsphere.local\administrator@vc.example:443/VMHost=…
    private static string AuthorityOf(string uid)
    {
        string server = uid.Substring(UidStart.Length).Split('/')[0];
        return server.Substring(server.LastIndexOf('@') + 1);
    }

    private static IReadOnlyList<ServerCandidate> Distinct(IEnumerable<ServerCandidate> all) =>
        [.. all.GroupBy(c => c.Uri.Authority, StringComparer.OrdinalIgnoreCase).Select(g => g.First())];

    private static bool Same(string left, string right) =>
        string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
