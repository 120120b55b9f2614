using System.Globalization;

namespace ZfsEsx.Os;

/// <summary>What holds for addresses on every system. Pure.</summary>
internal static class NetworkRules
{
    /// <summary>What is wrong with the request by itself.</summary>
    public static void Check(HostNetworkRequest request)
    {
        if (!HostRules.TryPrefixed(request.Address, out string address, out int prefix))
        {
            throw Invalid(request.Address, "is not an IPv4 address with prefix length",
                "Give one as in 10.99.0.11/24, or the address and -SubnetMask.");
        }

        if ((request.Interface is null) == (request.Mac is null))
        {
            throw Invalid(request.Address, "needs either the interface's name or its MAC address",
                "Give -Interface or -MacAddress: Get-ZfsHostNetwork shows both.");
        }

        if (request.Interface is not null && !HostRules.IsInterface(request.Interface))
        {
            throw Invalid(request.Interface, "is not the name of an interface",
                "Get-ZfsHostNetwork shows the names.");
        }

        if (request.Mac is not null && HostRules.Mac(request.Mac) is null)
        {
            throw Invalid(request.Mac, "is not a MAC address",
                "Give one as in 00:50:56:00:00:01; Get-EncapsulatedStorageVm shows those of its adapters.");
        }

        if (request.Mtu is < 576 or > 9216)
        {
            throw Invalid(WantedNetwork.Invariant(request.Mtu.Value), "is not an MTU",
                "Give 576 to 9216; 9000 where all switches on the way can, else 1500.");
        }

        if (request.Gateway is not null and not HostNetworkRequest.None && !Reaches(address, prefix, request.Gateway))
        {
            throw Invalid(
                request.Gateway, "is not an address in the network of " + request.Address,
                "Give a gateway that this interface reaches by itself.");
        }

        foreach (NetworkRoute route in request.Routes ?? [])
        {
            if (!HostRules.TryPrefixed(route.Destination, out string network, out int bits)
                || (bits < 32 && HostRules.Number(network) << bits != 0))
            {
                throw Invalid(route.Destination, "is not a network with prefix length",
                    "Give one as in 10.98.0.0/16.");
            }

            if (!Reaches(address, prefix, route.Gateway))
            {
                throw Invalid(
                    route.Gateway, "is not an address in the network of " + request.Address,
                    "Give a gateway that this interface reaches by itself.");
            }
        }

        if (request.RollBackAfter < TimeSpan.FromSeconds(10) || request.RollBackAfter > TimeSpan.FromMinutes(30))
        {
            throw Invalid(request.RollBackAfter.ToString("c", CultureInfo.InvariantCulture),
                "is too short or too long to wait for a connection",
                "Give -RollBackAfter from 00:00:10 to 00:30.");
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

    /// <summary>The request, filled up with what the interface has now.</summary>
    public static WantedNetwork Wanted(string host, NetworkState observed, HostNetworkRequest request)
    {
        ZfsHostNetwork nic = Find(host, observed, request);
        HostRules.TryPrefixed(request.Address, out string address, out int prefix);
        string? gateway = request.Gateway == HostNetworkRequest.None ? null
            : request.Gateway ?? (nic.Gateway is string now && Reaches(address, prefix, now) ? now : null);
        return new WantedNetwork(
            nic, request.Address, request.Mtu ?? nic.Mtu, gateway,
            request.Routes ?? [.. nic.Routes.Where(r => Reaches(address, prefix, r.Gateway))]);
    }

    /// <summary>Refuses what no system should be given.</summary>
    public static void Refuse(string host, NetworkState observed, WantedNetwork wanted)
    {
        ZfsHostNetwork nic = wanted.Nic;
        string address = wanted.Address.Split('/')[0];
        if (observed.Interfaces.FirstOrDefault(i => i.Interface != nic.Interface
            && i.Addresses.Any(a => a.Split('/')[0] == address)) is ZfsHostNetwork other)
        {
            throw new ZfsEsxException(
                "AddressInUse", FailureKind.InUse, address,
                "The address " + address + " is on " + other.Interface + " of " + host + " already.",
                "Choose another address, or take it from that interface first.");
        }

        if (wanted.Gateway is not null && observed.DefaultRoute is string route && route != nic.Interface)
        {
            throw new ZfsEsxException(
                "DefaultRouteExists", FailureKind.InvalidState, wanted.Gateway,
                "The default route of " + host + " leads over " + route + "; a second one over " + nic.Interface
                    + " would make answers go the wrong way.",
                "Leave the gateway out: hosts and storage VMs are in the same network. "
                    + "For another network use -Route.");
        }

        if (wanted.Mtu > nic.MaxMtu)
        {
            throw new ZfsEsxException(
                "MtuTooLarge", FailureKind.InvalidArgument, nic.Interface,
                $"{nic.Interface} of {host} takes packets of {nic.MaxMtu} bytes at most, not {wanted.Mtu}.",
                "Choose an MTU that all have: adapter, vSwitch, vmkernel ports, "
                    + "and the physical switch between hosts.");
        }
    }

    /// <summary>The mask of a prefix length: 255.255.255.0 for 24.</summary>
    public static string Mask(int prefix)
    {
        uint bits = prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
        return $"{bits >> 24}.{(bits >> 16) & 255}.{(bits >> 8) & 255}.{bits & 255}";
    }

    private static bool Reaches(string address, int prefix, string gateway) =>
        HostRules.IsAddress(gateway) && gateway != address && HostRules.SameNetwork(gateway, address, prefix);

    private static ZfsEsxException Invalid(string value, string wrong, string advice) => new(
        "InvalidAddress", FailureKind.InvalidArgument, value, Shell.ShellQuote.Readable(value) + " " + wrong + ".",
        advice);
}
