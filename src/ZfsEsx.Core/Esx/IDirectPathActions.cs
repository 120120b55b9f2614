namespace ZfsEsx.Esx;

/// <summary>What a passthrough plan does to a host.</summary>
internal interface IDirectPathActions
{
    /// <summary>Marks or unmarks devices, all in one call.</summary>
    Task MarkAsync(HostPci host, IReadOnlyList<string> ids, bool enable, CancellationToken ct);

    /// <summary>Takes the host through maintenance mode and a boot, and checks the devices afterwards.</summary>
    Task RebootAsync(
        HostPci host, IReadOnlyList<string> ids, bool enable, DirectPathOptions options, IReporter reporter,
        CancellationToken ct);
}
