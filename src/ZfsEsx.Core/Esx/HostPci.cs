using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What the planner must know of a host.</summary>
internal sealed record HostPci
{
    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public bool Connected { get; init; } = true;

    public bool InMaintenanceMode { get; init; }

    /// <summary>Takes UpdatePassthruConfig.</summary>
    public MoRef PassthruSystem { get; init; }

    /// <summary>Knows which disk the host boots from; default where the host has none.</summary>
    public MoRef BootDeviceSystem { get; init; }

    /// <summary>The controllers that a disk is behind, by the disk's name.</summary>
    public Func<string, IEnumerable<string>> ControllersOf { get; init; } = _ => [];

    public IReadOnlyList<VmDirectPathDevice> Devices { get; init; } = [];

    /// <summary>VMs that run on it and would have to leave before a reboot; read only when one is allowed.</summary>
    public IReadOnlyList<RunningVM> RunningVMs { get; init; } = [];

    /// <summary>False where the connection ends with the host's reboot and cannot be made again by us.</summary>
    public bool OutlivesReboot { get; init; } = true;

    /// <summary>False when nothing tells which disk it boots from.</summary>
    public bool BootDeviceKnown { get; init; } = true;

    /// <summary>True when its cluster's DRS moves VMs away by itself.</summary>
    public bool Evacuates { get; init; }
}
