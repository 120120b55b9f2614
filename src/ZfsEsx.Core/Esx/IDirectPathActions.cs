namespace ZfsEsx.Esx;

/// <summary>What a passthrough plan does to a host.</summary>
internal interface IDirectPathActions
{
    /// <summary>Marks or unmarks devices, all in one call, and checks that the host has kept it.</summary>
    Task MarkAsync(
        HostPci host, IReadOnlyList<VmDirectPathDevice> devices, bool enable, IReporter reporter, CancellationToken ct);

    /// <summary>
    /// Takes the host through maintenance mode and a boot, unless it needs none any more, and checks the devices
    /// afterwards.
    /// </summary>
    Task RebootAsync(
        HostPci host, IReadOnlyList<VmDirectPathDevice> devices, bool enable, DirectPathOptions options,
        IReporter reporter, CancellationToken ct);
}
