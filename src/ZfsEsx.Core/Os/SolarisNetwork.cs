using System.Globalization;

namespace ZfsEsx.Os;

/// <summary>Reads the answer of network-sunos.sh. Pure.</summary>
internal static class SolarisNetwork
{
    public static NetworkState Parse(string host, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        string[] connection = parts.Get("connection").Trim().Split(' ');
        string ours = connection.Length == 4 ? connection[2] : "";
        string back = parts.Lines("back").Select(l => l.Trim().Split([':'], 2))
            .Where(w => w.Length == 2 && w[0] == "interface").Select(w => w[1].Trim()).FirstOrDefault() ?? "";
        bool ipadm = parts.Lines("ipadm").Contains("there");
        string service = Service(parts);
        string keptBy = service == "nwam" ? "nwam" : ipadm ? "ipadm" : service == "default" ? "physical:default" : "";
        Dictionary<string, string> macs = Macs(parts);
        Dictionary<string, (string Flags, int Mtu, List<string> Addresses)> plumbed = Plumbed(parts);
        string[][] routes = [.. parts.Lines("routes").Select(Words).Where(w => w.Length > 5)];
        string[][] links = [.. parts.Lines("links").Select(l => l.Split(':')).Where(w => w.Length >= 4)];
        List<ZfsHostNetwork> interfaces = [];
        foreach (string[] link in links.Where(l => l[1] is "phys" or "vnic" or "aggr" or "vlan" or "simnet"))
        {
            bool there = plumbed.TryGetValue(link[0], out (string Flags, int Mtu, List<string> Addresses) now);
            IReadOnlyList<string> own = there ? now.Addresses : [];
            interfaces.Add(new ZfsHostNetwork(
                host, link[0], macs.TryGetValue(link[0], out string? mac) ? mac : "", own,
                there ? now.Mtu : Number(link[2]),
                there && now.Flags.Split(',').Contains("UP") && link[3] != "down",
                Management: link[0] == back || own.Any(a => a.Split('/')[0] == ours))
            {
                Gateway = GatewayOf(routes, link[0], own),
                Routes = [.. RoutesOf(routes, link[0], own)],
                KeptBy = keptBy,
            });
        }

        return new NetworkState
        {
            Interfaces = interfaces,
            DefaultRoute = interfaces.FirstOrDefault(i => i.Gateway is not null)?.Interface,
            Managers = keptBy.Length == 0 ? [] : [keptBy],
            Files = NetworkState.FilesOf(parts),
            Persistent =
            [
                .. parts.Lines("persistent").Select(l => l.Replace("persistent:", "").Trim()),
                .. parts.Lines("ipadm").Where(l => l != "there"),
            ],
        };
    }

    private static string[] Words(string line) => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    // "online  svc:/network/physical:nwam"; of illumos' two, the one that runs
    private static string Service(IReadOnlyDictionary<string, string> parts) => parts.Lines("physical").Select(Words)
        .Where(w => w.Length > 1 && w[0].StartsWith("online", StringComparison.Ordinal))
        .Select(w => w[1].Split(':').Last()).FirstOrDefault() ?? "";

    // dladm show-phys -m: LINK SLOT ADDRESS INUSE CLIENT, addresses without leading zeros
    private static Dictionary<string, string> Macs(IReadOnlyDictionary<string, string> parts)
    {
        Dictionary<string, string> macs = new(StringComparer.Ordinal);
        foreach (string[] w in parts.Lines("phys").Select(Words).Where(w => w.Length >= 3 && w[1] == "primary"))
        {
            string mac = string.Join(":", w[2].Split(':').Select(b => b.PadLeft(2, '0')));
            macs[w[0]] = HostRules.Mac(mac) ?? "";
        }

        return macs;
    }

    // e1000g0: flags=1000843<UP,BROADCAST,…> mtu 1500 index 2
    //         inet 10.99.0.11 netmask ffffff00 broadcast 10.99.0.255
    private static Dictionary<string, (string Flags, int Mtu, List<string> Addresses)> Plumbed(
        IReadOnlyDictionary<string, string> parts)
    {
        Dictionary<string, (string Flags, int Mtu, List<string> Addresses)> found = new(StringComparer.Ordinal);
        string name = "";
        foreach (string line in parts.Lines("ifconfig"))
        {
            string[] w = Words(line);
            if (line[0] is not (' ' or '\t'))
            {
                // e1000g0:1 is a further address of e1000g0
                name = w[0].Split(':')[0];
                int at = Array.IndexOf(w, "mtu");
                string flags = w.Length > 1 && w[1].IndexOf('<') is >= 0 and int from
                    ? w[1].Substring(from + 1).TrimEnd('>') : "";
                if (!found.ContainsKey(name) && !flags.Contains("IPv6"))
                {
                    found[name] = (flags, at > 0 && at + 1 < w.Length ? Number(w[at + 1]) : 0, []);
                }
            }
            else if (w.Length >= 4 && w[0] == "inet" && w[2] == "netmask" && w[1] != "0.0.0.0"
                && uint.TryParse(w[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint mask)
                && found.TryGetValue(name, out (string Flags, int Mtu, List<string> Addresses) nic))
            {
                nic.Addresses.Add(w[1].Split('/')[0] + "/" + Bits(mask));
            }
        }

        return found;
    }

    // default  0.0.0.0  192.168.1.1  e1000g0  1500  1  UG …; the interface may be missing, then the network tells
    private static bool Over(string[] route, string nic, IReadOnlyList<string> own) =>
        route.Skip(4).Any(w => w[0] == 'U' && w.Contains('G') && w.IndexOfAny(['D', 'R', 'B']) < 0)
        && (char.IsDigit(route[3][0]) ? Near(route[2], own) : route[3] == nic);

    private static string? GatewayOf(string[][] routes, string nic, IReadOnlyList<string> own) =>
        routes.Where(w => w[0] == "default" && Over(w, nic, own)).Select(w => w[2]).FirstOrDefault();

    // 10.98.0.0  255.255.0.0  10.99.0.1  1500  1  UG …
    private static IEnumerable<NetworkRoute> RoutesOf(string[][] routes, string nic, IReadOnlyList<string> own) =>
        from w in routes
        where HostRules.IsAddress(w[0]) && HostRules.IsAddress(w[1]) && Over(w, nic, own)
        select new NetworkRoute(w[0] + "/" + Bits(HostRules.Number(w[1])), w[2]);

    private static int Bits(uint mask)
    {
        int prefix = 0;
        for (uint rest = mask; rest != 0; rest <<= 1)
        {
            prefix++;
        }

        return prefix;
    }

    private static bool Near(string gateway, IReadOnlyList<string> own) => HostRules.IsAddress(gateway)
        && own.Any(a => HostRules.TryPrefixed(a, out string address, out int prefix)
            && HostRules.SameNetwork(gateway, address, prefix));
}
