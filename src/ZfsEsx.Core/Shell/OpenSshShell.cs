using System;
using System.Threading;
using System.Threading.Tasks;

namespace ZfsEsx.Shell;

/// <summary>Commands on another machine through one process of the system's OpenSSH client.</summary>
public sealed class OpenSshShell : IRemoteShell
{
    private readonly SshOptions _options;

    private OpenSshShell(SshOptions options) => _options = options;

    /// <inheritdoc/>
    public string Name => _options.DisplayName;

    /// <summary>Logs in.</summary>
    public static Task<OpenSshShell> ConnectAsync(SshOptions options, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
