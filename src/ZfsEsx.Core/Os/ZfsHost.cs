using System.Security;
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

    /// <summary>How the shell became root's.</summary>
    public Elevation Elevation => _probe.Elevation;

    /// <summary>Why commands do not get root's rights; empty when they do.</summary>
    internal string ElevationRefusal => _probe.Refusal;

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

    /// <summary>Held while root's crontab is read and written again.</summary>
    internal SemaphoreSlim CrontabTurn { get; } = new(1, 1);

    /// <summary>
    /// Detects the system, and becomes root there where the user may without a password. One round trip for root.
    /// The host owns the shell from then on, also when this fails.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>SystemNotSupported</c>.</exception>
    public static Task<ZfsHost> OpenAsync(IRemoteShell shell, CancellationToken ct) =>
        OpenAsync(shell, null, insist: false, ct);

    /// <summary>The same with a password for sudo, which is used where sudo asks for one.</summary>
    /// <param name="shell">The user's shell.</param>
    /// <param name="sudoPassword">The password; null when there is none.</param>
    /// <param name="insist">Whether it is a failure when it does not make root: otherwise only reading works.</param>
    /// <param name="ct">Ends the opening.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>SystemNotSupported</c>, <c>SudoPasswordRefused</c>, <c>ElevationRefused</c>, <c>InvalidPassword</c>.
    /// </exception>
    public static async Task<ZfsHost> OpenAsync(
        IRemoteShell shell, SecureString? sudoPassword, bool insist, CancellationToken ct)
    {
        try
        {
            HostProbe user = await ProbeAsync(shell, all: false, ct).ConfigureAwait(false);
            bool complete =
                user.Elevation == Elevation.Root || (user.Elevation == Elevation.None && !user.AsksForPassword);
            return new ZfsHost(
                shell,
                complete ? user
                    : await BecomeRootAsync(shell, user, sudoPassword, insist, ct).ConfigureAwait(false));
        }
        catch
        {
            shell.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command with root's rights and returns its answer, whatever its exit code.</summary>
    /// <exception cref="ZfsEsxException"><c>ElevationRefused</c>, and those of the shell.</exception>
    public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) => Elevation != Elevation.None
        ? Shell.RunAsync(command, ct)
        : throw new ZfsEsxException(
            "ElevationRefused", FailureKind.PermissionDenied, Name,
            "The user " + UserName + " has no root's rights on " + Name + ": "
                + (ElevationRefusal.Length == 0
                    ? "no sudo, doas or pfexec gives them"
                    : ElevationRefusal.TrimEnd('.')) + ".",
            _probe.AsksForPassword ? "Connect again with -SudoCredential."
                : "Connect as root, or as a user who may use sudo, doas or pfexec for everything.");

    /// <summary>Runs a command that needs no rights: also where there is no way to root's.</summary>
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

    /// <summary>Goes on over a fresh connection, to another address of the same system when one is given.</summary>
    internal Task ReconnectAsync(string? address, CancellationToken ct) => Shell.ReconnectAsync(address, ct);

    /// <inheritdoc/>
    public void Dispose() => Shell.Dispose();

    private static async Task<HostProbe> BecomeRootAsync(
        IRemoteShell shell, HostProbe user, SecureString? password, bool insist, CancellationToken ct)
    {
        Elevation elevation = user.AsksForPassword ? Elevation.Sudo : user.Elevation;
        string refusal = "";
        if (user.AsksForPassword && password is null)
        {
            (elevation, refusal) = (Elevation.None, user.Refusal);
        }
        else
        {
            try
            {
                await shell.BecomeRootAsync(
                    elevation switch
                    {
                        Elevation.Doas => RootAccess.Doas,
                        Elevation.Pfexec => RootAccess.Pfexec,
                        _ => RootAccess.Sudo(user.AsksForPassword ? password : null),
                    },
                    ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (!insist && e.Kind == FailureKind.PermissionDenied)
            {
                (elevation, refusal) = (Elevation.None, e.Message);
            }
        }

        return await ProbeAsync(shell, all: true, ct).ConfigureAwait(false) with
        {
            UserName = user.UserName, Elevation = elevation, AsksForPassword = user.AsksForPassword, Refusal = refusal,
        };
    }

    private static async Task<HostProbe> ProbeAsync(IRemoteShell shell, bool all, CancellationToken ct) =>
        HostProbe.Parse(shell.Name, await shell.RunAsync(HostProbe.Command(all), ct).ConfigureAwait(false));
}
