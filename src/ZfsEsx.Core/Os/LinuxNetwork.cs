using System.Globalization;
using System.Text;

namespace ZfsEsx.Os;

/// <summary>A step towards an interface's address.</summary>
internal sealed record NetworkStep(string Action, string? File, string? Content, bool Apply, ChangeRisk Risk);

/// <summary>Reads network.sh and compares it with what is wanted, for Linux with ifupdown. Pure.</summary>
internal static class LinuxNetwork
{
    private const string Main = "/etc/network/interfaces";
    private const string Marker = "# Written by ZfsEsx (Set-ZfsHostNetwork). Changes by hand are overwritten.";

    public static NetworkState Parse(string host, string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        string[] connection = parts.Get("connection").Trim().Split(' ');
        string ours = connection.Length == 4 ? connection[2] : "";
        string back = After(parts.Get("back"), "dev") ?? "";
        ILookup<string, string> addresses = parts.Lines("addresses")
            .Select(Words).Where(w => w.Length > 3 && w[2] == "inet").ToLookup(w => w[1], w => w[3]);
        List<ZfsHostNetwork> interfaces = [];
        foreach (string[] w in parts.Lines("links").Select(Words).Where(w => w.Length > 3))
        {
            string name = w[1].TrimEnd(':').Split('@')[0];
            string flags = w[2].Trim('<', '>');
            int ether = Array.IndexOf(w, "link/ether");
            string[] own = [.. addresses[name]];
            if (flags.Split(',').Contains("LOOPBACK"))
            {
                continue;
            }

            interfaces.Add(new ZfsHostNetwork(
                host, name, ether >= 0 && ether + 1 < w.Length ? w[ether + 1] : "", own,
                int.TryParse(After(string.Join(" ", w), "mtu"), NumberStyles.None, CultureInfo.InvariantCulture,
                    out int mtu) ? mtu : 0,
                flags.Split(',').Contains("UP") && flags.Split(',').Contains("LOWER_UP"),
                Management: name == back || own.Any(a => a.Split('/')[0] == ours)));
        }

        return new NetworkState
        {
            Interfaces = interfaces,
            DefaultRoute = parts.Lines("routes").Where(l => l.StartsWith("default ", StringComparison.Ordinal))
                .Select(l => After(l, "dev")).FirstOrDefault(),
            Managers = parts.Lines("managers"),
            Files = NetworkState.FilesOf(parts),
        };
    }

    /// <summary>What is wrong with the request by itself.</summary>
    public static void Check(HostNetworkRequest request)
    {
        if (!HostRules.TryPrefixed(request.Address, out string address, out int prefix))
        {
            throw Invalid(request.Address, "is not an IPv4 address with prefix length, as 10.99.0.11/24 is");
        }

        if ((request.Interface is null) == (request.Mac is null))
        {
            throw Invalid(request.Address, "needs either the interface's name or its MAC address");
        }

        if (request.Interface is not null && !HostRules.IsInterface(request.Interface))
        {
            throw Invalid(request.Interface, "is not the name of an interface");
        }

        if (request.Mac is not null && HostRules.Mac(request.Mac) is null)
        {
            throw Invalid(request.Mac, "is not a MAC address");
        }

        if (request.Mtu is < 576 or > 9216)
        {
            throw Invalid(
                request.Mtu.Value.ToString(CultureInfo.InvariantCulture), "is not an MTU between 576 and 9216");
        }

        if (request.Gateway is not null
            && (!HostRules.IsAddress(request.Gateway) || !HostRules.SameNetwork(request.Gateway, address, prefix)))
        {
            throw Invalid(request.Gateway, "is not an address in the network of " + request.Address);
        }
    }

    /// <summary>The interface that is meant.</summary>
    public static ZfsHostNetwork Find(string host, NetworkState observed, HostNetworkRequest request)
    {
        string? mac = request.Mac is null ? null : HostRules.Mac(request.Mac);
        ZfsHostNetwork[] found =
            [.. observed.Interfaces.Where(i => mac is null ? i.Interface == request.Interface : i.Mac == mac)];
        return found.Length == 1 ? found[0] : throw new ZfsEsxException(
            "InterfaceNotFound", FailureKind.NotFound, request.Interface ?? mac!,
            (found.Length == 0 ? "There is no interface " : "There are several interfaces ")
                + (request.Interface ?? "with the MAC address " + mac)
            + " on " + host + "; it has "
                + string.Join(", ", observed.Interfaces.Select(i => i.Interface + " (" + i.Mac + ")")) + ".",
            "See Get-ZfsHostNetwork. An adapter that was just added needs a running system that knows its kind.");
    }

    /// <summary>The steps; none when all is so now and after a restart.</summary>
    public static IReadOnlyList<NetworkStep> Compare(string host, NetworkState observed, HostNetworkRequest request)
    {
        ZfsHostNetwork nic = Find(host, observed, request);
        string address = request.Address.Split('/')[0];
        int mtu = request.Mtu ?? nic.Mtu;
        bool live = nic.Up && nic.Mtu == mtu && nic.Addresses.Count == 1 && nic.Addresses[0] == request.Address;
        string path = Main + ".d/" + nic.Interface;
        string content = Content(nic.Interface, request, mtu);
        bool kept = observed.Files.TryGetValue(path, out string? there) && there == content;
        bool sourced = Sourced(observed);
        if (live && kept && sourced)
        {
            return [];
        }

        Refuse(host, observed, request, nic, address, path);
        List<NetworkStep> steps = [];
        if (!sourced)
        {
            string main = observed.Files.TryGetValue(Main, out string? text) ? text : "";
            steps.Add(new NetworkStep(
                "Let " + Main + " read " + Main + ".d", Main,
                main + (main.Length == 0 || main.EndsWith("\n", StringComparison.Ordinal) ? "" : "\n") + "source "
                    + Main + ".d/*\n", false, ChangeRisk.Safe));
        }

        if (!kept)
        {
            steps.Add(new NetworkStep("Keep " + Words(request, mtu) + " for " + nic.Interface + " after a restart",
                path, content, false, ChangeRisk.Safe));
        }

        if (!live)
        {
            steps.Add(new NetworkStep(
                "Set " + nic.Interface + " to " + Words(request, mtu)
                + (nic.Addresses.Count == 0 ? "" : " instead of " + string.Join(", ", nic.Addresses) + " with MTU "
                    + nic.Mtu),
                null, null, true, nic.Addresses.Count == 0 ? ChangeRisk.Safe : ChangeRisk.Disruptive));
        }

        return steps;
    }

    private static void Refuse(
        string host, NetworkState observed, HostNetworkRequest request, ZfsHostNetwork nic, string address, string path)
    {
        if (nic.Management)
        {
            throw new ZfsEsxException(
                "ManagementInterface", FailureKind.InUse, nic.Interface,
                nic.Interface + " of " + host + " carries this very connection; changing it could lock everybody out.",
                "Choose the adapter in the storage network; change the management address on the console.");
        }

        if (observed.Interfaces.FirstOrDefault(i => i.Interface != nic.Interface
            && i.Addresses.Any(a => a.Split('/')[0] == address)) is ZfsHostNetwork other)
        {
            throw new ZfsEsxException(
                "AddressInUse", FailureKind.InUse, address, "The address " + address + " is on " + other.Interface
                    + " of " + host + " already.",
                "Choose another address, or take it from that interface first.");
        }

        if (request.Gateway is not null && observed.DefaultRoute is string route && route != nic.Interface)
        {
            throw new ZfsEsxException(
                "DefaultRouteExists", FailureKind.InvalidState, request.Gateway,
                "The default route of " + host + " leads over " + route + "; a second one over " + nic.Interface
                    + " could lock everybody out.",
                "Leave the gateway out: hosts and storage VMs are in the same network.");
        }

        string[] others = [.. observed.Managers.Where(m => m != "ifupdown")];
        if (others.Length > 0 || !observed.Managers.Contains("ifupdown"))
        {
            throw new ZfsEsxException(
                "NetworkManagerNotSupported", FailureKind.NotSupported, host,
                "The network of " + host + " is kept by "
                    + (others.Length == 0 ? "something unknown" : string.Join(" and ", others))
                + "; only ifupdown (/etc/network/interfaces) is supported so far.",
                "Set the address there by hand, then run the same again.");
        }

        foreach (KeyValuePair<string, string> file in observed.Files.Where(f => Defines(f.Value, nic.Interface)))
        {
            if (file.Key != path || !file.Value.StartsWith(Marker, StringComparison.Ordinal))
            {
                throw new ZfsEsxException(
                    "InterfaceConfiguredElsewhere", FailureKind.InUse, nic.Interface,
                    nic.Interface + " of " + host + " is set up in " + file.Key + ", which ZfsEsx did not write.",
                    "Remove its lines there, or set the address there by hand.");
            }
        }
    }

    private static string Content(string nic, HostNetworkRequest request, int mtu)
    {
        StringBuilder text = new();
        text.Append(Marker).Append('\n').Append("auto ").Append(nic).Append('\n').Append("iface ").Append(nic)
            .Append(" inet static\n")
            .Append("    address ").Append(request.Address).Append('\n')
            .Append("    mtu ").Append(mtu.ToString(CultureInfo.InvariantCulture)).Append('\n');
        if (request.Gateway is not null)
        {
            text.Append("    gateway ").Append(request.Gateway).Append('\n');
        }

        return text.ToString();
    }

    private static bool Sourced(NetworkState observed) =>
        observed.Files.TryGetValue(Main, out string? main) && main.Split('\n').Select(Words).Any(
            w => w.Length >= 2 && ((w[0] == "source" && w.Skip(1).Any(p => p is Main + ".d/*" or "interfaces.d/*"))
                || (w[0] == "source-directory"
                    && w.Skip(1).Any(p => p.TrimEnd('/') is Main + ".d" or "interfaces.d"))));

    private static bool Defines(string file, string nic) =>
        file.Split('\n').Select(Words).Any(w => w.Length >= 2 && w[0] == "iface" && w[1] == nic);

    private static string Words(HostNetworkRequest request, int mtu) =>
        request.Address + ", MTU " + mtu.ToString(CultureInfo.InvariantCulture)
            + (request.Gateway is null ? "" : ", gateway " + request.Gateway);

    private static string[] Words(string line) => line.Split([' ', '\t', '\\'], StringSplitOptions.RemoveEmptyEntries);

    private static string? After(string line, string word)
    {
        string[] words = Words(line.Trim());
        int at = Array.IndexOf(words, word);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }

    private static ZfsEsxException Invalid(string value, string wrong) =>
        new("InvalidAddress", FailureKind.InvalidArgument, value, Shell.ShellQuote.Readable(value) + " " + wrong + ".");
}
