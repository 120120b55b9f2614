using ZfsEsx.Os;

namespace ZfsEsx.Parameters;

/// <summary>A disk as a parameter: its name, and the storage VM that it is of when the user gave an object.</summary>
/// <param name="Name">Any of its names.</param>
/// <param name="ZfsHost">The storage VM's name; null for a bare name.</param>
public sealed record DiskName(string Name, string? ZfsHost)
{
    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>
    /// The names on this storage VM. The same name means another disk on another storage VM, so an object from there is
    /// refused.
    /// </summary>
    internal static string[] On(ZfsHost host, IEnumerable<DiskName> disks) =>
    [
        .. disks.Select(d =>
            d.ZfsHost is null || string.Equals(d.ZfsHost, host.Name, StringComparison.OrdinalIgnoreCase)
                ? d.Name
                : throw new ZfsEsxException(
                    "DiskOfAnotherStorageVm", FailureKind.InvalidArgument, d.Name,
                    "The disk " + d.Name + " is of " + d.ZfsHost + ", not of " + host.Name + ".",
                    "Take it from Get-ZfsDisk " + host.Name + ".")),
    ];
}
