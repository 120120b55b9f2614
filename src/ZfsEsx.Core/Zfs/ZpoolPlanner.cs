using System.Globalization;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>A command to zpool, and what it overwrites.</summary>
internal sealed record ZpoolCommand(
    IReadOnlyList<string> Words, IReadOnlyList<string> Overwritten, IReadOnlyList<string> Warnings);

/// <summary>Compares the pool that is wanted with disks and pools that are there. Pure.</summary>
internal static class ZpoolPlanner
{
    private static readonly Dictionary<string, int> s_minimum = new(StringComparer.Ordinal)
    {
        ["disk"] = 1, ["mirror"] = 2, ["raidz1"] = 2, ["raidz2"] = 3, ["raidz3"] = 4,
    };

    /// <summary>What is wrong with a new pool by itself.</summary>
    public static void Check(ZpoolRequest request)
    {
        ZfsName.Pool(request.Name);
        if (request.Data.Count == 0)
        {
            throw Layout(request, "it has no data disks");
        }

        CheckGroups(request);
        foreach (KeyValuePair<string, string> p in request.Properties.Concat(request.FileSystemProperties))
        {
            ZfsName.Assignment(p.Key, p.Value);
        }
    }

    /// <summary>What is wrong with the groups of a layout by themselves.</summary>
    public static void CheckGroups(ZpoolLayout layout)
    {
        foreach ((VdevRole role, VdevSpec vdev) in layout.Groups())
        {
            if (!s_minimum.TryGetValue(vdev.Type, out int minimum))
            {
                throw Layout(layout, vdev.Type + " is none of " + string.Join(", ", s_minimum.Keys));
            }

            if (vdev.Disks.Count < minimum)
            {
                throw Layout(
                    layout, "a " + vdev.Type + " needs at least " + minimum + " disks and got " + vdev.Disks.Count);
            }

            if (role is VdevRole.Log or VdevRole.Special or VdevRole.Dedup && vdev.Type is not ("disk" or "mirror"))
            {
                throw Layout(layout, "a " + ZpoolDisks.Word(role) + " can be a disk or a mirror, not " + vdev.Type);
            }
        }
    }

    /// <summary>The command that makes the pool; null when it is there already.</summary>
    public static ZpoolCommand? New(string host, DiskInventory observed, ZpoolRequest request)
    {
        IReadOnlyList<ZpoolGroup> groups = ZpoolDisks.Find(host, observed, request);
        if (observed.Pools.FirstOrDefault(p => p.Name == request.Name) is Zpool pool)
        {
            string there = ZpoolShape.Of(pool);
            string wanted = ZpoolShape.Of(groups);
            return there == wanted
                ? null
                : throw new ZfsEsxException(
                    "PoolNameTaken", FailureKind.AlreadyExists, request.Name,
                    "There is a pool " + request.Name + " on " + host + " with another layout: " + there
                        + " instead of " + wanted + ".",
                    "Choose another name, or see Get-EncapsulatedZpool for the pool that is there.");
        }

        (IReadOnlyList<string> old, IReadOnlyList<string> tail, bool uneven) =
            Accept(host, observed, request, groups, []);
        List<string> warnings = [];
        List<string> words = ["zpool", "create"];
        if (old.Count > 0 || uneven)
        {
            words.Add("-f");
        }

        words.AddRange(Ashift(observed, request.Properties, groups, warnings));
        words.AddRange(request.Properties.SelectMany(p => new[] { "-o", ZfsName.Assignment(p.Key, p.Value) }));
        words.AddRange(
            request.FileSystemProperties.SelectMany(p => new[] { "-O", ZfsName.Assignment(p.Key, p.Value) }));
        words.Add(request.Name);
        if (request.FileSystemProperties.TryGetValue("dedup", out string? dedup)
            && DedupMemory.Warning(request.Name, dedup) is string warning)
        {
            warnings.Add(warning);
            warnings.Add(DedupMemory.Figures(
                host, request.Name, null, observed.Memory, ZpoolDisks.Room(groups),
                request.FileSystemProperties.TryGetValue("recordsize", out string? size) ? ZfsText.Number(size)
                    : DedupMemory.RecordSize));
        }

        return new ZpoolCommand([.. words, .. tail], old, warnings);
    }

    /// <summary>
    /// The command that adds what is missing of the layout to a pool; null when all of it is there already.
    /// </summary>
    public static ZpoolCommand? Add(string host, DiskInventory observed, ZpoolLayout layout)
    {
        Zpool pool = ZpoolShape.Find(host, observed.Pools, layout.Name);
        HashSet<string> there = [.. ZpoolShape.Groups(pool)];
        ZpoolGroup[] missing =
        [
            .. ZpoolShape.Single(ZpoolDisks.Find(host, observed, layout))
                .Where(g => !there.Contains(ZpoolShape.Of([g]))),
        ];
        if (missing.Length == 0)
        {
            return null;
        }

        if (pool.State is not ("ONLINE" or "DEGRADED"))
        {
            throw ZpoolShape.NotUsable(host, pool);
        }

        (IReadOnlyList<string> old, IReadOnlyList<string> tail, bool uneven) =
            Accept(host, observed, layout, missing, pool.Vdevs);
        List<string> warnings = [];
        if (missing.Any(g => g.Role is VdevRole.Data or VdevRole.Special or VdevRole.Dedup))
        {
            warnings.Add("Data, special and dedup disks stay in the pool " + pool.Name
                + ": taking them out again is possible only without raidz, and not on older systems.");
        }

        return new ZpoolCommand(
            old.Count > 0 || uneven ? ["zpool", "add", "-f", pool.Name, .. tail] : ["zpool", "add", pool.Name, .. tail],
            old, warnings);
    }

    /// <summary>What a layout adds, in words: <c>mirror of a, b with log c</c>.</summary>
    public static string Describe(ZpoolLayout layout) => string.Join(
        " with ",
        layout.Groups().GroupBy(g => g.Role).Select(g =>
            (g.Key == VdevRole.Data ? "" : ZpoolDisks.Word(g.Key) + " ")
            + string.Join(" and ", g.Select(v => v.Vdev.Type == "disk"
                ? string.Join(", ", v.Vdev.Disks) : v.Vdev.Type + " of " + string.Join(", ", v.Vdev.Disks)))));

    // Old content that is overwritten, the words for zpool, and whether zpool has to be told to take an uneven layout.
    private static (IReadOnlyList<string> Old, IReadOnlyList<string> Words, bool Uneven) Accept(
        string host, DiskInventory observed, ZpoolLayout layout, IReadOnlyList<ZpoolGroup> groups,
        IReadOnlyList<Vdev> there)
    {
        RequireFeatures(host, observed.Features, groups);
        IReadOnlyList<string> old = ZpoolDisks.Overwritten(host, groups, layout.Force);
        string? surprise = ZpoolDisks.Surprise(groups, there);
        if (surprise is not null && !layout.AllowUneven)
        {
            throw Layout(layout, surprise, "Say -AllowUneven if that is what you want.");
        }

        List<string> words = [];
        VdevRole role = VdevRole.Data;
        foreach (ZpoolGroup group in groups)
        {
            if (group.Role != role)
            {
                role = group.Role;
                words.Add(ZpoolDisks.Word(role));
            }

            if (group.Type != "disk")
            {
                words.Add(group.Type);
            }

            words.AddRange(group.Disks.Select(d => d.Name));
        }

        return (old, words, surprise is not null);
    }

    private static void RequireFeatures(string host, ZpoolFeatures features, IReadOnlyList<ZpoolGroup> groups)
    {
        bool Any(Func<ZpoolGroup, bool> of) => groups.Any(of);
        if (Any(g => g.Role is VdevRole.Special or VdevRole.Dedup))
        {
            features.Require(host, "Special and dedup disks", "allocation_classes");
        }

        if (Any(g => g.Type == "raidz3"))
        {
            features.Require(host, "Groups of type raidz3", "async_destroy", version: 17);
        }

        if (Any(g => g.Role == VdevRole.Cache))
        {
            features.Require(host, "Cache disks", "async_destroy", version: 10);
        }

        if (Any(g => g.Role == VdevRole.Log))
        {
            features.Require(host, "Log disks", "async_destroy", version: 7);
        }
    }

    private static IEnumerable<string> Ashift(
        DiskInventory observed, IReadOnlyDictionary<string, string> properties, IReadOnlyList<ZpoolGroup> groups,
        List<string> warnings)
    {
        int wanted = ZpoolDisks.Ashift(groups.SelectMany(g => g.Disks));
        if (properties.TryGetValue("ashift", out string? given))
        {
            if (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out int shift)
                && shift is > 0 and < 12)
            {
                warnings.Add("With ashift " + given + " the pool can never take a disk with sectors of 4096 bytes; "
                    + "ashift " + wanted + " suits these disks and later ones.");
            }

            return [];
        }

        return observed.Features.HasProperty("ashift")
            ? ["-o", "ashift=" + wanted.ToString(CultureInfo.InvariantCulture)] : [];
    }

    private static ZfsEsxException Layout(ZpoolLayout layout, string wrong, string? advice = null) => new(
        "InvalidLayout", FailureKind.InvalidArgument, layout.Name,
        "The pool " + layout.Name + " cannot be made so: " + wrong + ".", advice);
}
