using System.Diagnostics;
using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>Commands on a <see cref="SunSystem"/>, one after the other, as over a connection.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class SunShell(SunSystem sun) : IRemoteShell
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public string Name => "uss1";

    public string? Address => null;

    public Task BecomeRootAsync(RootAccess access, CancellationToken ct) => throw new NotSupportedException();

    public async Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await sun.RunAsync(command, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
        throw new NotSupportedException();

    public Task ReconnectAsync(string? address, CancellationToken ct) => throw new NotSupportedException();

    public void Dispose() => _turn.Dispose();
}
