using System.Text.RegularExpressions;

namespace ZfsEsx.Zfs;

/// <summary>
/// Reads <c>zpool list</c>, <c>zpool status</c> and the list of <c>zpool import</c> of OpenZFS, illumos and older
/// systems (which say "scrub:" for "scan:", and know neither <c>-p</c> nor fragmentation). Pure.
/// </summary>
internal static class ZpoolText
{
    private static readonly Regex s_field = new("\\A {0,9}([a-z]+):(?: (.*))?\\z", RegexOptions.CultureInvariant);
    private static readonly Regex s_group = new(
        "\\A(mirror|raidz[123]?|draid[0-9]?(:[^-]*)?|replacing|spare|indirect)(-[0-9]+)?\\z",
            RegexOptions.CultureInvariant);

    // Names may have blanks; zpool sets at least two between a name and what follows.
    private static readonly Regex s_line =
        new("\\A(?<indent> *)(?<name>\\S(?:.*?\\S)?)(?:(?:  +|\\t)(?<rest>.*))?\\z", RegexOptions.CultureInvariant);

    /// <summary>Pools from both answers.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="list">
    /// <c>zpool list -H</c> with <c>-o name,health</c> or <c>-o
    /// name,size,allocated,free,capacity,dedupratio,health[,fragmentation]</c>.
    /// Null where names and states, which the status has too, are all that is needed.
    /// </param>
    /// <param name="status"><c>zpool status</c>, with any of <c>-L -P</c>.</param>
    /// <param name="damaged">
    /// Lines of <c>zpool status -v</c> about damaged files, the pool's name and a tab first.
    /// </param>
    /// <param name="space">
    /// <c>zfs get -H -p -o name,property,value used,available</c> of the pools' root file systems.
    /// </param>
    public static IReadOnlyList<Zpool> Pools(
        string host, string? list, string status, string damaged = "", string space = "")
    {
        Dictionary<string, Dictionary<string, string>> blocks = [];
        foreach (Dictionary<string, string> block in Blocks(status))
        {
            blocks[block["pool"]] = block;
        }

        ILookup<string, string> files = ZfsText.Table(damaged, 2).ToLookup(f => f[0], f => f[1].Trim());
        ILookup<(string, string), long> sizes =
            ZfsText.Table(space, 3).ToLookup(f => (f[0], f[1]), f => ZfsText.Number(f[2]));
        List<Zpool> pools = [];
        foreach (string[] f in list is null ? blocks.Keys.Select(n => new[] { n, "" }) : ZfsText.Table(list, 2))
        {
            Dictionary<string, string> block = blocks.TryGetValue(f[0], out Dictionary<string, string>? b) ? b : [];
            string scan = Field(block, "scan").Length > 0 ? Field(block, "scan") : Field(block, "scrub");
            IReadOnlyList<Vdev> vdevs = Vdevs(Field(block, "config"));
            string state = Field(block, "state");
            int percent = f.Length > 6 ? ZfsText.Percent(f[4]) ?? 0 : 0;
            long? available = sizes[(f[0], "available")].Select(n => (long?)n).FirstOrDefault();
            Zpool pool = new()
            {
                ZfsHost = host,
                Name = f[0],
                State = state.Length > 0 ? state : f.Length > 6 ? f[6] : f[1],
                Size = f.Length > 6 ? ZfsText.Number(f[1]) : 0,
                Allocated = f.Length > 6 ? ZfsText.Number(f[2]) : 0,
                Free = f.Length > 6 ? ZfsText.Number(f[3]) : 0,
                Capacity = available is long left
                    ? Math.Max(percent, Used(sizes[(f[0], "used")].FirstOrDefault(), left))
                    : percent,
                Available = available is long bytes ? new ByteSize(bytes) : null,
                DedupRatio = f.Length > 6 ? ZfsText.Ratio(f[5]) : 1,
                Fragmentation = f.Length > 7 ? ZfsText.Percent(f[7]) : null,
                Vdevs = vdevs,
                Log = vdevs.Where(v => v.Role == VdevRole.Log).SelectMany(Disks).Select(d => d.Name).ToArray(),
                Scan = scan == "none requested" ? "" : scan,
                Progress = ZpoolScan.Parse(scan),
                Removal = Field(block, "remove"),
                Status = Field(block, "status"),
                Errors = Field(block, "errors"),
                DamagedFiles = [.. files[f[0]]],
            };
            pools.Add(pool with { Advice = ZpoolAdvice.For(pool) });
        }

        return pools;
    }

    /// <summary>
    /// The blocks that begin with "  pool: NAME", each as field to text. Continuation lines begin with a tab.
    /// </summary>
    public static IReadOnlyList<Dictionary<string, string>> Blocks(string status)
    {
        List<Dictionary<string, string>> blocks = [];
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
                    block = new Dictionary<string, string>(StringComparer.Ordinal);
                    blocks.Add(block);
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

    /// <summary>A field of a block as one line (the tree of devices as it is); empty when absent.</summary>
    public static string Field(Dictionary<string, string> block, string name) =>
        block.TryGetValue(name, out string? value) ? (name == "config" ? value : Flow(value)) : "";

    /// <summary>The disks at the end of a vdev's branches.</summary>
    public static IEnumerable<Vdev> Disks(Vdev vdev) => vdev.Children.Count == 0 ? [vdev]
        : vdev.Children.SelectMany(Disks);

    /// <summary>
    /// The tree of devices. What a line belongs to is told by its indent: a tab, then two blanks per level.
    /// </summary>
    public static IReadOnlyList<Vdev> Vdevs(string config)
    {
        List<Node> roots = [];
        List<Node> path = [];
        VdevRole role = VdevRole.Data;
        bool inPool = false;
        foreach (string line in config.Split('\n').Where(l => l.StartsWith("\t", StringComparison.Ordinal)))
        {
            Match m = s_line.Match(line.Substring(1).TrimEnd());
            string name = m.Groups["name"].Value;
            int depth = m.Groups["indent"].Length / 2;
            if (!m.Success || (depth == 0 && !inPool && name == "NAME"))
            {
                continue;
            }

            if (depth == 0)
            {
                // The first line at this level is the pool itself, whatever its name.
                role = !inPool ? VdevRole.Data : name switch
                {
                    "logs" => VdevRole.Log,
                    "cache" => VdevRole.Cache,
                    "spares" => VdevRole.Spare,
                    "special" => VdevRole.Special,
                    "dedup" => VdevRole.Dedup,
                    _ => VdevRole.Data,
                };
                inPool = true;
                path.Clear();
                continue;
            }

            string[] rest = m.Groups["rest"].Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            Node node = new(name, rest, role);
            path.RemoveRange(Math.Min(depth - 1, path.Count), Math.Max(0, path.Count - (depth - 1)));
            (path.Count == 0 ? roots : path[path.Count - 1].Children).Add(node);
            path.Add(node);
        }

        return [.. roots.Select(n => n.Build()).OrderBy(v => v.Role)];
    }

    private static int Used(long used, long left) => left <= 0 ? 100 : (int)(used * 100.0 / (used + (double)left));

    private static string Flow(string value) =>
        string.Join(" ", value.Split(['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));

    private sealed class Node(string name, string[] rest, VdevRole role)
    {
        public List<Node> Children { get; } = [];

        public Vdev Build()
        {
            Match group = s_group.Match(name);
            bool counted = rest.Length >= 4 && rest[1].Length > 0 && char.IsDigit(rest[1][0]);
            return new Vdev(
                name,
                group.Success && Children.Count > 0
                    ? (group.Groups[1].Value == "raidz" ? "raidz1" : group.Groups[1].Value) : "disk",
                role,
                rest.Length > 0 ? rest[0] : "",
                counted ? ZfsText.Number(rest[1]) : 0,
                counted ? ZfsText.Number(rest[2]) : 0,
                counted ? ZfsText.Number(rest[3]) : 0,
                string.Join(" ", rest.Skip(counted ? 4 : 1)),
                [.. Children.Select(c => c.Build())]);
        }
    }
}
