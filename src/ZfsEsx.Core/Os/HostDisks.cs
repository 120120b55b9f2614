using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>A disk of a storage VM.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Name">The stable name that pools are made with: <c>/dev/disk/by-id/…</c>, <c>c8t1d0</c>.</param>
/// <param name="Device">The system's present name: <c>vdb</c>.</param>
/// <param name="Size">Its size.</param>
/// <param name="Model">What the maker calls it.</param>
/// <param name="Serial">Serial number.</param>
/// <param name="Rotational">True for spinning disks; null where the system does not say.</param>
/// <param name="InUse">
/// What uses it, or null: <c>pool sp1</c>, <c>mounted on /</c>, <c>partition table</c>, <c>ext4 file system</c>.
/// </param>
/// <param name="PciAddress">
/// PCI address of its controller as the storage VM sees it: <c>0000:00:05.0</c>; empty where unknown.
/// </param>
/// <param name="Names">All names the system knows it by, the stable one and the present one among them.</param>
public sealed record ZfsDisk(
    string ZfsHost,
    string Name,
    string Device,
    ByteSize Size,
    string Model,
    string Serial,
    bool? Rotational,
    string? InUse,
    string PciAddress,
    IReadOnlyList<string> Names)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Disks of a storage VM.</summary>
public static class HostDisks
{
    /// <summary>Lists the disks in one round trip.</summary>
    public static async Task<IReadOnlyList<ZfsDisk>> GetAsync(ZfsHost host, CancellationToken ct) =>
        (await ReadAsync(host, ct).ConfigureAwait(false)).Disks;

    internal static async Task<DiskInventory> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            host.Dialect.ReadDisks(), "DisksNotRead", host.Name, "The disks cannot be listed", null, ct)
                .ConfigureAwait(false);
        return host.Dialect.ParseDisks(host.Name, answer.Output);
    }
}
