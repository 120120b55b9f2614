using System.Text;

namespace ZfsEsx.Os;

/// <summary>
/// What has to be done on Linux so that an interface has its addresses now and after a restart, with ifupdown,
/// systemd-networkd or netplan. Pure.
/// </summary>
internal static class LinuxNetworkPlanner
{
    private const string Main = "/etc/network/interfaces";

    /// <summary>In front of a line of the administrator's that no longer counts.</summary>
    private const string Kept = "#ZfsEsx# ";

    /// <summary>The steps; none when all is so now and after a restart.</summary>
    public static IReadOnlyList<NetworkStep> Compare(string host, NetworkState observed, HostNetworkRequest request)
    {
        WantedNetwork wanted = NetworkRules.Wanted(host, observed, request);
        string nic = wanted.Nic.Interface;
        (string way, string path, string? trial, string mode) = wanted.Nic.KeptBy switch
        {
            "netplan" => ("netplan", $"/etc/netplan/90-zfsesx-{nic}.yaml",
                $"/run/netplan/90-zfsesx-{nic}.yaml", "0600"),
            "systemd-networkd" => ("networkd", $"/etc/systemd/network/05-zfsesx-{nic}.network",
                $"/run/systemd/network/04-zfsesx-{nic}.network", "0644"),
            _ => ("ifupdown", Main + ".d/" + nic, null, "0644"),
        };
        string text = way switch
        {
            "netplan" => LinuxNetworkText.Netplan(wanted, DefinitionOf(observed, wanted.Nic) ?? nic),
            "networkd" => LinuxNetworkText.Networkd(wanted),
            _ => LinuxNetworkText.Ifupdown(wanted),
        };
        bool kept = observed.Files.TryGetValue(path, out string? there) && there == text;
        bool sourced = way != "ifupdown" || Sourced(observed);
        string[] others = way == "ifupdown" ? Others(observed, nic, path) : [];
        if (wanted.Live && kept && sourced && others.Length == 0)
        {
            return [];
        }

        RefuseManager(host, wanted.Nic);
        NetworkRules.Refuse(host, observed, wanted);
        RefuseElsewhere(host, observed, wanted.Nic, (way, path, trial), others, request.TakeOver);
        List<NetworkStep> steps = [];
        if (!wanted.Live || !kept)
        {
            // Also when only the file is missing: what has never been tried must not be what a restart finds.
            steps.Add(Try(wanted, new NetworkTrial(way, wanted, text, trial)));
        }

        if (!kept || !sourced || others.Length > 0)
        {
            steps.Add(Keep(observed, wanted, kept ? null : new NetworkFile(path, text, mode), !sourced, others));
        }

        return steps;
    }

    /// <summary>The step that makes the change under the guard.</summary>
    internal static NetworkStep Try(WantedNetwork wanted, NetworkTrial trial) => new(
        "Set " + wanted.Nic.Interface + " to " + wanted.Words
        + (wanted.Nic.Addresses.Count == 0 ? "" : " instead of " + string.Join(", ", wanted.Nic.Addresses)
            + " with MTU " + WantedNetwork.Invariant(wanted.Nic.Mtu))
        + ", taken back unless a fresh connection confirms it",
        wanted.Nic.Addresses.Count == 0 ? ChangeRisk.Safe : ChangeRisk.Disruptive, trial);

    private static void RefuseManager(string host, ZfsHostNetwork nic)
    {
        if (nic.KeptBy is not ("ifupdown" or "systemd-networkd" or "netplan"))
        {
            throw new ZfsEsxException(
                "NetworkManagerNotSupported", FailureKind.NotSupported, nic.Interface,
                nic.Interface + " of " + host + " is kept by "
                    + (nic.KeptBy.Length == 0 ? "something unknown" : nic.KeptBy)
                    + ", which would write over what is set from outside.",
                nic.KeptBy switch
                {
                    "TrueNAS" => "Set the address in TrueNAS' own interface, under Network, "
                        + "and test and save it there.",
                    "NetworkManager" => "Set it there: nmcli connection modify NAME ipv4.method manual ipv4.addresses "
                        + "ADDRESS/PREFIX 802-3-ethernet.mtu MTU; nmcli connection up NAME. Or leave the interface to "
                        + "others: nmcli device set " + nic.Interface + " managed no.",
                    _ => "Set the address there by hand, then run the same again.",
                });
        }
    }

    // Our file comes first: where the work ends in between, the interface is set up twice, but never not at all.
    private static NetworkStep Keep(
        NetworkState observed, WantedNetwork wanted, NetworkFile? own, bool source, string[] others)
    {
        string nic = wanted.Nic.Interface;
        List<string> actions = [];
        List<NetworkFile> files = [];
        if (own is not null)
        {
            actions.Add("keep " + wanted.Words + " for " + nic + " after a restart, in " + own.Path);
            files.Add(own);
        }

        if (source)
        {
            actions.Add("let " + Main + " read " + Main + ".d");
        }

        if (others.Length > 0)
        {
            actions.Add("put the lines for " + nic + " in " + string.Join(", ", others) + " aside as comments");
        }

        foreach (string path in source ? others.Prepend(Main).Distinct() : others)
        {
            string text = observed.Files.TryGetValue(path, out string? now) ? now : "";
            text = others.Contains(path) ? PutAside(text, nic) : text;
            bool ended = text.Length == 0 || text.EndsWith("\n", StringComparison.Ordinal);
            files.Add(new NetworkFile(
                path, source && path == Main ? text + (ended ? "" : "\n") + "source " + Main + ".d/*\n" : text));
        }

        string action = string.Join("; ", actions);
        return new NetworkStep(
            char.ToUpperInvariant(action[0]) + action.Substring(1), ChangeRisk.Safe, null, [.. files]);
    }

    // Files of ifupdown where lines that are not ours set the interface up.
    private static string[] Others(NetworkState observed, string nic, string path) =>
    [
        .. observed.Files.Where(f => f.Key.StartsWith("/etc/network/", StringComparison.Ordinal)
            && f.Value.Split('\n').Select(LinuxNetwork.Words).Any(w => SetsUp(w, nic))
            && !(f.Key == path && f.Value.StartsWith(LinuxNetworkText.Marker, StringComparison.Ordinal)))
            .Select(f => f.Key),
    ];

    private static bool SetsUp(string[] w, string nic) =>
        w.Length > 1 && w[0] == "iface" && w[1] == nic && Array.IndexOf(w, "inet6") < 0;

    private static void RefuseElsewhere(
        string host, NetworkState observed, ZfsHostNetwork nic, (string Way, string Path, string? Trial) own,
        string[] others, bool takeOver)
    {
        switch (own.Way)
        {
            case "netplan":
                RefuseNetplan(host, observed, nic, takeOver);
                break;
            case "networkd":
                // ours comes first by its name, theirs stays as it is
                if (observed.NetworkdFiles.TryGetValue(nic.Interface, out string? file) && file.Length > 0
                    && file != own.Path && file != own.Trial && !takeOver)
                {
                    throw Elsewhere(host, nic.Interface, file, canTake: true);
                }

                break;
            default:
                if (others.FirstOrDefault(f => !takeOver || f == own.Path) is string other)
                {
                    throw Elsewhere(host, nic.Interface, other, other != own.Path);
                }

                break;
        }
    }

    private static void RefuseNetplan(string host, NetworkState observed, ZfsHostNetwork nic, bool takeOver)
    {
        if (DefinitionOf(observed, nic) is not string id || Definition(observed.Netplan, id) is not string[] lines
            || observed.Files.ContainsKey($"/etc/netplan/90-zfsesx-{nic.Interface}.yaml"))
        {
            return;
        }

        // netplan joins the lists of all files, so that another file's address would stay beside ours.
        bool lists = lines.Any(l => l.Trim() is "addresses:" or "routes:" or "gateway4:"
            || l.Trim().StartsWith("gateway4:", StringComparison.Ordinal));
        bool sets = lists || lines.Any(l => l.Trim() is "dhcp4: true" or "dhcp4: yes" or "dhcp4: on");
        if (sets && (lists || !takeOver))
        {
            throw Elsewhere(host, nic.Interface, "/etc/netplan", !lists);
        }
    }

    private static ZfsEsxException Elsewhere(string host, string nic, string file, bool canTake) => new(
        "InterfaceConfiguredElsewhere", FailureKind.InUse, nic,
        nic + " of " + host + " is set up in " + file + ", in lines that ZfsEsx did not write.",
        canTake
            ? "-Force lets ZfsEsx take the interface over; the lines there are kept, but no longer count."
            : "Remove its addresses and routes there, or set the address there by hand.");

    // Lines of others stay where they are, as comments that say who put them aside.
    private static string PutAside(string file, string nic)
    {
        StringBuilder text = new();
        bool inside = false;
        foreach (string line in file.TrimEnd('\n').Split('\n'))
        {
            string[] w = LinuxNetwork.Words(line);
            if (w.Length > 0 && w[0] is "iface" or "mapping" or "source" or "source-directory" or "auto"
                || (w.Length > 0 && w[0].StartsWith("allow-", StringComparison.Ordinal)))
            {
                inside = SetsUp(w, nic);
            }

            // "auto eth0" stays: it counts for our own file too
            text.Append(inside && w.Length > 0 && w[0][0] != '#' ? Kept : "").Append(line).Append('\n');
        }

        return text.ToString();
    }

    // The definition that is for this interface: of its name, or one that matches its MAC address.
    private static string? DefinitionOf(NetworkState observed, ZfsHostNetwork nic)
    {
        foreach (string line in observed.Netplan.Split('\n').Where(l => l.Length > 1 && l[0] is not (' ' or '#')))
        {
            string id = line.TrimEnd().TrimEnd(':').Trim('"', '\'');
            string[] lines = Definition(observed.Netplan, id) ?? [];
            if (id == nic.Interface || lines.Select(l => l.Trim().Replace("\"", "").Replace("'", "")).Any(
                l => l == "set-name: " + nic.Interface
                    || string.Equals(l, "macaddress: " + nic.Mac, StringComparison.OrdinalIgnoreCase)))
            {
                return HostRules.IsInterface(id) ? id : null;
            }
        }

        return null;
    }

    private static string[]? Definition(string netplan, string id)
    {
        string[] lines = netplan.Split('\n');
        int at = Array.FindIndex(lines, l => l.TrimEnd().TrimEnd(':').Trim('"', '\'') == id && l[0] != ' ');
        return at < 0 ? null : [.. lines.Skip(at + 1).TakeWhile(l => l.StartsWith(" ", StringComparison.Ordinal))];
    }

    private static bool Sourced(NetworkState observed) =>
        observed.Files.TryGetValue(Main, out string? main) && main.Split('\n').Select(LinuxNetwork.Words).Any(
            w => w.Length >= 2 && ((w[0] == "source" && w.Skip(1).Any(p => p is Main + ".d/*" or "interfaces.d/*"))
                || (w[0] == "source-directory"
                    && w.Skip(1).Any(p => p.TrimEnd('/') is Main + ".d" or "interfaces.d"))));
}
