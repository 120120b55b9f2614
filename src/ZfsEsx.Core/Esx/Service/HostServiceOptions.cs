using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>How a host is emptied and brought back. All of it can be left out.</summary>
public sealed record HostServiceOptions
{
    /// <summary>The host's storage VM, where it cannot be told by itself.</summary>
    public MoRef? StorageVm { get; init; }

    /// <summary>The datastores that the storage VM serves, where they cannot be told by its addresses.</summary>
    public IReadOnlyList<MoRef> Shares { get; init; } = [];

    /// <summary>Where the VMs' files may go; when empty, to other storage VMs' shares.</summary>
    public IReadOnlyList<MoRef> Datastores { get; init; } = [];

    /// <summary>The hosts that running VMs may go to; when empty, any that can run them.</summary>
    public IReadOnlyList<MoRef> Destinations { get; init; } = [];

    /// <summary>
    /// Shuts the storage VM's system down from inside, where VMware Tools do not run in it. Returns once the system has
    /// been told.
    /// </summary>
    public Func<CancellationToken, Task>? ShutDown { get; init; }

    /// <summary>Powers a storage VM off that cannot be shut down, or has not within the time.</summary>
    public bool Force { get; init; }

    /// <summary>How long the storage VM's shutdown may take.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the host may take into maintenance mode.</summary>
    public TimeSpan MaintenanceTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long the storage VM may take from power-on until hosts can mount its share.</summary>
    public TimeSpan ShareTimeout { get; init; } = TimeSpan.FromMinutes(15);
}
