using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>
/// A storage VM over one remote shell: what it is, what it can do, and commands on it with the rights they need.
/// </summary>
public sealed class ZfsHost : IDisposable
{
    private readonly HostProbe _probe;

    private ZfsHost(IRemoteShell shell, HostProbe probe)
    {
        Shell = shell;
        _probe = probe;
        Dialect = probe.System switch
        {
            HostSystem.Linux => new LinuxDialect(),
            HostSystem.OpenSolaris or HostSystem.Illumos => new SolarisDialect(probe.System),
            _ => new UnknownDialect(probe.System),
        };
    }

    /// <summary>The storage VM, as the user calls it.</summary>
    public string Name => Shell.Name;

    /// <summary>The shell that commands go through; disposed with this object.</summary>
    public IRemoteShell Shell { get; }

    /// <summary>The kind of system.</summary>
    public HostSystem System => _probe.System;

    /// <summary>The system's release, as <c>uname -r</c> says.</summary>
    public string Release => _probe.Release;

    /// <summary>The user logged in as.</summary>
    public string UserName => _probe.UserName;

    /// <summary>How commands get root's rights.</summary>
    public Elevation Elevation => _probe.Elevation;

    /// <summary>
    /// The version of ZFS in the system's own words: <c>zfs-2.3.9-0+deb13u1</c>, <c>pool version 23</c>; empty without
    /// ZFS.
    /// </summary>
    public string ZfsVersion => _probe.ZfsVersion;

    /// <summary>What its ZFS can do.</summary>
    public ZfsFeatures Features => _probe.Features;

    /// <summary>What its NFS server did when the connection was made.</summary>
    public NfsServerState NfsServer => _probe.NfsServer;

    /// <summary>The system's time, when the connection was made.</summary>
    public DateTimeOffset Time => _probe.Time;

    /// <summary>Programs found, by name.</summary>
    public IReadOnlyCollection<string> Tools => _probe.Tools;

    /// <summary>What differs between systems.</summary>
    internal IOsDialect Dialect { get; }

    /// <summary>
    /// Detects the system in one round trip. The host owns the shell from then on, also when this fails.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>SystemNotSupported</c>.</exception>
    public static async Task<ZfsHost> OpenAsync(IRemoteShell shell, CancellationToken ct)
    {
        try
        {
            CommandResult answer = await shell.RunAsync(HostProbe.Command, ct).ConfigureAwait(false);
            return new ZfsHost(shell, HostProbe.Parse(shell.Name, answer));
        }
        catch
        {
            shell.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command with root's rights and returns its answer, whatever its exit code.</summary>
    /// <exception cref="ZfsEsxException"><c>ElevationRefused</c>, and those of the shell.</exception>
    public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) =>
        Shell.RunAsync(Elevate(command), ct);

    /// <summary>Runs a command with the rights of the user logged in.</summary>
    public Task<CommandResult> RunAsUserAsync(RemoteCommand command, CancellationToken ct) =>
        Shell.RunAsync(command, ct);

    /// <summary>
    /// Runs a command with root's rights; an exit code other than 0 is a failure with the system's own words.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="id">The failure's id.</param>
    /// <param name="target">The thing the failure is about.</param>
    /// <param name="what">What could not be done: "The pool sp1 cannot be created".</param>
    /// <param name="advice">What to do next.</param>
    /// <param name="ct">Ends the command.</param>
    public async Task<CommandResult> CheckAsync(
        RemoteCommand command, string id, string target, string what, string? advice, CancellationToken ct)
    {
        CommandResult result = await RunAsync(command, ct).ConfigureAwait(false);
        return result.Succeeded
            ? result
            : throw new ZfsEsxException(
                id, FailureKind.Failed, target, what + " on " + Name + ": " + result.Complaint.TrimEnd('.') + ".",
                    advice);
    }

    /// <summary>Writes a file with root's rights in one step: the old content or the new, never half of it.</summary>
    public async Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) =>
        RemoteFile.CheckUpload(
            Name, path, await RunAsync(RemoteFile.Upload(path, content, mode), ct).ConfigureAwait(false));

    /// <inheritdoc/>
    public void Dispose() => Shell.Dispose();

    internal RemoteCommand Elevate(RemoteCommand command) => Elevation switch
    {
        Elevation.Root => command,
        Elevation.Sudo => command.After(["sudo", "-n", "--"]),
        Elevation.Doas => command.After(["doas", "-n", "--"]),
        Elevation.Pfexec => command.After(["pfexec"]),
        _ => throw new ZfsEsxException(
            "ElevationRefused", FailureKind.PermissionDenied, Name,
            "The user " + UserName + " is not root on " + Name
                + " and gets root's rights neither by sudo nor doas nor pfexec without a password.",
            "Log in as root, or allow the user sudo without a password (NOPASSWD)."),
    };
}
