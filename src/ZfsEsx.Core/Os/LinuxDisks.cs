using System.Text.RegularExpressions;
using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>All disks of a storage VM, and its pools with the disks (by present device name) they stand on.</summary>
/// <param name="Disks">The disks.</param>
/// <param name="Pools">
/// Pools as <c>zpool status -LP</c> shows them; their disks are devices of <paramref name="Disks"/> where known.
/// </param>
internal sealed record DiskInventory(IReadOnlyList<ZfsDisk> Disks, IReadOnlyList<Zpool> Pools)
{
    /// <summary>The disk that a name of any kind means, or null.</summary>
    public ZfsDisk? Find(string name) =>
        Disks.FirstOrDefault(d => d.Names.Contains(name, StringComparer.Ordinal));
}

/// <summary>Reads the answer of disks.sh. Pure.</summary>
internal static class LinuxDisks
{
    private static readonly Regex s_pair = new("([A-Z-]+)=\"([^\"]*)\"", RegexOptions.CultureInvariant);
    private static readonly Regex s_escape = new("\\\\x([0-9a-fA-F]{2})", RegexOptions.CultureInvariant);
    private static readonly Regex s_pci =
        new("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]", RegexOptions.CultureInvariant);

    public static DiskInventory Parse(string host, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        List<Dictionary<string, string>> rows = [.. parts.Lines("lsblk").Select(Row)];
        ILookup<string, (string Key, string Value)> probes =
            Probes(parts.Lines("probe")).ToLookup(p => p.Device, p => (p.Key, p.Value));
        Dictionary<string, (string State, string Pool)> labels = [];
        foreach (string[] w in parts.Lines("labels").Select(l => l.Split(' ')).Where(w => w.Length == 3))
        {
            labels[w[0].Substring("/dev/".Length)] = (w[1], w[2].Trim('\''));
        }

        string[] links = parts.Lines("links");
        string[] targets = parts.Lines("targets");
        ILookup<string, string> names = Enumerable.Range(0, Math.Min(links.Length, targets.Length))
            .ToLookup(i => targets[i], i => links[i]);
        string[] blocks = parts.Lines("blocks");
        IReadOnlyList<Zpool> pools = ZpoolText.Pools(host, null, parts.Get("status"));
        Dictionary<string, string> users = [];
        foreach (Zpool pool in pools)
        {
            foreach (Vdev disk in pool.Vdevs.SelectMany(ZpoolText.Disks))
            {
                users[disk.Name] = disk.Role == VdevRole.Data
                    ? "pool " + pool.Name
                    : "pool " + pool.Name + " (" + disk.Role.ToString().ToLowerInvariant() + ")";
            }
        }

        List<ZfsDisk> disks = [];
        foreach (Dictionary<string, string> row in rows.Where(r => r["TYPE"] == "disk" && IsDisk(r["NAME"])))
        {
            string device = row["NAME"];
            string path = "/dev/" + device;
            List<Dictionary<string, string>> family = Family(rows, device);
            string[] all = [.. names[path]];
            string stable = all.OrderBy(Rank).ThenBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal)
                .FirstOrDefault() ?? path;
            string block = blocks.FirstOrDefault(b => b.EndsWith("/block/" + device, StringComparison.Ordinal)) ?? "";
            disks.Add(new ZfsDisk(
                host, stable, device, new ByteSize(ZfsText.Number(row["SIZE"])), row["MODEL"].Trim(),
                    row["SERIAL"].Trim(),
                row["ROTA"] switch { "1" => true, "0" => false, _ => null },
                Use(device, family, users, labels, probes),
                s_pci.Matches(block).Cast<Match>().LastOrDefault()?.Value ?? "",
                [.. all.Concat([path, device]).Concat(all.Select(n => n.Substring(n.LastIndexOf('/') + 1)))
                    .Distinct()]));
        }

        Dictionary<string, string> parents = [];
        foreach (ZfsDisk disk in disks)
        {
            foreach (Dictionary<string, string> row in Family(rows, disk.Device))
            {
                parents["/dev/" + row["NAME"]] = disk.Device;
            }
        }

        return new DiskInventory(
            disks,
            [.. pools.Select(p => p with { Vdevs = [.. p.Vdevs.Select(v => Rename(v, parents))] })]);
    }

    private static Vdev Rename(Vdev vdev, Dictionary<string, string> parents) => vdev with
    {
        Name = parents.TryGetValue(vdev.Name, out string? disk) ? disk : vdev.Name,
        Children = [.. vdev.Children.Select(c => Rename(c, parents))],
    };

    private static Dictionary<string, string> Row(string line)
    {
        Dictionary<string, string> row = s_pair.Matches(line).Cast<Match>().ToDictionary(
            m => m.Groups[1].Value,
            m => s_escape.Replace(m.Groups[2].Value, e => ((char)Convert.ToInt32(e.Groups[1].Value, 16)).ToString()));
        foreach (string key in new[] { "NAME", "PKNAME", "TYPE", "SIZE", "MODEL", "SERIAL", "ROTA", "RO",
            "MOUNTPOINT" })
        {
            if (!row.ContainsKey(key))
            {
                row[key] = "";
            }
        }

        return row;
    }

    // blkid -o export: a block of KEY=value per device, beginning with DEVNAME.
    private static IEnumerable<(string Device, string Key, string Value)> Probes(IEnumerable<string> lines)
    {
        string device = "";
        foreach (string[] pair in lines.Select(l => l.Split(['='], 2)).Where(p => p.Length == 2))
        {
            if (pair[0] == "DEVNAME")
            {
                device = pair[1].Substring(pair[1].LastIndexOf('/') + 1);
            }
            else
            {
                yield return (device, pair[0], pair[1]);
            }
        }
    }

    private static bool IsDisk(string name) =>
        !name.StartsWith("zd", StringComparison.Ordinal) && !name.StartsWith("zram", StringComparison.Ordinal)
        && !name.StartsWith("ram", StringComparison.Ordinal) && !name.StartsWith("nbd", StringComparison.Ordinal);

    // The disk itself first, then partitions and what stands on them.
    private static List<Dictionary<string, string>> Family(List<Dictionary<string, string>> rows, string device)
    {
        List<Dictionary<string, string>> family = [.. rows.Where(r => r["NAME"] == device).Take(1)];
        for (int i = 0; i < family.Count; i++)
        {
            string parent = family[i]["NAME"];
            family.AddRange(rows.Where(r => r["PKNAME"] == parent && !family.Contains(r)));
        }

        return family;
    }

    private static string? Use(
        string device,
        List<Dictionary<string, string>> family,
        Dictionary<string, string> users,
        Dictionary<string, (string State, string Pool)> labels,
        ILookup<string, (string Key, string Value)> probes)
    {
        foreach (Dictionary<string, string> row in family)
        {
            if (users.TryGetValue("/dev/" + row["NAME"], out string? pool))
            {
                return pool;
            }
        }

        if (family.Select(r => r["MOUNTPOINT"]).FirstOrDefault(m => m.Length > 0) is string mount)
        {
            return mount == "[SWAP]" ? "swap space" : "mounted on " + mount;
        }

        foreach (Dictionary<string, string> row in family)
        {
            if (labels.TryGetValue(row["NAME"], out (string State, string Pool) label))
            {
                return label.State == "2" ? DiskUse.DestroyedPool + label.Pool : "pool " + label.Pool
                    + ", not imported";
            }
        }

        foreach (Dictionary<string, string> row in family)
        {
            if (probes[row["NAME"]].FirstOrDefault(p => p.Key == "TYPE").Value is string type)
            {
                return type switch
                {
                    "LVM2_member" => "LVM physical volume",
                    "linux_raid_member" => "software RAID",
                    "crypto_LUKS" => "encrypted volume",
                    "zfs_member" => DiskUse.PoolLabel,
                    "swap" => "swap area",
                    _ => type + DiskUse.FileSystem,
                };
            }
        }

        return family.Count > 1 || probes[device].Any(p => p.Key == "PTTYPE") ? DiskUse.PartitionTable : null;
    }

    // Readable names of the disk itself before worldwide numbers, those before the place it is plugged in.
    private static int Rank(string link)
    {
        string name = link.Substring(link.LastIndexOf('/') + 1);
        return link.StartsWith("/dev/disk/by-path/", StringComparison.Ordinal)
            ? (name.StartsWith("pci-", StringComparison.Ordinal) ? 3 : 4)
            : name.StartsWith("wwn-", StringComparison.Ordinal)
                || name.StartsWith("nvme-eui.", StringComparison.Ordinal)
                || name.StartsWith("scsi-3", StringComparison.Ordinal) ? 2
            : name.StartsWith("dm-", StringComparison.Ordinal) || name.StartsWith("lvm-", StringComparison.Ordinal) ? 5
                : 1;
    }
}

/// <summary>Words for what is on a disk that nothing uses; only these give way to Force.</summary>
internal static class DiskUse
{
    public const string PartitionTable = "partition table";
    public const string FileSystem = " file system";
    public const string DestroyedPool = "label of the destroyed pool ";
    public const string PoolLabel = "label of a pool";

    /// <summary>True when only old content is in the way, nothing that runs or could be imported.</summary>
    public static bool IsLeftover(string use) =>
        use == PartitionTable || use == "swap area" || use.EndsWith(FileSystem, StringComparison.Ordinal)
        || use.StartsWith(DestroyedPool, StringComparison.Ordinal);
}
