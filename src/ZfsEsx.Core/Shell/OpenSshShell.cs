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
    private bool _disposed;

    private OpenSshShell(SshOptions options, SshConnection connection)
    {
        _options = options;
        _connection = connection;
    }

    /// <inheritdoc/>
    public string Name => _options.DisplayName;

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

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct)
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
                _connection = await SshConnection.OpenAsync(_options, ct).ConfigureAwait(false);
            }

            return await _connection.RunAsync(command, ct).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
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
}
