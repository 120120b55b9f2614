using System.Text.RegularExpressions;
using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>Reads the answer of disks.sh. Pure.</summary>
internal sealed class LinuxDisks
{
    private const string Dev = "/dev/";

    private static readonly string[] s_columns =
        ["KNAME", "PKNAME", "TYPE", "SIZE", "MODEL", "SERIAL", "ROTA", "PHY-SEC", "MOUNTPOINT", "NAME"];

    private static readonly string[] s_notDisks = ["zd", "zram", "ram", "nbd"];
    private static readonly Regex s_pair = new("([A-Z-]+)=\"([^\"]*)\"", RegexOptions.CultureInvariant);
    private static readonly Regex s_escape = new("\\\\x([0-9a-fA-F]{2})", RegexOptions.CultureInvariant);

    private readonly string _host;
    private readonly List<Dictionary<string, string>> _rows;
    private readonly ILookup<string, Dictionary<string, string>> _children;
    private readonly ILookup<string, (string Key, string Value)> _probes;
    private readonly ILookup<string, PoolLabel> _labels;
    private readonly ILookup<string, string> _names;
    private readonly ILookup<string, string[]> _controllers;
    private readonly ILookup<string, string> _mounted;
    private readonly HashSet<string> _held;
    private readonly IReadOnlyList<Zpool> _pools;
    private readonly Dictionary<string, string> _users;

    private LinuxDisks(string host, IReadOnlyDictionary<string, string> parts)
    {
        _host = host;
        _rows = [.. parts.Lines("lsblk").Select(Row), .. ZfsText.Table(parts.Get("files"), 2).Select(FileRow)];
        _children = _rows.Where(r => r["PKNAME"].Length > 0).ToLookup(r => r["PKNAME"]);
        _probes = Probes(parts.Lines("probe")).ToLookup(p => p.Device, p => (p.Key, p.Value));
        Labels = PoolLabel.Parse(parts.Lines("labels"));
        _labels = Labels.ToLookup(l => Short(l.Device));
        string[] links = parts.Lines("links");
        string[] targets = parts.Lines("targets");
        _names = Enumerable.Range(0, Math.Min(links.Length, targets.Length)).ToLookup(i => targets[i], i => links[i]);
        _controllers = parts.Lines("controllers").Select(l => l.Split(' ')).Where(w => w.Length == 3)
            .ToLookup(w => w[0]);
        _mounted = parts.Lines("kernel").Select(l => l.Split('/')).Where(w => w.Length == 2)
            .ToLookup(w => w[1], w => w[0]);
        _held = [.. parts.Lines("held").Select(Short)];
        _pools = ZpoolText.Pools(host, null, parts.Get("status"));
        _users = DiskUse.Users(_pools);
    }

    private IReadOnlyList<PoolLabel> Labels { get; }

    /// <summary>All disks, and the pools with the disks' present names.</summary>
    public static DiskInventory Parse(string host, string text)
    {
        LinuxDisks read = new(host, Sections.Split(text));
        Dictionary<string, string> parents = [];
        List<ZfsDisk> disks = [];
        foreach (Dictionary<string, string> row in read._rows.Where(IsDisk))
        {
            List<Dictionary<string, string>> family = read.Family(row);
            disks.Add(read.Disk(row, family));
            foreach (Dictionary<string, string> member in family)
            {
                foreach (string path in Paths(member))
                {
                    parents[path] = row["KNAME"];
                }
            }
        }

        return new DiskInventory(disks, DiskUse.Rename(read._pools, parents)) { Labels = read.Labels };
    }

    private ZfsDisk Disk(Dictionary<string, string> row, List<Dictionary<string, string>> family)
    {
        string device = row["KNAME"];
        string path = Path(device);
        string[] all = [.. _names[path]];
        string stable = all.OrderBy(Rank).ThenBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal)
            .FirstOrDefault() ?? path;
        string[] controller = _controllers[device].FirstOrDefault() ?? ["", "", ""];
        (DiskHold hold, string? use) = Use(device, family);
        return new ZfsDisk(
            _host, stable, device, new ByteSize(ZfsText.Number(row["SIZE"])), row["MODEL"].Trim(), row["SERIAL"].Trim(),
            row["ROTA"] switch { "1" => true, "0" => false, _ => null },
            use,
            controller[1],
            [.. all.Concat([path, device]).Concat(all.Select(n => n.Substring(n.LastIndexOf('/') + 1))).Distinct()])
        {
            SectorSize = (int)Math.Min(Math.Max(0, ZfsText.Number(row["PHY-SEC"])), 1 << 20),
            ControllerId = controller[2],
            Hold = hold,
        };
    }

    private static Dictionary<string, string> Row(string line)
    {
        Dictionary<string, string> row = [];
        foreach (Match m in s_pair.Matches(line))
        {
            row[m.Groups[1].Value] = s_escape.Replace(
                m.Groups[2].Value, e => ((char)Convert.ToInt32(e.Groups[1].Value, 16)).ToString());
        }

        foreach (string key in s_columns)
        {
            if (!row.ContainsKey(key))
            {
                row[key] = "";
            }
        }

        return row;
    }

    private static Dictionary<string, string> FileRow(string[] fields)
    {
        Dictionary<string, string> row = Row("TYPE=\"file\"");
        row["KNAME"] = row["NAME"] = fields[1];
        row["SIZE"] = fields[0];
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
                device = Short(pair[1]);
            }
            else
            {
                yield return (device, pair[0], pair[1]);
            }
        }
    }

    private static bool IsDisk(Dictionary<string, string> row)
    {
        string name = row["KNAME"];
        return row["TYPE"] == "file" || (row["TYPE"] == "disk" && name.Length > 0
            && !s_notDisks.Any(p => name.StartsWith(p, StringComparison.Ordinal)));
    }

    // The disk itself first, then partitions and what stands on them.
    private List<Dictionary<string, string>> Family(Dictionary<string, string> disk)
    {
        List<Dictionary<string, string>> family = [disk];
        for (int i = 0; i < family.Count; i++)
        {
            family.AddRange(_children[family[i]["KNAME"]].Where(r => !family.Contains(r)));
        }

        return family;
    }

    // A disk is as precious as the most precious thing on it, whatever else is there.
    private (DiskHold Hold, string? Use) Use(string device, List<Dictionary<string, string>> family)
    {
        string[] members = [.. family.Select(r => r["KNAME"])];
        List<(DiskHold Hold, string Use)> found =
        [
            .. family.SelectMany(Paths).Where(_users.ContainsKey).Select(p => (DiskHold.Used, _users[p])),
            .. family.Select(r => r["MOUNTPOINT"]).Where(m => m.Length > 0)
                .Select(m => (DiskHold.Used, m == "[SWAP]" ? "swap space" : "mounted on " + m)),
            .. members.SelectMany(m => _mounted[m]).Select(t => (DiskHold.Used, "mounted out of sight (" + t + ")")),
            .. members.SelectMany(m => _labels[m]).Select(DiskUse.Of),
            .. members.Select(Content).OfType<(DiskHold, string)>(),
            .. family.Where(r => r["TYPE"] is not ("disk" or "part" or "file"))
                .Select(r => (DiskHold.Used, "used by " + r["NAME"])),
            .. members.Where(_held.Contains).Select(_ => (DiskHold.Used, "held by the system")),
        ];
        return DiskUse.Strongest(found)
            ?? (family.Count > 1 || _probes[device].Any(p => p.Key == "PTTYPE")
                ? (DiskHold.OldContent, DiskUse.PartitionTable) : (DiskHold.Free, null));
    }

    private (DiskHold, string)? Content(string member) =>
        _probes[member].FirstOrDefault(p => p.Key == "TYPE").Value switch
        {
            null => null,
            "LVM2_member" => (DiskHold.Used, "LVM physical volume"),
            "linux_raid_member" => (DiskHold.Used, "software RAID"),
            "crypto_LUKS" => (DiskHold.Used, "encrypted volume"),
            "zfs_member" => _labels[member].Any() ? null : (DiskHold.Used, "label of a pool"),
            "ambivalent" => (DiskHold.Used, "several contents at once"),
            "swap" => (DiskHold.OldContent, "swap area"),
            string type => (DiskHold.OldContent, type + " file system"),
        };

    // Readable names of the disk itself before worldwide numbers, those before the place it is plugged in.
    private static int Rank(string link)
    {
        string name = Short(link);
        return link.StartsWith("/dev/disk/by-path/", StringComparison.Ordinal)
            ? (name.StartsWith("pci-", StringComparison.Ordinal) ? 3 : 4)
            : name.StartsWith("wwn-", StringComparison.Ordinal)
                || name.StartsWith("nvme-eui.", StringComparison.Ordinal)
                || name.StartsWith("scsi-3", StringComparison.Ordinal) ? 2
            : name.StartsWith("dm-", StringComparison.Ordinal) || name.StartsWith("lvm-", StringComparison.Ordinal) ? 5
                : 1;
    }

    // Pools know mapped devices by either name.
    private static string[] Paths(Dictionary<string, string> row) =>
        [Path(row["KNAME"]), "/dev/mapper/" + row["NAME"]];

    // Kernel names are below /dev; files have their own path.
    private static string Path(string name) => name.StartsWith("/", StringComparison.Ordinal) ? name : Dev + name;

    private static string Short(string path) =>
        path.StartsWith(Dev, StringComparison.Ordinal) ? path.Substring(path.LastIndexOf('/') + 1) : path;
}
