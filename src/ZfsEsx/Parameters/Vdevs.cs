using ZfsEsx.Zfs;

namespace ZfsEsx.Parameters;

internal static class Vdevs
{
    /// <summary>
    /// Groups disks into virtual devices of one width, in the order given. A mirror is two disks wide unless said
    /// otherwise, a raidz takes all, and single disks need no grouping.
    /// </summary>
    internal static IReadOnlyList<VdevSpec> Layout(string type, int? width, IReadOnlyList<string> disks)
    {
        if (type == "disk")
        {
            return [new VdevSpec(type, disks)];
        }

        int wide = width ?? (type == "mirror" ? 2 : disks.Count);
        if (disks.Count % wide != 0)
        {
            throw new ZfsEsxException(
                "InvalidLayout", FailureKind.InvalidArgument, type,
                disks.Count + " disks do not make groups of " + wide + ".",
                "Give a multiple of " + wide + " disks, or another -VdevWidth.");
        }

        return
        [
            .. Enumerable.Range(0, disks.Count / wide)
                .Select(i => new VdevSpec(type, [.. disks.Skip(i * wide).Take(wide)])),
        ];
    }
}
