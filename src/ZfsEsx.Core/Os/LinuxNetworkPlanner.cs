using System.Text;

namespace ZfsEsx.Os;

/// <summary>
/// What has to be done on Linux so that an interface has its addresses now and after a restart, with ifupdown,
/// systemd-networkd or netplan. Pure.
/// </summary>
internal static class LinuxNetworkPlanner
{
    private const string Main = "/etc/network/interfaces";
    private const string Marker = "# Written by ZfsEsx (Set-ZfsHostNetwork). Changes by hand are overwritten.\n";

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
            "netplan" => Netplan(wanted, DefinitionOf(observed, wanted.Nic) ?? nic),
            "networkd" => Networkd(wanted),
            _ => Ifupdown(wanted),
        };
        bool kept = observed.Files.TryGetValue(path, out string? there) && there == text;
        bool sourced = way != "ifupdown" || Sourced(observed);
        if (wanted.Live && kept && sourced)
        {
            return [];
        }

        RefuseManager(host, wanted.Nic);
        NetworkRules.Refuse(host, observed, wanted);
        IReadOnlyList<NetworkStep> taken = way switch
        {
            "ifupdown" => TakeIfupdown(host, observed, nic, path, request.TakeOver),
            "networkd" => TakeNetworkd(host, observed, nic, path, trial!, request.TakeOver),
            _ => TakeNetplan(host, observed, wanted.Nic, request.TakeOver),
        };
        List<NetworkStep> steps = [];
        if (!wanted.Live || !kept)
        {
            // Also when only the file is missing: what has never been tried must not be what a restart finds.
            steps.Add(Try(wanted, new NetworkTrial(way, wanted, text, trial)));
        }

        steps.AddRange(taken);
        if (!sourced)
        {
            string main = taken.FirstOrDefault(s => s.File == Main)?.Content
                ?? (observed.Files.TryGetValue(Main, out string? now) ? now : "");
            steps.Add(new NetworkStep(
                "Let " + Main + " read " + Main + ".d", ChangeRisk.Safe, File: Main,
                Content: main + (main.Length == 0 || main.EndsWith("\n", StringComparison.Ordinal) ? "" : "\n")
                    + "source " + Main + ".d/*\n"));
        }

        if (!kept)
        {
            steps.Add(new NetworkStep(
                "Keep " + wanted.Words + " for " + nic + " after a restart, in " + path, ChangeRisk.Safe, File: path,
                Content: text, Mode: mode));
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

    // Lines of others stay where they are, as comments that say who put them aside.
    private static List<NetworkStep> TakeIfupdown(
        string host, NetworkState observed, string nic, string path, bool takeOver)
    {
        List<NetworkStep> steps = [];
        foreach (KeyValuePair<string, string> file in observed.Files.Where(f =>
            f.Key.StartsWith("/etc/network/", StringComparison.Ordinal) && LinuxNetwork.Defines(f.Value, nic)))
        {
            bool own = file.Value.StartsWith(Marker, StringComparison.Ordinal);
            if (own && file.Key == path)
            {
                continue;
            }

            if (!takeOver || file.Key == path)
            {
                throw Elsewhere(host, nic, file.Key, file.Key != path);
            }

            steps.Add(new NetworkStep(
                "Put the lines for " + nic + " in " + file.Key + " aside as comments", ChangeRisk.Safe,
                File: file.Key, Content: PutAside(file.Value, nic)));
        }

        return steps;
    }

    private static IReadOnlyList<NetworkStep> TakeNetworkd(
        string host, NetworkState observed, string nic, string path, string trial, bool takeOver) =>
        observed.NetworkdFiles.TryGetValue(nic, out string? file) && file.Length > 0 && file != path && file != trial
            && !takeOver
            ? throw Elsewhere(host, nic, file, canTake: true)
            : []; // ours comes first by its name, theirs stays as it is

    private static IReadOnlyList<NetworkStep> TakeNetplan(
        string host, NetworkState observed, ZfsHostNetwork nic, bool takeOver)
    {
        if (DefinitionOf(observed, nic) is not string id || Definition(observed.Netplan, id) is not string[] lines
            || observed.Files.ContainsKey($"/etc/netplan/90-zfsesx-{nic.Interface}.yaml"))
        {
            return [];
        }

        // netplan joins the lists of all files, so that another file's address would stay beside ours.
        bool lists = lines.Any(l => l.Trim() is "addresses:" or "routes:" or "gateway4:"
            || l.Trim().StartsWith("gateway4:", StringComparison.Ordinal));
        bool sets = lists || lines.Any(l => l.Trim() is "dhcp4: true" or "dhcp4: yes" or "dhcp4: on");
        return sets && (lists || !takeOver) ? throw Elsewhere(host, nic.Interface, "/etc/netplan", !lists) : [];
    }

    private static ZfsEsxException Elsewhere(string host, string nic, string file, bool canTake) => new(
        "InterfaceConfiguredElsewhere", FailureKind.InUse, nic,
        nic + " of " + host + " is set up in " + file + ", in lines that ZfsEsx did not write.",
        canTake
            ? "-Force lets ZfsEsx take the interface over; the lines there are kept, but no longer count."
            : "Remove its addresses and routes there, or set the address there by hand.");

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
                inside = w.Length > 1 && w[0] == "iface" && w[1] == nic && Array.IndexOf(w, "inet6") < 0;
            }

            // "auto eth0" stays: it counts for our own file too
            text.Append(inside && w.Length > 0 && w[0][0] != '#' ? Kept : "").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Ifupdown(WantedNetwork wanted)
    {
        StringBuilder text = new(Marker);
        string nic = wanted.Nic.Interface;
        text.Append($"auto {nic}\niface {nic} inet static\n    address {wanted.Address}\n")
            .Append("    mtu ").Append(WantedNetwork.Invariant(wanted.Mtu)).Append('\n');
        if (wanted.Gateway is not null)
        {
            text.Append("    gateway ").Append(wanted.Gateway).Append('\n');
        }

        foreach (NetworkRoute route in wanted.Routes)
        {
            text.Append($"    up ip route replace {route} dev {nic}\n");
        }

        return text.ToString();
    }

    private static string Networkd(WantedNetwork wanted)
    {
        StringBuilder text = new(Marker);
        text
            .Append(
                $"[Match]\nName={wanted.Nic.Interface}\n\n"
                + $"[Link]\nMTUBytes={WantedNetwork.Invariant(wanted.Mtu)}\n\n")
            .Append($"[Network]\nDHCP=no\nAddress={wanted.Address}\n");
        if (wanted.Gateway is not null)
        {
            text.Append($"Gateway={wanted.Gateway}\n");
        }

        foreach (NetworkRoute route in wanted.Routes)
        {
            text.Append($"\n[Route]\nDestination={route.Destination}\nGateway={route.Gateway}\n");
        }

        return text.ToString();
    }

    private static string Netplan(WantedNetwork wanted, string id)
    {
        StringBuilder text = new(Marker);
        text.Append($"network:\n  version: 2\n  ethernets:\n    {id}:\n      dhcp4: false\n")
            .Append(
                $"      mtu: {WantedNetwork.Invariant(wanted.Mtu)}\n"
                + $"      addresses:\n        - {wanted.Address}\n");
        NetworkRoute[] routes =
            [.. wanted.Gateway is string g ? new[] { new NetworkRoute("0.0.0.0/0", g) } : [], .. wanted.Routes];
        text.Append(routes.Length == 0 ? "" : "      routes:\n");
        foreach (NetworkRoute route in routes)
        {
            text.Append($"        - to: {route.Destination}\n          via: {route.Gateway}\n");
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
