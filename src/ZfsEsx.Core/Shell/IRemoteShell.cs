namespace ZfsEsx.Shell;

/// <summary>
/// Commands on another machine: connect, become root, run, upload, close, and nothing else. One object is one
/// connection; commands
/// given to it at the same time run one after the other.
/// </summary>
public interface IRemoteShell : IDisposable
{
    /// <summary>The machine, as the user calls it: the subject of every message.</summary>
    string Name { get; }

    /// <summary>
    /// From now on commands run with root's rights. Where this fails, they go on to run with the user's.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>SudoPasswordRefused</c>, <c>ElevationRefused</c>, <c>InvalidPassword</c>.
    /// </exception>
    Task BecomeRootAsync(RootAccess access, CancellationToken ct);

    /// <summary>Runs one command and returns its answer, whatever its exit code.</summary>
    /// <exception cref="ZfsEsxException"><c>ConnectionLost</c>, <c>CommandTimeout</c>.</exception>
    Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct);

    /// <summary>Writes a file in one step: the old content or the new, never half of it.</summary>
    /// <param name="path">Absolute path on the other machine.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">Octal permissions as text, <c>0644</c>.</param>
    /// <param name="ct">Ends the wait and the command.</param>
    Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct);

    /// <summary>
    /// The address that it has moved to (<see cref="ReconnectAsync"/>); null while it is where it was opened.
    /// </summary>
    string? Address { get; }

    /// <summary>
    /// Makes a fresh connection with the same credentials and goes on with it; the present one is ended once it stands.
    /// </summary>
    /// <param name="address">Another address of the same machine, or null for the way it was opened.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <exception cref="ZfsEsxException">Those of connecting.</exception>
    Task ReconnectAsync(string? address, CancellationToken ct);
}
