namespace ZfsEsx.Zfs;

/// <summary>
/// The ARC (adaptive replacement cache) of a storage VM: the memory in which ZFS keeps what it has read.
/// </summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="Memory">All of the storage VM's memory; null where the system does not say.</param>
/// <param name="Size">What the ARC takes now; null where the system does not say.</param>
/// <param name="Max">The most that it may take now; null where the system does not say.</param>
/// <param name="Kept">The limit that <paramref name="File"/> keeps over restarts; null when it has none.</param>
/// <param name="File">The file in which the system keeps the limit.</param>
/// <param name="Recommended">
/// Three quarters of the memory, but 1 GB at least is left to others; half where that would leave less than half.
/// </param>
/// <param name="Advice">What to do; empty when nothing is to be done.</param>
public sealed record ZfsArc(
    string ZfsHost, ByteSize? Memory, ByteSize? Size, ByteSize? Max, ByteSize? Kept, string File, ByteSize? Recommended,
    string Advice);
