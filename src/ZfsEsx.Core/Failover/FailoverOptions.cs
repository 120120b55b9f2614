using ZfsEsx.Os;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>Whose file systems are taken over, and by whom.</summary>
public sealed record FailoverOptions
{
    /// <summary>The name of the storage VM whose replicas are meant, as replication knows it.</summary>
    public required string Source { get; init; }

    /// <summary>The storage VM that holds the replicas.</summary>
    public required ZfsHost Holder { get; init; }

    /// <summary>Where hosts reach the holder's shares: its address in the storage network.</summary>
    public required string HolderAddress { get; init; }

    /// <summary>The hosts that shall have the datastores, and run the VMs.</summary>
    public required IReadOnlyList<MoRef> Hosts { get; init; }

    /// <summary>The source itself. It is needed where it takes part: a planned failover, and the way back.</summary>
    public ZfsHost? SourceHost { get; init; }

    /// <summary>Where hosts and the holder reach the source; needed for the way back.</summary>
    public string? SourceAddress { get; init; }

    /// <summary>
    /// Only these file systems, by their names below the source's pool (<c>nas/vol0</c>); all when empty.
    /// </summary>
    public IReadOnlyList<string> FileSystems { get; init; } = [];

    /// <summary>The datastore of each file system, where it is not found by its name or path.</summary>
    public IReadOnlyDictionary<string, string> Datastores { get; init; } = new Dictionary<string, string>();

    /// <summary>The source's VM in the inventory; the one of its name when null.</summary>
    public MoRef? SourceVm { get; init; }

    /// <summary>VMs that ran are switched on.</summary>
    public bool PowerOn { get; init; } = true;

    /// <summary>What a test has made is left for a look at it.</summary>
    public bool Keep { get; init; }

    /// <summary>VMs without VMware Tools are switched off where guests are to be shut down.</summary>
    public bool Force { get; init; }

    /// <summary>Only the first part of the way back: data is sent home while VMs go on.</summary>
    public bool Prepare { get; init; }

    /// <summary>How long a guest may take to shut down.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a test waits for VMware Tools.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long sending home may take.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The account of replication, and the port of the source's ssh server.</summary>
    public string UserName { get; init; } = "zfsadm";

    /// <inheritdoc cref="UserName"/>
    public int Port { get; init; } = 22;
}
