namespace ZfsEsx.Os;

/// <summary>
/// What has to be done on OpenSolaris (nwam off, <c>physical:default</c>, hostname files, <c>route -p</c>) and illumos
/// (dladm, ipadm) so that an interface has its addresses now and after a restart. Pure.
/// </summary>
internal static class SolarisNetworkPlanner
{
    /// <summary>The steps; none when all is so now and after a restart.</summary>
    public static IReadOnlyList<NetworkStep> Compare(string host, NetworkState observed, HostNetworkRequest request)
    {
        WantedNetwork wanted = NetworkRules.Wanted(host, observed, request);
        ZfsHostNetwork nic = wanted.Nic;
        bool ipadm = nic.KeptBy == "ipadm";
        if (nic.KeptBy.Length == 0 || (nic.KeptBy == "nwam" && observed.Persistent.Any(l => l.Contains(":static:"))))
        {
            throw new ZfsEsxException(
                "NetworkManagerNotSupported", FailureKind.NotSupported, nic.Interface,
                nic.Interface + " of " + host + " is kept by "
                    + (nic.KeptBy.Length == 0 ? "no service that is known here" : nic.KeptBy) + ".",
                "svcadm disable network/physical:nwam; svcadm enable network/physical:default, on the console.");
        }

        string path = "/etc/hostname." + nic.Interface;
        string dhcp = "/etc/dhcp." + nic.Interface;
        string text = Text(wanted.Address);
        bool filed = ipadm
            ? observed.Persistent.Any(l => l.StartsWith(nic.Interface + "/", StringComparison.Ordinal)
                && l.EndsWith(wanted.Address, StringComparison.Ordinal) && !Temporary(l))
            : observed.Files.TryGetValue(path, out string? there) && there == text
                && !observed.Files.ContainsKey(dhcp);
        bool kept = filed && nic.KeptBy != "nwam" && RoutesKept(observed, wanted);
        if (wanted.Live && kept)
        {
            return [];
        }

        NetworkRules.Refuse(host, observed, wanted);
        if (nic.Gateway is not null && wanted.Gateway is null)
        {
            throw new ZfsEsxException(
                "GatewayNotRemoved", FailureKind.NotSupported, nic.Interface,
                "The default gateway " + nic.Gateway + " of " + host + " would be out of reach from " + wanted.Address
                    + ".",
                "Give a gateway of the new network, or remove it by hand: route -p delete default " + nic.Gateway
                    + ".");
        }

        // With nwam gone an interface without its file is not brought up: not even the one we came by.
        bool nwam = nic.KeptBy == "nwam";
        NetworkFile[] others = !nwam ? [] :
        [
            .. observed.Interfaces
                .Where(i => i.Interface != nic.Interface && i.Addresses.Count > 0
                    && !observed.Files.ContainsKey("/etc/hostname." + i.Interface))
                .Select(i => new NetworkFile("/etc/hostname." + i.Interface, Text(i.Addresses[0]))),
        ];
        NetworkStep change = LinuxNetworkPlanner.Try(
            wanted, new NetworkTrial(ipadm ? "ipadm" : "ifconfig", wanted, text, KeepFile: ipadm ? null : path));
        // One step: nwam that has gone for good without the files would leave no address after a restart.
        return
        [
            change with
            {
                Action = change.Action + (ipadm ? "" : ", then kept after a restart in " + path)
                    + (!ipadm && observed.Files.ContainsKey(dhcp) ? " instead of " + dhcp : "")
                    + (nwam ? ", with network/physical:default instead of nwam" : "")
                    + (others.Length == 0 ? "" : ", which needs " + string.Join(", ", others.Select(f => f.Path))),
                Risk = nwam ? ChangeRisk.Disruptive : change.Risk,
                Files = others,
            },
        ];
    }

    private static string Text(string address) =>
        address.Split('/')[0] + " netmask " + Mask(address) + " broadcast + up\n";

    private static string Mask(string address)
    {
        HostRules.TryPrefixed(address, out _, out int prefix);
        return NetworkRules.Mask(prefix);
    }

    // addrobj:type:state:persistent:addr; "persistent" has U (up), E… and is "---" for temporary ones
    private static bool Temporary(string line) => line.Split(':') is { Length: > 3 } w && w[3] is "---" or "";

    private static bool RoutesKept(NetworkState observed, WantedNetwork wanted) =>
        (wanted.Gateway is null
            || observed.Persistent.Any(l => l.EndsWith("add default " + wanted.Gateway, StringComparison.Ordinal))
            || (observed.Files.TryGetValue("/etc/defaultrouter", out string? router)
                && router.Trim() == wanted.Gateway))
        && wanted.Routes.All(r =>
            observed.Persistent.Any(l => l.EndsWith(r.Destination + " " + r.Gateway, StringComparison.Ordinal)));
}
