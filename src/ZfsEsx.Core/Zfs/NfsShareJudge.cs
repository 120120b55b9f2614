using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>What is to be thought of a share. Pure.</summary>
internal static class NfsShareJudge
{
    // As with pools: above this writing gets slow, above that it soon fails.
    private const int Filling = 80;
    private const int Full = 95;
    private const int ManySnapshots = 1000;
    private const string Again = "Run Set-ZfsNfsShare again: it exports it.";

    public static IEnumerable<ZfsNfsShareCheck> Judge(
        string host, NfsShareState state, ZfsNfsShare share, IReadOnlyList<MountingHost> hosts,
        IReadOnlyDictionary<string, string> parts, IReadOnlyDictionary<string, SnapshotCount> snapshots)
    {
        string fs = share.FileSystem;
        Dictionary<string, string> properties = [];
        foreach (string[] f in ZfsText.Table(parts.Get("properties"), 3).Where(f => f[0] == fs))
        {
            properties[f[1]] = f[2];
        }

        ZfsNfsShareCheck Make(string check, ZpoolCheckStatus status, string found, string wanted, string advice) =>
            new(host, fs, check, status, found, wanted, status == ZpoolCheckStatus.Passed ? "" : advice);
        ZfsNfsShareCheck Is(string check, bool good, string found, string wanted, string advice) =>
            Make(check, good ? ZpoolCheckStatus.Passed : ZpoolCheckStatus.Failed, found, wanted, advice);

        yield return Is(
            "Mounted", share.Mounted,
            share.Mounted ? share.MountPoint : "not mounted", "mounted at " + share.MountPoint,
            "Run Set-ZfsNfsShare again: it mounts it.");
        yield return Make(
            "Server",
            state.Server != NfsServerState.Running ? ZpoolCheckStatus.Failed
                : state.AtBoot == false ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
            state.Server.ToString().ToLowerInvariant() + (state.AtBoot == false ? ", not started with the system" : ""),
            "running, and started with the system",
            state.Server == NfsServerState.Missing ? "Install the system's NFS server."
                : "Run Set-ZfsNfsShare again: it starts the server, now and with the system.");
        IReadOnlyList<string> missing =
            NfsSharePlanner.NotExported(share, [.. share.Clients.Select(c => new NfsClient(c))]);
        IReadOnlyList<string> others = NfsSharePlanner.NotWanted(share);
        yield return Is(
            "Exported", missing.Count == 0 && others.Count == 0 && share.Clients.Count > 0,
            share.Exported.Count == 0 ? "to nobody" : "to " + string.Join(", ", share.Exported.Distinct()),
            "to " + string.Join(", ", share.Clients),
            others.Count == 0 ? Again
                : NfsShareWarnings.Others(share, others) + (missing.Count > 0 ? " " + Again : ""));
        string[] listed = parts.Lines("listed");
        if (listed.Contains("asked"))
        {
            yield return Is(
                "Listed", listed.Contains(share.MountPoint),
                listed.Contains(share.MountPoint) ? share.MountPoint : "not in the list of exports over the network",
                share.MountPoint,
                "Look at mountd and rpcbind on the storage VM (showmount -e, rpcinfo -p), and at its firewall.");
        }

        yield return Clients(host, state, share, hosts, Is);
        bool everybody = share.Clients.Contains("*");
        bool root = share.Options.Contains("no_root_squash")
            || share.Clients.All(c => Root(share.Options).Contains(c, StringComparer.OrdinalIgnoreCase));
        yield return Make(
            "Access",
            others.Count > 0 || (!root && !everybody) ? ZpoolCheckStatus.Failed
                : everybody ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
            (everybody ? "everybody" : string.Join(", ", share.Clients)) + (root ? ", as root" : ", not as root")
                + (share.ReadOnly ? ", for reading" : "")
                + (others.Count > 0 ? "; past its options " + Everybody(others) : ""),
            "exactly the hosts, as root",
            others.Count > 0 ? NfsShareWarnings.Others(share, others)
                : "Set the hosts with Set-ZfsNfsShare -Client or -VMHost.");
        if (properties.TryGetValue("sync", out string? sync))
        {
            yield return Make(
                "Sync", sync == "disabled" ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
                sync, "standard or always",
                "With sync=disabled the last seconds of what VMs wrote are lost when the storage VM stops: "
                    + "set it back with Set-ZfsNfsShare -Sync Standard.");
        }

        yield return Space(properties, Make);
        if (snapshots.TryGetValue(fs, out SnapshotCount? count))
        {
            yield return Make(
                "Snapshots", count.Number >= ManySnapshots ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
                count.Number + " with " + new ByteSize(Size(properties, "usedbysnapshots")) + ", "
                    + count.Oldest + " to " + count.Newest,
                "fewer than " + ManySnapshots,
                "Lists of them and clearing up get slow: keep fewer (Start-ZfsRingReplication -KeepOnSource), "
                    + "and look for what else takes them.");
        }
    }

    /// <summary>The check that a storage VM without any share fails.</summary>
    public static ZfsNfsShareCheck Nothing(string host) => new(
        host, "", "Shared", ZpoolCheckStatus.Failed, "nothing is shared", "a file system shared with the hosts",
        "Share one with Set-ZfsNfsShare. Where there was one, see Test-EncapsulatedZpool: its pool may not be "
            + "imported.");

    /// <summary>An address of the server and one of the client in the same network; null where there is none.</summary>
    public static (string Server, string Client)? Way(IReadOnlyList<string> server, IReadOnlyList<string> client)
    {
        string[] both = [.. server.Select(a => a.Split('/')[0]).Intersect(client.Select(a => a.Split('/')[0]))];
        foreach (string one in server)
        {
            HostRules.TryPrefixed(one, out string at, out int prefix);
            string? near = client.Select(a => a.Split('/')[0])
                .FirstOrDefault(a => !both.Contains(a) && HostRules.SameNetwork(a, at, prefix));
            if (near is not null && !both.Contains(at))
            {
                return (at, near);
            }
        }

        return null;
    }

    /// <summary>What a machine's try to mount it tells. A client must get it, another must not.</summary>
    public static ZfsNfsShareCheck Outside(
        string host, NfsShareState state, ZfsNfsShare share, string other, string address, string answer)
    {
        bool client = share.Clients.Any(c => c == "*" || c == address
            || (HostRules.TryPrefixed(c, out string network, out int prefix)
                && HostRules.SameNetwork(network, address, prefix))
            || (state.Names.TryGetValue(c, out IReadOnlyList<string>? found) && found.Contains(address)));
        bool mounted = answer == "mounted";
        bool denied = answer.IndexOf("denied", StringComparison.OrdinalIgnoreCase) >= 0
            || answer.IndexOf("permission", StringComparison.OrdinalIgnoreCase) >= 0;
        string who = other + " (" + address + ", " + (client ? "a client" : "no client") + ")";
        return new(
            host, share.FileSystem, "Outside",
            answer == "none" || (!client && !mounted && !denied) ? ZpoolCheckStatus.Warning
                : mounted == client ? ZpoolCheckStatus.Passed : ZpoolCheckStatus.Failed,
            answer == "none" ? other + " has no NFS client" : mounted ? who + " mounted it"
                : who + " was refused: " + answer.Substring(Math.Min(8, answer.Length)).Trim(),
            client ? "mounted by clients" : "refused to others",
            answer == "none" || mounted == client && (mounted || denied)
                ? (answer == "none" ? "Install it (Debian: nfs-common)." : "")
                : mounted ? "Others than the hosts get the share: set its clients with Set-ZfsNfsShare."
                : client ? "Look at the storage network, and at the firewall of the storage VM."
                : "It could not be asked: look at the storage network between both.");
    }

    private static string Everybody(IReadOnlyList<string> clients) =>
        clients.Contains("*") ? "everybody" : string.Join(", ", clients);

    private static ZfsNfsShareCheck Clients(
        string host, NfsShareState state, ZfsNfsShare share, IReadOnlyList<MountingHost> hosts,
        Func<string, bool, string, string, string, ZfsNfsShareCheck> make)
    {
        string[] unknown =
        [
            .. share.Clients.Where(c => c != "*" && !HostRules.IsAddressOrNetwork(c)
                && !(state.Names.TryGetValue(c, out IReadOnlyList<string>? found) && found.Count > 0)),
        ];
        string found = string.Join(", ", share.Clients.Select(c =>
            state.Names.TryGetValue(c, out IReadOnlyList<string>? at)
                ? c + " = " + (at.Count == 0 ? "?" : string.Join(" ", at))
                : c));
        if (unknown.Length > 0)
        {
            return make(
                "Clients", false, found, "names that resolve on " + host,
                "Enter them with Set-ZfsHostName -ZfsHost " + host
                    + " -Entry @{ '" + unknown[0] + "' = '<address>' }.");
        }

        if (share.Clients.Contains("*") || hosts.Count == 0)
        {
            return make("Clients", true, found, "names that resolve on " + host, "");
        }

        try
        {
            NfsHostMatch.Check(host, state, new NfsShareRequest
            {
                FileSystem = share.FileSystem,
                Clients = [.. share.Clients.Select(c => new NfsClient(c))],
                Hosts = hosts,
            });
            return make("Clients", true, found, "the addresses that the hosts use", "");
        }
        catch (ZfsEsxException e)
        {
            return make("Clients", false, e.Message, "the addresses that the hosts use", e.Advice ?? "");
        }
    }

    private static ZfsNfsShareCheck Space(
        Dictionary<string, string> properties,
        Func<string, ZpoolCheckStatus, string, string, string, ZfsNfsShareCheck> make)
    {
        long left = Size(properties, "available"), own = Size(properties, "referenced");
        int percent = left <= 0 ? 100 : (int)(own * 100.0 / (own + (double)left));
        long held = Size(properties, "usedbysnapshots");
        bool quota = Size(properties, "quota") > 0 || Size(properties, "refquota") > 0;
        return make(
            "Space",
            percent >= Full ? ZpoolCheckStatus.Failed
                : percent >= Filling ? ZpoolCheckStatus.Warning : ZpoolCheckStatus.Passed,
            percent + " %, " + new ByteSize(left) + " left", "below " + Filling + " %",
            (left <= 0 ? "VMs on it cannot write any more. " : "")
                + (held > own / 2 && held > 0 ? "Snapshots hold " + new ByteSize(held) + ": the oldest can go. " : "")
                + (quota ? "Raise its limit with Set-ZfsNfsShare -Quota or -RefQuota, or free space."
                    : "Add disks with Add-EncapsulatedZpool, or free space."));
    }

    private static IReadOnlyList<string> Root(string options) =>
    [
        .. options.Split(',').Where(o => o.StartsWith("root=", StringComparison.Ordinal))
            .SelectMany(o => o.Substring(5).Split(':')).Select(c => c.TrimStart('@')),
    ];

    private static long Size(Dictionary<string, string> properties, string name) =>
        properties.TryGetValue(name, out string? text) ? ZfsText.Number(text) : 0;
}
