namespace ZfsEsx.Zfs;

/// <summary>A file system or volume.</summary>
public sealed record ZfsDataset
{
    /// <summary>The storage VM.</summary>
    public required string ZfsHost { get; init; }

    /// <summary>Its name: <c>sp1/nas/vol0</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>filesystem</c> or <c>volume</c>.</summary>
    public string Type { get; init; } = "filesystem";

    /// <summary>Space it and its descendants use.</summary>
    public ByteSize Used { get; init; }

    /// <summary>Space it may still take.</summary>
    public ByteSize Available { get; init; }

    /// <summary>Space its present content refers to.</summary>
    public ByteSize Referenced { get; init; }

    /// <summary>Where it is mounted: a path, <c>none</c>, <c>legacy</c>, or <c>-</c> for volumes.</summary>
    public string MountPoint { get; init; } = "-";

    /// <summary>True when it is mounted now.</summary>
    public bool Mounted { get; init; }

    /// <summary>The snapshot it was cloned from; empty otherwise.</summary>
    public string Origin { get; init; } = "";

    /// <summary>All properties read, by name, as the system prints them.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
