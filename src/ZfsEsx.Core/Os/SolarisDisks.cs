using System.Text.RegularExpressions;
using ZfsEsx.Zfs;

namespace ZfsEsx.Os;

/// <summary>
/// Reads the answer of disks-sunos.sh: <c>iostat -En</c> and <c>format</c>, which all systems of the family have, and
/// illumos' <c>diskinfo -Hp</c>. Pure.
/// </summary>
internal static class SolarisDisks
{
    private const RegexOptions Options = RegexOptions.CultureInvariant;

    private static readonly Regex s_disk = new("\\bc[0-9]+(?:t[0-9A-Fa-f]+)?d[0-9]+(?=(?:[sp][0-9]+)?\\b)", Options);
    private static readonly Regex s_head = new("\\A(c[0-9]+(?:t[0-9A-Fa-f]+)?d[0-9]+)\\s+Soft Errors:", Options);
    private static readonly Regex s_choice = new("\\A\\s*[0-9]+\\. (c[0-9]+(?:t[0-9A-Fa-f]+)?d[0-9]+) ", Options);
    private static readonly Regex s_bytes = new("<([0-9]+) bytes>", Options);

    // The labels of a line's fields; a field reaches to the next one or the end.
    private static readonly Regex s_field = new(
        "(Vendor|Product|Model|Serial No): ?(.*?) *(?=(?:Vendor|Product|Model|Revision|Serial No|Size):|\\z)", Options);

    // Directly on the first bus: only there does the path tell the whole address.
    private static readonly Regex s_pci = new(
        "\\A/pci@0,0/pci[0-9a-fex]*,[0-9a-f]+@([0-9a-f]+)(?:,([0-7]))?/(?!pci)", Options);

    public static DiskInventory Parse(string host, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        Dictionary<string, Facts> facts = new(StringComparer.Ordinal);
        ReadIostat(parts.Lines("iostat"), facts);
        HashSet<string> listed = [.. ReadFormat(parts.Lines("format"), facts)];
        foreach (string[] f in ZfsText.Table(parts.Get("diskinfo"), 7).Where(f => s_disk.IsMatch(f[1])))
        {
            // TYPE DISK VID PID SIZE RMV SSD
            Facts disk = Of(facts, f[1]);
            disk.Size = ZfsText.Number(f[4]) is > 0 and long bytes ? bytes : disk.Size;
            disk.Rotational = f[6].Trim() switch { "yes" => false, "no" => true, _ => null };
            listed.Add(f[1]);
        }

        IReadOnlyList<PoolLabel> labels = PoolLabel.Parse(parts.Lines("labels"));
        IReadOnlyList<Zpool> pools = ZpoolText.Pools(host, null, parts.Get("status"));
        Dictionary<string, string> users = DiskUse.Users(pools);
        Dictionary<string, string> parents = [];
        foreach (string name in users.Keys)
        {
            parents[name] = DiskOf(name) ?? name;
        }

        Uses uses = new(
            users.ToLookup(u => parents[u.Key], u => u.Value),
            parts.Lines("mounts").Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Where(w => w.Length > 2 && DiskOf(w[0]) is not null).ToLookup(w => DiskOf(w[0])!, w => w[2]),
            [.. parts.Lines("swap").Select(DiskOf).OfType<string>()],
            labels.ToLookup(l => DiskOf(l.Device) ?? l.Device),
            parts.Lines("contents").Select(l => l.Split(' ')).Where(w => w.Length == 2 && DiskOf(w[0]) is not null)
                .ToLookup(w => DiskOf(w[0])!, w => (w[0], w[1])));

        // iostat lists CD drives too; without format (which only root may run) a size tells disks from them.
        IEnumerable<string> names = listed.Count > 0 ? listed : facts.Where(f => f.Value.Size > 0).Select(f => f.Key);
        return new DiskInventory(
            [
                .. names.OrderBy(n => n, StringComparer.Ordinal).Select(n => Disk(host, n, Of(facts, n), uses)),
                .. ZfsText.Table(parts.Get("files"), 2).Select(f => FileDisk(host, f, uses)),
            ],
            DiskUse.Rename(pools, parents))
        {
            Labels = labels,
        };
    }

    private static ZfsDisk Disk(string host, string name, Facts facts, Uses uses)
    {
        (DiskHold hold, string? use) = uses.Of(name);
        return new ZfsDisk(
            host, name, name, facts.Size, facts.Model, facts.Serial, facts.Rotational, use, facts.PciAddress,
            [name, "/dev/dsk/" + name, "/dev/rdsk/" + name])
        {
            Hold = hold,
        };
    }

    private static ZfsDisk FileDisk(string host, string[] f, Uses uses)
    {
        (DiskHold hold, string? use) = uses.Of(f[1]);
        return new ZfsDisk(host, f[1], f[1], ZfsText.Number(f[0]), "", "", null, use, "", [f[1]]) { Hold = hold };
    }

    private static void ReadIostat(IEnumerable<string> lines, Dictionary<string, Facts> facts)
    {
        Facts? disk = null;
        foreach (string line in lines)
        {
            if (line.Contains("Soft Errors:"))
            {
                disk = s_head.Match(line) is { Success: true } m ? Of(facts, m.Groups[1].Value) : null;
            }
            else if (disk is not null)
            {
                foreach (Match field in s_field.Matches(line))
                {
                    string value = field.Groups[2].Value.Trim();
                    switch (field.Groups[1].Value)
                    {
                        case "Serial No":
                            disk.Serial = value;
                            break;
                        default:
                            disk.Model = (disk.Model + " " + value).Trim();
                            break;
                    }
                }

                disk.Size = s_bytes.Match(line) is { Success: true } b ? ZfsText.Number(b.Groups[1].Value) : disk.Size;
            }
        }
    }

    // Two lines a disk: "  1. c8t1d0 <VMware-Virtual disk-1.0-256.00GB>", and its place among the devices.
    private static IEnumerable<string> ReadFormat(IEnumerable<string> lines, Dictionary<string, Facts> facts)
    {
        Facts? disk = null;
        foreach (string line in lines)
        {
            Match choice = s_choice.Match(line);
            if (choice.Success)
            {
                disk = Of(facts, choice.Groups[1].Value);
                yield return choice.Groups[1].Value;
            }
            else if (disk is not null && line.TrimStart().StartsWith("/", StringComparison.Ordinal))
            {
                Match pci = s_pci.Match(line.Trim());
                disk.PciAddress = !pci.Success ? "" : "0000:00:" + pci.Groups[1].Value.PadLeft(2, '0') + "."
                    + (pci.Groups[2].Success ? pci.Groups[2].Value : "0");
                disk = null;
            }
        }
    }

    private static Facts Of(Dictionary<string, Facts> facts, string name)
    {
        if (!facts.TryGetValue(name, out Facts? found))
        {
            facts[name] = found = new Facts();
        }

        return found;
    }

    private static string? DiskOf(string text) => s_disk.Match(text) is { Success: true } m ? m.Value : null;

    private sealed class Facts
    {
        public long Size { get; set; }

        public string Model { get; set; } = "";

        public string Serial { get; set; } = "";

        public bool? Rotational { get; set; }

        public string PciAddress { get; set; } = "";
    }

    private sealed record Uses(
        ILookup<string, string> Pools, ILookup<string, string> Mounts, HashSet<string> Swap,
        ILookup<string, PoolLabel> Labels, ILookup<string, (string Slice, string Type)> Contents)
    {
        // A disk is as precious as the most precious of its slices.
        public (DiskHold Hold, string? Use) Of(string disk) =>
            DiskUse.Strongest(
            [
                .. Pools[disk].Select(p => (DiskHold.Used, p)),
                .. Mounts[disk].Select(m => (DiskHold.Used, "mounted on " + m)),
                .. Swap.Where(s => s == disk).Select(_ => (DiskHold.Used, "swap space")),
                .. Labels[disk].Select(DiskUse.Of),
                .. Contents[disk].Select(c => Content(disk, c.Slice, c.Type)).OfType<(DiskHold, string)>(),
            ])
            ?? (Contents[disk].Any() ? (DiskHold.OldContent, DiskUse.PartitionTable) : (DiskHold.Free, null));

        private (DiskHold, string)? Content(string disk, string slice, string type) => type switch
        {
            "slice" => null,
            "zfs" => Labels[disk].Any(l => l.Device.EndsWith("/" + slice, StringComparison.Ordinal)) ? null
                : (DiskHold.Used, "label of a pool"),
            _ => (DiskHold.OldContent, type + " file system"),
        };
    }
}
