using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>A storage VM over one remote shell: what it is, what it can do, and commands on it with the rights they need.</summary>
public sealed class ZfsHost : IDisposable
{
    private ZfsHost(IRemoteShell shell) => Shell = shell;

    /// <summary>The storage VM, as the user calls it.</summary>
    public string Name => Shell.Name;

    /// <summary>The shell that commands go through; disposed with this object.</summary>
    public IRemoteShell Shell { get; }

    /// <summary>The kind of system.</summary>
    public HostSystem System { get; }

    /// <summary>The system's release, as <c>uname -r</c> says.</summary>
    public string Release { get; } = "";

    /// <summary>The user logged in as.</summary>
    public string UserName { get; } = "";

    /// <summary>How commands get root's rights.</summary>
    public Elevation Elevation { get; }

    /// <summary>The version of ZFS in the system's own words: <c>zfs-2.3.9-0+deb13u1</c>, <c>pool version 23</c>; empty without ZFS.</summary>
    public string ZfsVersion { get; } = "";

    /// <summary>What its ZFS can do.</summary>
    public ZfsFeatures Features { get; } = new(false, false, false, false, false);

    /// <summary>What its NFS server does.</summary>
    public NfsServerState NfsServer { get; }

    /// <summary>The system's time, when it was asked.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Programs found, by name.</summary>
    public IReadOnlyCollection<string> Tools { get; } = [];

    /// <summary>Detects the system in one round trip. The host owns the shell from then on, also when this fails.</summary>
    /// <exception cref="ZfsEsxException"><c>SystemNotSupported</c>.</exception>
    public static Task<ZfsHost> OpenAsync(IRemoteShell shell, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Runs a command with root's rights and returns its answer, whatever its exit code.</summary>
    /// <exception cref="ZfsEsxException"><c>ElevationRefused</c>, and those of the shell.</exception>
    public Task<CommandResult> RunAsync(RemoteCommand command, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Runs a command with the rights of the user logged in.</summary>
    public Task<CommandResult> RunAsUserAsync(RemoteCommand command, CancellationToken ct) => Shell.RunAsync(command, ct);

    /// <summary>Runs a command with root's rights; an exit code other than 0 is a failure with the system's own words.</summary>
    /// <param name="command">The command.</param>
    /// <param name="id">The failure's id.</param>
    /// <param name="target">The thing the failure is about.</param>
    /// <param name="what">What could not be done: "The pool sp1 cannot be created".</param>
    /// <param name="advice">What to do next.</param>
    /// <param name="ct">Ends the command.</param>
    public Task<CommandResult> CheckAsync(
        RemoteCommand command, string id, string target, string what, string? advice, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Writes a file with root's rights in one step: the old content or the new, never half of it.</summary>
    public Task UploadAsync(string path, byte[] content, string mode, CancellationToken ct) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => Shell.Dispose();
}
