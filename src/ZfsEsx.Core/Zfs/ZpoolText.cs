using System.Text;
using System.Text.RegularExpressions;

namespace ZfsEsx.Zfs;

/// <summary>
/// Reads <c>zpool list</c> and <c>zpool status</c> of OpenZFS, illumos and older systems (which say "scrub:" for
/// "scan:", and know
/// neither <c>-p</c> nor fragmentation). Pure.
/// </summary>
internal static class ZpoolText
{
    private static readonly Regex s_field = new("\\A {0,9}([a-z]+):(?: (.*))?\\z", RegexOptions.CultureInvariant);
    private static readonly Regex s_group = new(
        "\\A(mirror|raidz[123]?|draid[0-9]?(:[^-]*)?|replacing|spare|indirect)(-[0-9]+)?\\z",
            RegexOptions.CultureInvariant);

    /// <summary>Pools from both answers.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="list">
    /// <c>zpool list -H</c> with <c>-o name,health</c> or <c>-o
    /// name,size,allocated,free,capacity,dedupratio,health[,fragmentation]</c>.
    /// Null where names and states, which the status has too, are all that is needed.
    /// </param>
    /// <param name="status"><c>zpool status</c>, with any of <c>-L -P -v</c>.</param>
    public static IReadOnlyList<Zpool> Pools(string host, string? list, string status)
    {
        Dictionary<string, Dictionary<string, string>> blocks = Blocks(status);
        List<Zpool> pools = [];
        foreach (string[] f in list is null ? blocks.Keys.Select(n => new[] { n, "" }) : ZfsText.Table(list, 2))
        {
            Dictionary<string, string> block = blocks.TryGetValue(f[0], out Dictionary<string, string>? b) ? b : [];
            IReadOnlyList<Vdev> vdevs = Vdevs(f[0], Field(block, "config"));
            string state = Field(block, "state");
            pools.Add(new Zpool
            {
                ZfsHost = host,
                Name = f[0],
                State = state.Length > 0 ? state : f.Length > 6 ? f[6] : f[1],
                Size = f.Length > 6 ? ZfsText.Number(f[1]) : 0,
                Allocated = f.Length > 6 ? ZfsText.Number(f[2]) : 0,
                Free = f.Length > 6 ? ZfsText.Number(f[3]) : 0,
                Capacity = f.Length > 6 ? ZfsText.Percent(f[4]) ?? 0 : 0,
                DedupRatio = f.Length > 6 ? ZfsText.Ratio(f[5]) : 1,
                Fragmentation = f.Length > 7 ? ZfsText.Percent(f[7]) : null,
                Vdevs = vdevs,
                Log = [.. vdevs.Where(v => v.Role == VdevRole.Log).SelectMany(Disks).Select(d => d.Name)],
                Scan = Field(block, "scan").Length > 0 ? Field(block, "scan") : OldScan(Field(block, "scrub")),
                Status = Field(block, "status"),
                Errors = Field(block, "errors"),
            });
        }

        return pools;
    }

    /// <summary>The disks at the end of a vdev's branches.</summary>
    public static IEnumerable<Vdev> Disks(Vdev vdev) => vdev.Children.Count == 0 ? [vdev]
        : vdev.Children.SelectMany(Disks);

    private static string Field(Dictionary<string, string> block, string name) =>
        block.TryGetValue(name, out string? value) ? (name == "config" ? value : Flow(value)) : "";

    private static string Flow(string value) =>
        string.Join(" ", value.Split(['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));

    private static string OldScan(string scrub) => scrub is "" or "none requested" ? "" : "scrub " + scrub;

    // "  pool: tank" begins a pool; continuation lines begin with a tab.
    private static Dictionary<string, Dictionary<string, string>> Blocks(string status)
    {
        Dictionary<string, Dictionary<string, string>> blocks = new(StringComparer.Ordinal);
        Dictionary<string, string> block = [];
        string key = "";
        foreach (string line in status.Split('\n'))
        {
            Match field = s_field.Match(line);
            if (line.Length > 0 && line[0] != '\t' && field.Success)
            {
                key = field.Groups[1].Value;
                string value = field.Groups[2].Value.Trim();
                if (key == "pool")
                {
                    blocks[value] = block = new Dictionary<string, string>(StringComparer.Ordinal);
                }

                block[key] = value;
            }
            else if (line.Length > 0 && key.Length > 0)
            {
                block[key] += "\n" + line;
            }
        }

        return blocks;
    }

    private static IReadOnlyList<Vdev> Vdevs(string pool, string config)
    {
        // What a line belongs to is told by its indent only: a tab, then two blanks per level.
        List<Node> roots = [];
        List<Node> path = [];
        VdevRole role = VdevRole.Data;
        bool inPool = false;
        foreach (string line in config.Split('\n').Where(l => l.StartsWith("\t", StringComparison.Ordinal)))
        {
            string text = line.Substring(1);
            string[] words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            int depth = (text.Length - text.TrimStart(' ').Length) / 2;
            if (words.Length == 0 || (depth == 0 && words[0] == "NAME"))
            {
                continue;
            }

            if (depth == 0)
            {
                inPool = words[0] == pool || inPool;
                role = words[0] switch
                {
                    "logs" => VdevRole.Log,
                    "cache" => VdevRole.Cache,
                    "spares" => VdevRole.Spare,
                    "special" or "dedup" => VdevRole.Special,
                    _ => VdevRole.Data,
                };
                path.Clear();
                continue;
            }

            Node node = new(words, role);
            path.RemoveRange(Math.Min(depth - 1, path.Count), Math.Max(0, path.Count - (depth - 1)));
            (path.Count == 0 ? roots : path[path.Count - 1].Children).Add(node);
            path.Add(node);
        }

        return inPool ? [.. roots.Select(n => n.Build()).OrderBy(v => v.Role)] : [];
    }

    private sealed class Node(string[] words, VdevRole role)
    {
        public List<Node> Children { get; } = [];

        public Vdev Build()
        {
            string name = words[0];
            Match group = s_group.Match(name);
            bool counted = words.Length >= 5 && words[2].Length > 0 && char.IsDigit(words[2][0]);
            return new Vdev(
                name,
                group.Success && Children.Count > 0
                    ? (group.Groups[1].Value == "raidz" ? "raidz1" : group.Groups[1].Value) : "disk",
                role,
                words.Length > 1 ? words[1] : "",
                counted ? ZfsText.Number(words[2]) : 0,
                counted ? ZfsText.Number(words[3]) : 0,
                counted ? ZfsText.Number(words[4]) : 0,
                string.Join(" ", words.Skip(counted ? 5 : 2)),
                [.. Children.Select(c => c.Build())]);
        }
    }
}
