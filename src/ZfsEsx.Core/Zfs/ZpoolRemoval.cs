using System.Globalization;
using System.Text.RegularExpressions;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>Devices that leave a pool, and how. Pure.</summary>
internal static class ZpoolRemoval
{
    private static readonly Regex s_percent = new("([0-9.]+)% done", RegexOptions.CultureInvariant);

    /// <summary>The names for zpool remove, and the groups in words; none when nothing named is in the pool.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="observed">Its disks, and the pools with the disks' present names.</param>
    /// <param name="name">The pool.</param>
    /// <param name="plain">Its devices as the pool itself calls them, in the same order.</param>
    /// <param name="disks">Disks by any name, or groups as the pool calls them: <c>mirror-1</c>.</param>
    public static IReadOnlyList<(string Name, Vdev Vdev)> Compare(
        string host, DiskInventory observed, string name, IReadOnlyList<Vdev> plain, IReadOnlyList<string> disks)
    {
        Zpool pool = ZpoolShape.Find(host, observed.Pools, name);
        if (pool.State is not ("ONLINE" or "DEGRADED"))
        {
            throw ZpoolShape.NotUsable(host, pool);
        }

        (string Plain, Vdev Vdev)[] tops = [.. plain.Zip(pool.Vdevs, (p, v) => (p.Name, v))];
        (string Plain, Vdev Vdev)[] leaves =
            [.. plain.SelectMany(ZpoolText.Disks).Zip(pool.Vdevs.SelectMany(ZpoolText.Disks), (p, v) => (p.Name, v))];
        HashSet<Vdev> wanted = [];
        foreach (string disk in disks)
        {
            string? device = observed.Find(disk)?.Device;
            Vdev[] found =
            [
                .. tops.Where(t => t.Vdev.Children.Count > 0 && t.Plain == disk)
                    .SelectMany(t => ZpoolText.Disks(t.Vdev)),
                .. leaves.Where(l => l.Vdev.Name == device || l.Plain == disk || l.Vdev.Note == "was " + disk)
                    .Select(l => l.Vdev),
            ];
            if (found.Length == 0 && device is null)
            {
                throw new ZfsEsxException(
                    "DiskNotFound", FailureKind.NotFound, disk,
                    "The pool " + name + " on " + host + " has no device " + Shell.ShellQuote.Readable(disk)
                        + "; it has "
                        + string.Join(", ", tops.Where(t => t.Vdev.Children.Count > 0)
                            .Concat(leaves).Select(t => t.Plain))
                        + ".",
                    "Take the name from the Vdevs of Get-EncapsulatedZpool, or a disk of Get-ZfsDisk.");
            }

            wanted.UnionWith(found);
        }

        List<(string, Vdev)> result = [];
        foreach ((string top, Vdev vdev) in tops.Where(t => ZpoolText.Disks(t.Vdev).Any(wanted.Contains)))
        {
            if (ZpoolText.Disks(vdev).FirstOrDefault(d => !wanted.Contains(d)) is Vdev rest)
            {
                throw new ZfsEsxException(
                    "DiskInGroup", FailureKind.InvalidArgument, top,
                    "The group " + top + " of the pool " + name + " leaves as a whole, and " + rest.Name
                        + " of it was not named.",
                    "Name the group, or all of its disks.");
            }

            result.Add((top, vdev));
        }

        Refuse(host, observed.Features, pool, [.. result.Select(r => r.Item2)]);
        return result;
    }

    /// <summary>What leaves, in words: <c>log vdd</c>, <c>mirror-1 of vdc, vdd</c>.</summary>
    public static string Describe((string Name, Vdev Vdev) removed) =>
        (removed.Vdev.Role == VdevRole.Data ? "data" : ZpoolDisks.Word(removed.Vdev.Role)) + " " + removed.Name
        + (removed.Vdev.Children.Count == 0 ? "" : " of " + string.Join(
            ", ", ZpoolText.Disks(removed.Vdev).Select(d => d.Name)));

    /// <summary>How far the text behind "remove:" is: null when no removal runs.</summary>
    public static int? Percent(string text)
    {
        if (!text.Contains("in progress"))
        {
            return null;
        }

        Match m = s_percent.Match(text);
        return m.Success && double.TryParse(
            m.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double percent) ? (int)percent : 0;
    }

    private static void Refuse(string host, ZpoolFeatures features, Zpool pool, IReadOnlyList<Vdev> removed)
    {
        Vdev[] holding = [.. removed.Where(v => v.Role is VdevRole.Data or VdevRole.Special or VdevRole.Dedup)];
        if (removed.Any(v => v.Role == VdevRole.Log))
        {
            features.Require(host, "Logs that can be taken out", "async_destroy", version: 19);
        }

        if (holding.Length == 0)
        {
            return;
        }

        features.Require(host, "Data disks that can be taken out", "device_removal");
        if (pool.Vdevs.FirstOrDefault(v => v.Type.StartsWith("raidz", StringComparison.Ordinal)) is Vdev raidz)
        {
            throw Not(pool, "it has the group " + raidz.Name + ", and pools with raidz keep their data disks");
        }

        if (pool.Vdevs.Where(v => v.Role == VdevRole.Data).All(holding.Contains))
        {
            throw Not(pool, "no data disk would be left");
        }

        if (pool.Progress is { State: ZpoolScanState.Running, Kind: ZpoolScanKind.Resilver } scan)
        {
            throw Not(pool, "a " + scan + " runs");
        }
    }

    private static ZfsEsxException Not(Zpool pool, string why) => new(
        "DeviceNotRemovable", FailureKind.InvalidState, pool.Name,
        "The data disks of the pool " + pool.Name + " cannot be taken out: " + why + ".",
        "A disk can take another's place with zpool replace on the storage VM.");
}
