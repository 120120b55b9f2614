namespace ZfsEsx.Esx;

/// <summary>How far <see cref="DirectPath"/> may go.</summary>
public sealed record DirectPathOptions
{
    /// <summary>Take the host through maintenance mode and a reboot where the change needs one.</summary>
    public bool AllowReboot { get; init; }

    /// <summary>
    /// Lifts the refusal for devices that carry a VMFS datastore or an uplink. A boot device is refused all the same:
    /// the host could not save the change, or not boot after it.
    /// </summary>
    public bool Force { get; init; }

    /// <summary>How long entering maintenance mode may take.</summary>
    public TimeSpan MaintenanceTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a host may be away.</summary>
    public TimeSpan RebootTimeout { get; init; } = TimeSpan.FromMinutes(30);
}
