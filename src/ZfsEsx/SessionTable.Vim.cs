using ZfsEsx.Completers;
using ZfsEsx.Interop;
using ZfsEsx.Os;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>Connections to vSphere.</summary>
internal sealed partial class SessionTable
{
    private readonly List<ZfsEsxServer> _servers = [];
    private readonly Dictionary<string, VimClient> _borrowed = new(StringComparer.Ordinal);

    /// <summary>The connections made by Connect-ZfsEsxServer.</summary>
    internal IReadOnlyList<ZfsEsxServer> Servers
    {
        get
        {
            lock (_lock)
            {
                return [.. _servers];
            }
        }
    }

    /// <summary>Every connection in use: our own, and PowerCLI's that have been used.</summary>
    internal IReadOnlyList<VimClient> Clients
    {
        get
        {
            lock (_lock)
            {
                return [.. _servers.Select(s => s.Client), .. _borrowed.Values];
            }
        }
    }

    /// <summary>Names for completion.</summary>
    internal NameCache Names { get; } = new();

    /// <summary>Takes a connection in; one to the same server gives way to it and is returned, to be closed.</summary>
    internal ZfsEsxServer? Add(ZfsEsxServer server)
    {
        lock (_lock)
        {
            ZfsEsxServer? old = _servers.FirstOrDefault(s => Same(s.ServiceUri.Authority, server.ServiceUri.Authority));
            _servers.Remove(old!);
            _servers.Add(server);
            return old;
        }
    }

    internal void Remove(ZfsEsxServer server)
    {
        lock (_lock)
        {
            _servers.Remove(server);
        }
    }

    /// <summary>
    /// The client of a connection; PowerCLI's sessions are borrowed once and kept. Never logged out here.
    /// </summary>
    internal async Task<VimClient> ClientOfAsync(ServerCandidate candidate, CancellationToken ct)
    {
        if (candidate.Own is ZfsEsxServer own)
        {
            return own.Client;
        }

        string secret = candidate.Secret
            ?? throw new ZfsEsxException(
                "NoSession", FailureKind.Connection, candidate.Name,
                "The connection to '" + candidate.Name + "' carries no session.",
                "Connect again with Connect-VIServer or Connect-ZfsEsxServer.");
        string key = candidate.Uri + "|" + secret;
        lock (_lock)
        {
            if (_borrowed.TryGetValue(key, out VimClient? known))
            {
                return known;
            }
        }

        VimClient client = await BorrowAsync(candidate, secret, ct).ConfigureAwait(false);
        lock (_lock)
        {
            _borrowed[key] = client;
        }

        return client;
    }

    /// <summary>Forgets everything and ends our own sessions. For the end of the module.</summary>
    internal void Close()
    {
        foreach (ZfsHost host in Hosts)
        {
            Remove(host);
        }

        foreach (ZfsEsxServer server in Servers)
        {
            Remove(server);
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(5));
            try
            {
                Task.Run(() => EndAsync(server, limit.Token), limit.Token).GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is ZfsEsxException or OperationCanceledException)
            {
                // The session runs out by itself; removing a module has no one to tell.
            }
        }
    }

    /// <summary>Closes a connection; its session ends when it is our own.</summary>
    internal static async Task<bool> EndAsync(ZfsEsxServer server, CancellationToken ct)
    {
        server.IsConnected = false;
        try
        {
            await server.Client.LogoutAsync(ct).ConfigureAwait(false);
            return true;
        }
        finally
        {
            server.Client.Dispose();
        }
    }

    private Task<VimClient> BorrowAsync(ServerCandidate candidate, string secret, CancellationToken ct)
    {
        // PowerCLI does not tell which certificate its user accepted; Connect-ZfsEsxServer to the same server does.
        VimServer? trusted = Servers.Select(s => s.Client.Server)
            .FirstOrDefault(s => Same(s.Uri.Authority, candidate.Uri.Authority));
        return BorrowAsync((trusted ?? new VimServer { Uri = candidate.Uri }) with { Uri = candidate.Uri }, secret, ct);
    }

    internal static async Task<VimClient> BorrowAsync(VimServer server, string secret, CancellationToken ct)
    {
        try
        {
            return await VimClient.BorrowAsync(server, secret, ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.Kind == FailureKind.NotTrusted && server.Thumbprint is null)
        {
            throw new ZfsEsxException(
                e.Id, e.Kind, e.Target, e.Message,
                "Compare the thumbprint with the server's own, then run once in this session: "
                    + "Connect-ZfsEsxServer -VIServer $DefaultVIServer -Thumbprint <it>.",
                e);
        }
    }
}
