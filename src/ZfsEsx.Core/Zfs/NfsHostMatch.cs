using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>Whether the clients of a share are the hosts that shall mount it. Pure.</summary>
internal static class NfsHostMatch
{
    /// <summary>
    /// The addresses that a host can come from: those of its vmkernel ports in a network that the storage VM has a foot
    /// in,
    /// because ESXi takes the port that is next to the server; all where it has none there.
    /// </summary>
    /// <param name="storageVm">The storage VM, for messages.</param>
    /// <param name="host">The host.</param>
    /// <param name="own">The storage VM's addresses with prefix.</param>
    public static IReadOnlyList<string> Of(string storageVm, MountingHost host, IReadOnlyList<string> own)
    {
        string[] all = [.. host.Addresses.Select(a => a.Split('/')[0]).Where(HostRules.IsAddress).Distinct()];
        string[] near =
        [
            .. all.Where(a => own.Any(o => HostRules.TryPrefixed(o, out string address, out int prefix)
                && HostRules.SameNetwork(a, address, prefix))),
        ];
        return near.Length > 0 ? near : all.Length > 0 ? all : throw new ZfsEsxException(
            "HostWithoutAddress", FailureKind.InvalidState, host.Name,
            "The host " + host.Name + " has no vmkernel port with an IPv4 address, so it cannot mount shares of "
                + storageVm + ".",
            "Give it one with New-EncapsulatedStorageNetwork.");
    }

    /// <summary>
    /// Every client must be the address of a host, and every host a client. Networks cover the hosts in them.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>ClientIsNoHost</c>, <c>HostIsNoClient</c>, <c>HostWithoutAddress</c>.
    /// </exception>
    public static void Check(string storageVm, NfsShareState observed, NfsShareRequest request)
    {
        if (request.Hosts.Count == 0)
        {
            return;
        }

        (MountingHost Host, IReadOnlyList<string> Addresses)[] hosts =
            [.. request.Hosts.Select(h => (h, Of(storageVm, h, observed.Addresses)))];
        (NfsClient Client, IReadOnlyList<string> Addresses)[] clients =
            [.. request.Clients.Select(c => (c, Meaning(c, observed)))];
        string used = string.Join("; ", hosts.Select(h => h.Host.Name + " uses " + string.Join(", ", h.Addresses)));
        foreach ((NfsClient client, IReadOnlyList<string> meaning) in clients)
        {
            if (!hosts.Any(h => h.Addresses.Any(a => Covers(client, meaning, a))))
            {
                string? by = hosts.Length == clients.Length
                    ? hosts[Array.FindIndex(clients, c => c.Client == client)].Addresses[0] : null;
                throw new ZfsEsxException(
                    "ClientIsNoHost", FailureKind.InvalidState, client.Name,
                    "The client " + client.Name
                        + (meaning.Count == 1 && meaning[0] == client.Name
                            ? ""
                            : " is " + string.Join(", ", meaning) + " on " + storageVm + ", which")
                        + " is none of the hosts' addresses: " + used + ".",
                    HostRules.IsAddressOrNetwork(client.Name) ? "Give the address that the host uses, or its name."
                        : "Correct it with Set-ZfsHostName -ZfsHost " + storageVm
                            + " -Entry @{ '" + client.Name + "' = '" + (by ?? "<address>")
                            + "' }, or in the DNS that the storage VM asks.");
            }
        }

        foreach ((MountingHost host, IReadOnlyList<string> addresses) in hosts)
        {
            if (!addresses.Any(a => clients.Any(c => Covers(c.Client, c.Addresses, a))))
            {
                throw new ZfsEsxException(
                    "HostIsNoClient", FailureKind.InvalidState, host.Name,
                    "The host " + host.Name + " uses " + string.Join(", ", addresses)
                        + ", which none of the clients is: "
                        + string.Join(", ", clients.Select(c => c.Client.Name == string.Join(", ", c.Addresses)
                            ? c.Client.Name : c.Client.Name + " = " + string.Join(", ", c.Addresses))) + ".",
                    "Name it with -Client, or leave -Client out: then the hosts' addresses are taken.");
            }
        }
    }

    private static IReadOnlyList<string> Meaning(NfsClient client, NfsShareState observed) =>
        HostRules.IsAddressOrNetwork(client.Name) ? [client.Name]
            : observed.Names.TryGetValue(client.Name, out IReadOnlyList<string>? found) ? found : [];

    private static bool Covers(NfsClient client, IReadOnlyList<string> meaning, string address) =>
        HostRules.TryPrefixed(client.Name, out string network, out int prefix)
            ? HostRules.SameNetwork(network, address, prefix) : meaning.Contains(address);
}
