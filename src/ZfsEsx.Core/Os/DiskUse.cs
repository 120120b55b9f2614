using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>What all systems say the same about the use of a disk. Pure.</summary>
internal static class DiskUse
{
    public const string PartitionTable = "partition table";

    /// <summary>Devices of imported pools, and what the pool uses them for.</summary>
    public static Dictionary<string, string> Users(IEnumerable<Zpool> pools)
    {
        Dictionary<string, string> users = new(StringComparer.Ordinal);
        foreach ((Zpool pool, Vdev disk) in pools.SelectMany(
            p => p.Vdevs.SelectMany(ZpoolText.Disks).Select(d => (p, d))))
        {
            users[disk.Name] = "pool " + pool.Name
                + (disk.Role == VdevRole.Data ? "" : " (" + disk.Role.ToString().ToLowerInvariant() + ")");
        }

        return users;
    }

    /// <summary>The use that the label of a pool that is not imported means.</summary>
    public static (DiskHold Hold, string Use) Of(PoolLabel label) => label.State switch
    {
        "2" => (DiskHold.OldContent, "label of the destroyed pool " + label.Pool),
        "3" => (DiskHold.OldContent, "label of a spare disk"),
        "4" => (DiskHold.OldContent, "label of a cache disk"),
        _ => (DiskHold.PoolNotImported, "pool " + label.Pool + ", not imported"),
    };

    /// <summary>
    /// What holds a disk most, with the first of its uses; null without any. Who gives way to Force is named whole: all
    /// of it would be lost.
    /// </summary>
    public static (DiskHold Hold, string? Use)? Strongest(IReadOnlyCollection<(DiskHold Hold, string Use)> found)
    {
        if (found.Count == 0)
        {
            return null;
        }

        DiskHold most = found.Max(f => f.Hold);
        string[] uses = [.. found.Where(f => f.Hold == most).Select(f => f.Use).Distinct()];
        return (most, most == DiskHold.OldContent ? string.Join(", ", uses) : uses[0]);
    }

    /// <summary>The pools with other names of their disks.</summary>
    public static IReadOnlyList<Zpool> Rename(IEnumerable<Zpool> pools, IReadOnlyDictionary<string, string> names) =>
        [.. pools.Select(p => p with { Vdevs = p.Vdevs.Select(v => Rename(v, names)).ToArray() })];

    private static Vdev Rename(Vdev vdev, IReadOnlyDictionary<string, string> names) => vdev with
    {
        Name = names.TryGetValue(vdev.Name, out string? name) ? name : vdev.Name,
        Children = vdev.Children.Select(c => Rename(c, names)).ToArray(),
    };
}
