using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Compares the pool that is wanted with disks and pools that are there. Pure.</summary>
internal static class ZpoolPlanner
{
    private static readonly Dictionary<string, int> s_minimum = new(StringComparer.Ordinal)
    {
        ["disk"] = 1, ["mirror"] = 2, ["raidz1"] = 2, ["raidz2"] = 3, ["raidz3"] = 4,
    };

    /// <summary>What is wrong with the request by itself.</summary>
    public static void Check(ZpoolRequest request)
    {
        ZfsName.Pool(request.Name);
        if (request.Data.Count == 0)
        {
            throw Layout(request, "it has no data disks");
        }

        foreach (VdevSpec vdev in request.Data.Concat(request.Log))
        {
            if (!s_minimum.TryGetValue(vdev.Type, out int minimum))
            {
                throw Layout(request, vdev.Type + " is none of " + string.Join(", ", s_minimum.Keys));
            }

            if (vdev.Disks.Count < minimum)
            {
                throw Layout(
                    request, "a " + vdev.Type + " needs at least " + minimum + " disks and got " + vdev.Disks.Count);
            }
        }

        if (request.Data.Select(v => (v.Type, v.Type == "disk" ? 1 : v.Disks.Count)).Distinct().Skip(1).Any())
        {
            throw Layout(request, "its data groups differ in kind or number of disks, so the weakest would decide");
        }

        if (request.Log.FirstOrDefault(v => v.Type is not ("disk" or "mirror")) is VdevSpec log)
        {
            throw Layout(request, "a log can be a disk or a mirror, not " + log.Type);
        }

        foreach (KeyValuePair<string, string> p in request.Properties.Concat(request.FileSystemProperties))
        {
            ZfsName.Assignment(p.Key, p.Value);
        }
    }

    /// <summary>The command that makes the pool; null when it is there already.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="observed">Its disks and pools.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="overwritten">What the command overwrites, when forced.</param>
    public static IReadOnlyList<string>? Compare(
        string host, DiskInventory observed, ZpoolRequest request, out IReadOnlyList<string> overwritten)
    {
        overwritten = [];
        Dictionary<string, string> roleOf = new(StringComparer.Ordinal);
        List<(string Role, string Type, List<ZfsDisk> Disks)> groups = [];
        foreach ((string role, VdevSpec vdev) in Groups(request))
        {
            List<ZfsDisk> disks = [];
            foreach (string name in vdev.Disks)
            {
                ZfsDisk disk = observed.Find(name) ?? throw NotFound(host, observed, name);
                if (roleOf.TryGetValue(disk.Device, out string? before))
                {
                    throw new ZfsEsxException(
                        "DiskTwice", FailureKind.InvalidArgument, name,
                        "The disk " + name + " (" + disk.Device + ") is named twice: as " + before + " and as " + role
                            + " disk.",
                        "Give every disk one task; a log on a data disk makes both slower.");
                }

                roleOf[disk.Device] = role;
                disks.Add(disk);
            }

            groups.Add((role, vdev.Type, disks));
        }

        if (observed.Pools.FirstOrDefault(p => p.Name == request.Name) is Zpool pool)
        {
            string there =
                Shape(pool.Vdevs.Select(v => (v.Role.ToString(), v.Type, ZpoolText.Disks(v).Select(d => d.Name))));
            string wanted = Shape(groups.Select(g => (Role(g.Role).ToString(), g.Type, g.Disks.Select(d => d.Device))));
            return there == wanted
                ? null
                : throw new ZfsEsxException(
                    "PoolNameTaken", FailureKind.AlreadyExists, request.Name,
                    "There is a pool " + request.Name + " on " + host + " with another layout: " + there
                        + " instead of " + wanted + ".",
                    "Choose another name, or see Get-EncapsulatedZpool for the pool that is there.");
        }

        List<string> old = [];
        foreach (ZfsDisk disk in groups.SelectMany(g => g.Disks).Where(d => d.InUse is not null))
        {
            if (!request.Force || !DiskUse.IsLeftover(disk.InUse!))
            {
                throw InUse(host, disk);
            }

            old.Add(disk.InUse + " on " + disk.Device);
        }

        overwritten = old;
        return Words(request, groups, force: old.Count > 0);
    }

    /// <summary>What is done, in words.</summary>
    public static string Describe(ZpoolRequest request) => "Create pool " + request.Name + " from " + string.Join(
        " with ",
        Groups(request).GroupBy(g => g.Role).Select(g =>
            (g.Key == "data" ? "" : g.Key + " ")
            + string.Join(" and ", g.Select(v => v.Vdev.Type == "disk"
                ? string.Join(", ", v.Vdev.Disks) : v.Vdev.Type + " of " + string.Join(", ", v.Vdev.Disks)))));

    private static IEnumerable<(string Role, VdevSpec Vdev)> Groups(ZpoolRequest request) =>
        request.Data.Select(v => ("data", v))
            .Concat(request.Log.Select(v => ("log", v)))
            .Concat(request.Cache.Count == 0 ? [] : new[] { ("cache", new VdevSpec("disk", request.Cache)) })
            .Concat(request.Spare.Count == 0 ? [] : new[] { ("spare", new VdevSpec("disk", request.Spare)) });

    private static List<string> Words(
        ZpoolRequest request, List<(string Role, string Type, List<ZfsDisk> Disks)> groups, bool force)
    {
        List<string> words = ["zpool", "create"];
        if (force)
        {
            words.Add("-f");
        }

        foreach (KeyValuePair<string, string> p in request.Properties)
        {
            words.AddRange(["-o", ZfsName.Assignment(p.Key, p.Value)]);
        }

        foreach (KeyValuePair<string, string> p in request.FileSystemProperties)
        {
            words.AddRange(["-O", ZfsName.Assignment(p.Key, p.Value)]);
        }

        words.Add(request.Name);
        string role = "data";
        foreach ((string Role, string Type, List<ZfsDisk> Disks) group in groups)
        {
            if (group.Role != role)
            {
                role = group.Role;
                words.Add(role);
            }

            if (group.Type != "disk")
            {
                words.Add(group.Type);
            }

            words.AddRange(group.Disks.Select(d => d.Name));
        }

        return words;
    }

    private static VdevRole Role(string role) => role switch
    {
        "log" => VdevRole.Log,
        "cache" => VdevRole.Cache,
        "spare" => VdevRole.Spare,
        _ => VdevRole.Data,
    };

    // The order of groups, and of disks in a group, makes no difference to a pool.
    private static string Shape(IEnumerable<(string Role, string Type, IEnumerable<string> Disks)> groups) =>
        string.Join(
        "; ",
        groups.SelectMany(
            g => g.Type == "disk" ? g.Disks.Select(d => (g.Role, g.Type, Disks: (IEnumerable<string>)[d])) : [g])
            .Select(g => g.Role.ToLowerInvariant() + " " + (g.Type == "disk" ? "" : g.Type + " of ")
                + string.Join(" ", g.Disks.OrderBy(d => d, StringComparer.Ordinal)))
            .OrderBy(s => s, StringComparer.Ordinal));

    private static ZfsEsxException InUse(string host, ZfsDisk disk) => new(
        "DiskInUse", FailureKind.InUse, disk.Name,
        "The disk " + disk.Name + " (" + disk.Device + ", " + disk.Size + ") on " + host + " is in use: " + disk.InUse
            + ".",
        DiskUse.IsLeftover(disk.InUse!)
            ? "If its content is not needed any more, say -Force: it is then lost."
            : disk.InUse!.EndsWith("not imported", StringComparison.Ordinal)
                ? "Import that pool (zpool import), or destroy it there if it is not needed any more."
                : "Choose another disk; see Get-ZfsDisk.");

    private static ZfsEsxException NotFound(string host, DiskInventory observed, string name) => new(
        "DiskNotFound", FailureKind.NotFound, name,
        "There is no disk " + ShellQuote.Readable(name) + " on " + host + "; it has "
        + (observed.Disks.Count == 0 ? "none"
            : string.Join(", ", observed.Disks.Select(d => d.Name + " (" + d.Device + ")"))) + ".",
        "Take the name from Get-ZfsDisk. Pools take whole disks, not partitions.");

    private static ZfsEsxException Layout(ZpoolRequest request, string wrong) => new(
        "InvalidLayout", FailureKind.InvalidArgument, request.Name, "The pool " + request.Name + " cannot be made so: "
            + wrong + ".");
}
