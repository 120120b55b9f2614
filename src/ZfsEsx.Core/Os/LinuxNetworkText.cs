using System.Text;

namespace ZfsEsx.Os;

/// <summary>What is wanted, as the files of ifupdown, systemd-networkd and netplan say it. Pure.</summary>
internal static class LinuxNetworkText
{
    /// <summary>The first line of all that ZfsEsx writes.</summary>
    public const string Marker = "# Written by ZfsEsx (Set-ZfsHostNetwork). Changes by hand are overwritten.\n";

    /// <summary>A file of its own below /etc/network/interfaces.d.</summary>
    public static string Ifupdown(WantedNetwork wanted)
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

    /// <summary>A .network file of systemd-networkd.</summary>
    public static string Networkd(WantedNetwork wanted)
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

    /// <summary>A file of netplan, for its definition <paramref name="id"/>.</summary>
    public static string Netplan(WantedNetwork wanted, string id)
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
}
