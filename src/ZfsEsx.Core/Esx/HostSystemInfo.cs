using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>An ESXi host in the inventory.</summary>
/// <param name="Name">Its name in the inventory.</param>
/// <param name="Id">PowerCLI's id: <c>HostSystem-host-10</c>.</param>
/// <param name="ConnectionState"><c>connected</c>, <c>disconnected</c> or <c>notResponding</c>.</param>
/// <param name="InMaintenanceMode">Whether it is in maintenance mode.</param>
/// <param name="RebootRequired">Whether a change waits for its next boot.</param>
/// <param name="BootTime">When it was booted; null when it is not known.</param>
/// <param name="Product">Product and version in words.</param>
public sealed record HostSystemInfo(
    string Name, string Id, string ConnectionState, bool InMaintenanceMode, bool RebootRequired,
    DateTimeOffset? BootTime, string Product)
{
    /// <summary>The reference for further calls.</summary>
    public MoRef Reference => MoRef.Parse(Id);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
