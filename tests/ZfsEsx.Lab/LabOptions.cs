namespace ZfsEsx.Lab;

/// <summary>What a lab shall be.</summary>
public sealed record LabOptions
{
    /// <summary>Its name; labs of different names live side by side.</summary>
    public string Name { get; init; } = "default";

    /// <summary>How many hosts, and so storage VMs: vh1…vhN, uss1…ussN.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Operations per second of a data disk, about what a few hard disks do; 0 = no limit.</summary>
    public int DataDiskIops { get; init; } = 200;

    /// <summary>Operations per second that a data disk may do for a short burst.</summary>
    public int DataDiskBurstIops { get; init; } = 600;

    /// <summary>Size of a passed-through log device in MiB.</summary>
    public int LogDeviceMB { get; init; } = 512;
}
