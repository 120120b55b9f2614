namespace ZfsEsx.Zfs;

/// <summary>A pool on disks of a storage VM that is not imported.</summary>
public sealed record ImportableZpool
{
    /// <summary>The storage VM.</summary>
    public required string ZfsHost { get; init; }

    /// <summary>The pool's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its number, which tells pools of the same name apart.</summary>
    public required string Id { get; init; }

    /// <summary><c>ONLINE</c>, <c>DEGRADED</c>, <c>UNAVAIL</c>…</summary>
    public required string State { get; init; }

    /// <summary>The system that had it last; empty where its labels do not say.</summary>
    public string LastHost { get; init; } = "";

    /// <summary>True when another system had it and has not given it up by an export.</summary>
    public bool OtherSystem { get; init; }

    /// <summary>True when only its log is missing.</summary>
    public bool LogMissing { get; init; }

    /// <summary>What the system says about it beyond the state.</summary>
    public string Status { get; init; } = "";

    /// <summary>What the system says can be done.</summary>
    public string Action { get; init; } = "";

    /// <summary>Its devices, data first.</summary>
    public IReadOnlyList<Vdev> Vdevs { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A pool that shall be imported.</summary>
public sealed record ZpoolImportRequest
{
    /// <summary>Its name, or its number where names clash.</summary>
    public required string Name { get; init; }

    /// <summary>The name that it shall have from now on; its own when null.</summary>
    public string? NewName { get; init; }

    /// <summary>Folders to look in; the system's own way when empty.</summary>
    public IReadOnlyList<string> SearchPath { get; init; } = [];

    /// <summary>Nothing is written to it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Takes it without its log: what was written last may be lost.</summary>
    public bool AllowMissingLog { get; init; }

    /// <summary>Takes it from another system that did not export it.</summary>
    public bool Force { get; init; }
}
