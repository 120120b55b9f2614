using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>
/// Data disks as users say them: sizes, one format for all, and one datastore for all or one for each.
/// </summary>
internal static class StorageVmDisks
{
    /// <exception cref="ZfsEsxException"><c>DatastoreCount</c>.</exception>
    internal static IReadOnlyList<NewDisk> From(
        IReadOnlyList<ByteSize> sizes, VirtualDiskFormat? format, IReadOnlyList<MoRef> datastores) =>
        datastores.Count > 1 && datastores.Count != sizes.Count
            ? throw new ZfsEsxException(
                "DatastoreCount", FailureKind.InvalidArgument, "DataDatastore",
                datastores.Count + " datastores and " + sizes.Count + " data disks do not go together.",
                "Give one datastore for all disks, or one for each.")
            :
            [
                .. sizes.Select((size, i) => new NewDisk(size)
                {
                    Format = format,
                    Datastore = datastores.Count == 0 ? null : datastores[datastores.Count == 1 ? 0 : i],
                }),
            ];
}
