namespace ZfsEsx.Shell;

/// <summary>
/// Commands on another machine through one process of the system's OpenSSH client, which holds a shell open there.
/// Cancelling, and losing the connection, ends the command on the other machine with all its children. A connection
/// that
/// ended between two commands is made again; one that ended during a command is an error, as its outcome is unknown.
/// </summary>
public sealed class OpenSshShell : IRemoteShell
{
    private readonly SshOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SshConnection _connection;
    // The latest first. Those before it are tried when it does not answer: a move may have been taken back.
    private IReadOnlyList<string?> _addresses = [null];
    private string? _keyAlias;
    private RootAccess? _root;
    private bool _disposed;

    private OpenSshShell(SshOptions options, SshConnection connection)
    {
        _options = options;
        _connection = connection;
    }

    /// <inheritdoc/>
    public string Name => _options.DisplayName;

    /// <inheritdoc/>
    public string? Address => _addresses[0];

    /// <summary>The local ssh process.</summary>
    internal int ProcessId => _connection.ProcessId;

    /// <summary>Logs in.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidSshOption</c>, <c>IdentityFileNotFound</c>, <c>InvalidHostKey</c>, <c>HostKeyUnknown</c>,
    /// <c>HostKeyChanged</c>,
    /// <c>PasswordRefused</c>, <c>KeyRefused</c>, <c>KeyFileUnprotected</c>, <c>HostNameNotResolved</c>,
    /// <c>ConnectionRefused</c>,
    /// <c>HostUnreachable</c>, <c>SshNotCompatible</c>, <c>SshConfigInvalid</c>, <c>SshClientNotFound</c>,
    /// <c>NoRemoteShell</c>,
    /// <c>PasswordNotSupported</c>, <c>ConnectFailed</c>.
    /// </exception>
    public static async Task<OpenSshShell> ConnectAsync(SshOptions options, CancellationToken ct) =>
        new(options, await SshConnection.OpenAsync(options, ct).ConfigureAwait(false));

    /// <summary>Logs in at the first address that answers: not all of a machine's networks need to lead here.</summary>
    /// <param name="ways">At least one.</param>
    /// <param name="ct">Ends the login.</param>
    /// <exception cref="ZfsEsxException">As for one; <c>HostUnreachable</c> when none of several answers.</exception>
    public static async Task<OpenSshShell> ConnectAsync(IReadOnlyList<SshOptions> ways, CancellationToken ct)
    {
        List<ZfsEsxException> failures = [];
        foreach (SshOptions way in ways)
        {
            try
            {
                return await ConnectAsync(way, ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (ways.Count > 1 && (e.Id is "HostUnreachable" or "ConnectionRefused"))
            {
                failures.Add(e);
            }
        }

        string name = ways[0].DisplayName;
        throw new ZfsEsxException(
            "HostUnreachable", FailureKind.Connection, name,
            name + " answers at none of its addresses. " + string.Join(" ", failures.Select(f => f.Message)),
            "Choose the network that leads here with -Network, or give the address as -HostName.",
            new AggregateException(failures));
    }

    /// <inheritdoc/>
    public Task BecomeRootAsync(RootAccess access, CancellationToken ct) => InTurnAsync(
        async connection =>
        {
            await connection.BecomeRootAsync(access, ct).ConfigureAwait(false);
            _root = access;
            return true;
        },
        ct);

    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) =>
        InTurnAsync(connection => connection.RunAsync(command, ct), ct);

    /// <inheritdoc/>
    public async Task ReconnectAsync(string? address, CancellationToken ct)
    {
        SshConnection fresh = await OpenAsync(address, ct).ConfigureAwait(false);
        try
        {
            await _turn.WaitAsync(ct).ConfigureAwait(false);
        }
        catch
        {
            fresh.Dispose();
            throw;
        }

        SshConnection old = _connection;
        _connection = fresh;
        Moved(address);
        _turn.Release();
        // It may lead nowhere by now: nothing to be waited for.
        old.Kill();
        old.Dispose();
    }

    /// <inheritdoc/>
    public async Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
        RemoteFile.CheckUpload(
            Name, path, await RunAsync(RemoteFile.Upload(path, content, mode), ct).ConfigureAwait(false));

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _connection.Dispose();
    }

    private async Task<T> InTurnAsync<T>(Func<SshConnection, Task<T>> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_disposed)
            {
                throw new ObjectDisposedException(Name);
            }

            if (!_connection.Alive)
            {
                _connection.Dispose();
                _connection = await ReopenAsync(ct).ConfigureAwait(false);
            }

            return await work(_connection).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Moved(string? address) => _addresses = [address, .. _addresses.Where(a => a != address)];

    private async Task<SshConnection> ReopenAsync(CancellationToken ct)
    {
        ZfsEsxException? failure = null;
        foreach (string? address in _addresses)
        {
            try
            {
                SshConnection connection = await OpenAsync(address, ct).ConfigureAwait(false);
                Moved(address);
                return connection;
            }
            catch (ZfsEsxException e)
            {
                failure ??= e;
            }
        }

        throw failure!;
    }

    private async Task<SshConnection> OpenAsync(string? address, CancellationToken ct)
    {
        SshOptions options = _options;
        if (address is not null)
        {
            _keyAlias ??= await SshConfig.KeyAliasAsync(_options, ct).ConfigureAwait(false);
            options = _options with { Address = address, HostKeyAlias = _keyAlias };
        }

        SshConnection connection = await SshConnection.OpenAsync(options, ct).ConfigureAwait(false);
        try
        {
            if (_root is not null)
            {
                await connection.BecomeRootAsync(_root, ct).ConfigureAwait(false);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
