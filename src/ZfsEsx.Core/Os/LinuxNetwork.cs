using System.Globalization;

namespace ZfsEsx.Os;

/// <summary>Reads the answer of network.sh. Pure.</summary>
internal static class LinuxNetwork
{
    public static NetworkState Parse(string host, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        string[] connection = parts.Get("connection").Trim().Split(' ');
        string ours = connection.Length == 4 ? connection[2] : "";
        string back = After(parts.Get("back"), "dev") ?? "";
        ILookup<string, string> addresses = parts.Lines("addresses")
            .Select(Words).Where(w => w.Length > 3 && w[2] == "inet").ToLookup(w => w[1], w => w[3]);
        string[] routes = [.. parts.Lines("routes")];
        HashSet<string> managed = [.. parts.Lines("networkmanager").Select(l => l.Split(':'))
            .Where(w => w.Length > 1 && w[1] != "unmanaged").Select(w => w[0])];
        Dictionary<string, string> networkd = new(StringComparer.Ordinal);
        List<ZfsHostNetwork> interfaces = [];
        NetworkState state = new()
        {
            Interfaces = interfaces,
            DefaultRoute = routes.Where(l => l.StartsWith("default ", StringComparison.Ordinal))
                .Select(l => After(l, "dev")).FirstOrDefault(),
            Managers = parts.Lines("managers"),
            Files = NetworkState.FilesOf(parts),
            NetworkdFiles = networkd,
            Netplan = parts.Get("netplan"),
        };
        foreach (string[] w in parts.Lines("links").Select(Words).Where(w => w.Length > 3))
        {
            string name = w[1].TrimEnd(':').Split('@')[0];
            string[] flags = w[2].Trim('<', '>').Split(',');
            int ether = Array.IndexOf(w, "link/ether");
            string[] own = [.. addresses[name]];
            if (flags.Contains("LOOPBACK"))
            {
                continue;
            }

            string number = w[0].TrimEnd(':') + " ";
            if (parts.Lines("networkd").FirstOrDefault(l => l.StartsWith(number, StringComparison.Ordinal))
                is string line)
            {
                networkd[name] = line.Substring(number.Length).Trim();
            }

            string all = string.Join(" ", w);
            string[] over = [.. routes.Where(l => After(l, "dev") == name)];
            interfaces.Add(new ZfsHostNetwork(
                host, name, ether >= 0 && ether + 1 < w.Length ? w[ether + 1] : "", own, Number(After(all, "mtu")) ?? 0,
                flags.Contains("UP") && flags.Contains("LOWER_UP"),
                Management: name == back || own.Any(a => a.Split('/')[0] == ours))
            {
                Gateway = over.Where(l => l.StartsWith("default ", StringComparison.Ordinal))
                    .Select(l => After(l, "via")).FirstOrDefault(),
                Routes = [.. over.Select(Route).OfType<NetworkRoute>()],
                KeptBy = KeptBy(state, name, managed.Contains(name)),
                // 0: the driver sets no limit
                MaxMtu = Number(After(all, "maxmtu")) is > 0 and int most ? most : null,
            });
        }

        return state;
    }

    /// <summary>True when a file of ifupdown sets this interface up.</summary>
    public static bool Defines(string file, string nic) =>
        file.Split('\n').Select(Words).Any(w => w.Length >= 2 && w[0] == "iface" && w[1] == nic);

    /// <summary>The words of a line; a backslash is how <c>ip -o</c> prints the end of a line.</summary>
    public static string[] Words(string line) =>
        line.Split([' ', '\t', '\\'], StringSplitOptions.RemoveEmptyEntries);

    // Whoever speaks last at boot: what generates the files of another comes before that one.
    private static string KeptBy(NetworkState state, string nic, bool networkManager) =>
        state.Managers.Contains("TrueNAS") ? "TrueNAS"
        : networkManager ? "NetworkManager"
        : state.Managers.FirstOrDefault(m => m is "dhcpcd" or "connman" or "wicked") is string other ? other
        : state.Files.Any(f => f.Key.StartsWith("/etc/network/", StringComparison.Ordinal) && Defines(f.Value, nic))
            ? "ifupdown"
        : state.Managers.Contains("netplan") ? "netplan"
        : state.NetworkdFiles.ContainsKey(nic) || !state.Managers.Contains("ifupdown")
            ? (state.Managers.Contains("systemd-networkd") ? "systemd-networkd" : "")
        : "ifupdown";

    private static NetworkRoute? Route(string line)
    {
        string[] words = Words(line);
        return words.Length > 0 && words[0] != "default" && After(line, "via") is string via
            ? new NetworkRoute(words[0].IndexOf('/') < 0 ? words[0] + "/32" : words[0], via)
            : null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string? After(string line, string word)
    {
        string[] words = Words(line.Trim());
        int at = Array.IndexOf(words, word);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }
}
