namespace ZfsEsx.Esx;

/// <summary>A host whose shares are emptied for its service, or brought back.</summary>
public sealed record EncapsulatedHostService
{
    /// <summary>The host's name.</summary>
    public required string VMHost { get; init; }

    /// <summary>PowerCLI's id of the host.</summary>
    public required string VMHostId { get; init; }

    /// <summary>The host's storage VM.</summary>
    public required string StorageVM { get; init; }

    /// <summary>
    /// <c>Serving</c>: as it always is. <c>Ready</c>: shares unmounted, storage VM off, maintenance mode; the host
    /// can be
    /// serviced. <c>Unfinished</c>: in between, on the way there or back.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Whether the host is in maintenance mode.</summary>
    public bool InMaintenanceMode { get; init; }

    /// <summary><c>poweredOn</c> or <c>poweredOff</c>: the storage VM.</summary>
    public required string StorageVMPower { get; init; }

    /// <summary>The datastores that the storage VM serves.</summary>
    public IReadOnlyList<string> Shares { get; init; } = [];

    /// <summary>The VMs that are away from home because of the service.</summary>
    public IReadOnlyList<EncapsulatedHostServiceVm> Moved { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => VMHost + " " + State;
}

/// <summary>A VM that lives elsewhere while its home is serviced.</summary>
/// <param name="Name">Its name.</param>
/// <param name="VMId">PowerCLI's id.</param>
/// <param name="VMHost">Where it is now.</param>
/// <param name="Datastore">Where its files are now.</param>
/// <param name="HomeHost">The host that it goes back to; empty: it stays.</param>
/// <param name="HomeDatastore">The datastore that it goes back to; empty: its files stay.</param>
public sealed record EncapsulatedHostServiceVm(
    string Name, string VMId, string VMHost, string Datastore, string HomeHost, string HomeDatastore)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
