using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Disks that form one virtual device, as they were found.</summary>
internal sealed record ZpoolGroup(VdevRole Role, string Type, IReadOnlyList<ZfsDisk> Disks);

/// <summary>From the names of a layout to the disks that they mean. Pure.</summary>
internal static class ZpoolDisks
{
    // zpool takes disks for equal that differ by no more than this (ZPOOL_FUZZ).
    private const long Fuzz = 16L << 20;

    /// <summary>The disks of a layout.</summary>
    /// <exception cref="ZfsEsxException"><c>DiskNotFound</c>, <c>DiskTwice</c>.</exception>
    public static IReadOnlyList<ZpoolGroup> Find(string host, DiskInventory observed, ZpoolLayout layout)
    {
        Dictionary<string, VdevRole> roleOf = new(StringComparer.Ordinal);
        List<ZpoolGroup> groups = [];
        foreach ((VdevRole role, VdevSpec vdev) in layout.Groups())
        {
            List<ZfsDisk> disks = [];
            foreach (string name in vdev.Disks)
            {
                ZfsDisk disk = observed.Find(name) ?? throw NotFound(host, observed, name);
                if (roleOf.TryGetValue(disk.Device, out VdevRole before))
                {
                    throw new ZfsEsxException(
                        "DiskTwice", FailureKind.InvalidArgument, name,
                        "The disk " + name + " (" + disk.Device + ") is named twice: as " + Word(before) + " and as "
                            + Word(role) + " disk.",
                        "Give every disk one task; a log on a data disk makes both slower.");
                }

                roleOf[disk.Device] = role;
                disks.Add(disk);
            }

            groups.Add(new ZpoolGroup(role, vdev.Type, disks));
        }

        return groups;
    }

    /// <summary>What old content is overwritten.</summary>
    /// <exception cref="ZfsEsxException"><c>DiskInUse</c>.</exception>
    public static IReadOnlyList<string> Overwritten(string host, IEnumerable<ZpoolGroup> groups, bool force)
    {
        ZfsDisk[] used = [.. groups.SelectMany(g => g.Disks).Where(d => d.InUse is not null)];
        return used.FirstOrDefault(d => !force || d.Hold != DiskHold.OldContent) is ZfsDisk disk
            ? throw new ZfsEsxException(
                "DiskInUse", FailureKind.InUse, disk.Name,
                "The disk " + disk.Name + " (" + disk.Device + ", " + disk.Size + ") on " + host + " is in use: "
                    + disk.InUse + ".",
                disk.Hold switch
                {
                    DiskHold.OldContent => "If its content is not needed any more, say -Force: it is then lost.",
                    DiskHold.PoolNotImported => "Import that pool with Import-EncapsulatedZpool, or destroy it on the "
                        + "storage VM (zpool destroy) if it is not needed any more.",
                    _ => "Choose another disk; see Get-ZfsDisk.",
                })
            : [.. used.Select(d => d.InUse + " on " + d.Device)];
    }

    /// <summary>
    /// The property ashift that suits all these disks: their largest physical sector, and 4096 at least, so that a disk
    /// of today can take the place of one of them. Virtual disks say 512 whatever is below.
    /// </summary>
    public static int Ashift(IEnumerable<ZfsDisk> disks)
    {
        int sector = disks.Select(d => d.SectorSize).DefaultIfEmpty(0).Max();
        int shift = 12;
        while (shift < 16 && 1 << shift < sector)
        {
            shift++;
        }

        return shift;
    }

    /// <summary>About how much data the groups can hold.</summary>
    public static long Room(IEnumerable<ZpoolGroup> groups) => groups.Where(g => g.Role == VdevRole.Data).Sum(g =>
        g.Disks.Min(d => d.Size.Bytes) * g.Type switch
        {
            "mirror" => 1,
            "disk" => g.Disks.Count,
            _ => g.Disks.Count - (g.Type[g.Type.Length - 1] - '0'), // raidz1 to raidz3
        });

    /// <summary>What a layout's groups would surprise with later; null when nothing.</summary>
    public static string? Surprise(IReadOnlyList<ZpoolGroup> groups, IReadOnlyList<Vdev> there)
    {
        // Groups of data, old and new, as kind and width.
        (string Type, int Width)[] data =
        [
            .. there.Where(v => v.Role == VdevRole.Data).Select(v => (v.Type, v.Type == "disk" ? 1 : v.Children.Count)),
            .. groups.Where(g => g.Role == VdevRole.Data).Select(g => (g.Type, g.Type == "disk" ? 1 : g.Disks.Count)),
        ];
        if (data.Distinct().Skip(1).Any())
        {
            return "its data groups differ in kind or number of disks (" + string.Join(
                ", ", data.Distinct().Select(d => d.Type == "disk" ? "single disks" : d.Type + " of " + d.Width))
                + "), so the weakest would decide";
        }

        ZpoolGroup? unlike = groups.FirstOrDefault(g => g.Type != "disk"
            && g.Disks.Max(d => d.Size.Bytes) - g.Disks.Min(d => d.Size.Bytes) > Fuzz);
        if (unlike is not null)
        {
            return "the disks of a " + unlike.Type + " differ in size ("
                + string.Join(", ", unlike.Disks.Select(d => d.Device + " " + d.Size))
                + "), so the smallest would decide";
        }

        int losses = data.Select(d => Losses(d.Type, d.Width)).DefaultIfEmpty(0).Min();
        ZpoolGroup? weak = groups.FirstOrDefault(g =>
            g.Role is VdevRole.Log or VdevRole.Special or VdevRole.Dedup
            && Losses(g.Type, g.Disks.Count) < (g.Role == VdevRole.Log ? Math.Min(losses, 1) : losses));
        return weak is null ? null
            : "its data can lose " + Count(losses) + " but its " + Word(weak.Role) + " " + (weak.Disks.Count == 1
                ? "disk cannot be lost without loss of data"
                : "disks only " + Count(Losses(weak.Type, weak.Disks.Count)));
    }

    /// <summary>The role as zpool and people call it.</summary>
    public static string Word(VdevRole role) => role.ToString().ToLowerInvariant();

    private static int Losses(string type, int width) => type switch
    {
        "mirror" => width - 1,
        "raidz1" => 1,
        "raidz2" => 2,
        "raidz3" => 3,
        _ => 0,
    };

    private static string Count(int disks) => disks == 1 ? "1 disk" : disks == 0 ? "none" : disks + " disks";

    private static ZfsEsxException NotFound(string host, DiskInventory observed, string name) => new(
        "DiskNotFound", FailureKind.NotFound, name,
        "There is no disk " + ShellQuote.Readable(name) + " on " + host + "; it has "
        + (observed.Disks.Count == 0 ? "none"
            : string.Join(", ", observed.Disks.Select(d => d.Name + " (" + d.Device + ")"))) + ".",
        "Take the name from Get-ZfsDisk. Pools take whole disks, not partitions.");
}
