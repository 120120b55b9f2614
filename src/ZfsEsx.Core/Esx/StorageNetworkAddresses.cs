using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Which host gets which address. Pure.</summary>
internal static class StorageNetworkAddresses
{
    /// <summary>Refuses a list in which an address cannot be, or is given twice.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidAddress</c>, <c>AddressTaken</c>.</exception>
    public static void Check(IReadOnlyList<StorageNetworkAddress> hosts, string mask)
    {
        foreach (StorageNetworkAddress host in hosts)
        {
            CheckOne(host.IPAddress, mask);
        }

        if (hosts.GroupBy(h => h.IPAddress).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ZfsEsxException(
                "AddressTaken", FailureKind.InvalidArgument, twice.Key,
                "The address " + twice.Key + " is given to " + twice.Count() + " hosts.",
                "Give each host an address of its own.");
        }

        if (hosts.GroupBy(h => h.Host).FirstOrDefault(g => g.Count() > 1) is { } same)
        {
            throw new ZfsEsxException(
                "AddressCount", FailureKind.InvalidArgument, same.Key.Id,
                "One host is given twice, with the addresses " + string.Join(", ", same.Select(h => h.IPAddress)) + ".",
                "Give each host once.");
        }
    }

    /// <summary>The first and the last address of <c>10.99.0.101-10.99.0.120</c> or <c>10.99.0.101-120</c>.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidAddress</c>.</exception>
    public static (uint First, uint Last) ParseRange(string range, string mask)
    {
        string[] ends = range.Split('-');
        if (ends.Length != 2)
        {
            throw Invalid(range, "'" + range + "' is no range of addresses.");
        }

        string left = ends[0].Trim(), right = ends[1].Trim();
        if (right.IndexOf('.') < 0)
        {
            right = left.Substring(0, left.LastIndexOf('.') + 1) + right;
        }

        uint first = CheckOne(left, mask), last = CheckOne(right, mask);
        return first > last
            ? throw Invalid(range, "The range " + range + " ends before it begins.")
            : !Subnet.Overlap(left, mask, right, mask)
                ? throw Invalid(range, "The range " + range + " leaves the subnet (" + mask + ").")
                : (first, last);
    }

    /// <summary>
    /// An address of the range for each host: a port that has one of them keeps it, the others get what follows, in the
    /// order of the hosts.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>AddressTaken</c>, <c>AddressCount</c>.</exception>
    public static IReadOnlyList<StorageNetworkAddress> FromRange(
        IReadOnlyList<HostNetworkFacts> hosts, IReadOnlyList<HostNetworkFacts> others, (uint First, uint Last) range,
        NewStorageNetwork wanted)
    {
        bool Within(string address) =>
            Subnet.TryParse(address, out uint a) && a >= range.First && a <= range.Last;

        VmkernelPort? Own(HostNetworkFacts host) =>
            host.PortOn(host.Group(wanted.VmkernelPortGroup, wanted.Switch));

        string text = Subnet.Text(range.First) + " to " + Subnet.Text(range.Last);
        string[] taken =
        [
            .. hosts.Concat(others).SelectMany(h => h.Ports
                .Where(p => Within(p.IPAddress) && (others.Contains(h) || p != Own(h)))
                .Select(p => p.IPAddress + " (" + p.Device + " of " + h.Name + ")")),
            .. hosts.Concat(others).SelectMany(h => h.GuestAddresses
                .Where(g => Within(g.Address)).Select(g => g.Address + " (" + g.VM + ")")),
        ];
        if (taken.Length > 0)
        {
            throw new ZfsEsxException(
                "AddressTaken", FailureKind.AlreadyExists, text,
                "Addresses of the range " + text + " are taken: " + string.Join(", ", taken) + ".",
                "Give a range without them, or an address for each host.");
        }

        Dictionary<MoRef, string> kept = hosts.Where(h => Own(h) is VmkernelPort port && Within(port.IPAddress))
            .ToDictionary(h => h.Ref, h => Own(h)!.IPAddress);
        Queue<string> free = new(Enumerable.Range(0, (int)Math.Min(range.Last - range.First + 1, 65536))
            .Select(i => Subnet.Text(range.First + (uint)i)).Except(kept.Values));
        return free.Count + kept.Count < hosts.Count
            ? throw new ZfsEsxException(
                "AddressCount", FailureKind.InvalidArgument, text,
                "The range " + text + " has " + (free.Count + kept.Count) + " addresses for " + hosts.Count + " hosts.",
                "Give a longer range.")
            : hosts.Select(h => new StorageNetworkAddress(
                h.Ref, kept.TryGetValue(h.Ref, out string? own) ? own : free.Dequeue())).ToArray();
    }

    private static uint CheckOne(string text, string mask)
    {
        if (!Subnet.TryParse(text, out uint address))
        {
            throw Invalid(text, "'" + text + "' is not an IPv4 address.");
        }

        return Subnet.IsHost(address, mask)
            ? address
            : throw Invalid(text, "The address " + text + " is the first or the last of its subnet (" + mask
                + "); no host can have it.");
    }

    private static ZfsEsxException Invalid(string target, string message) => new(
        "InvalidAddress", FailureKind.InvalidArgument, target, message,
        "Give one address for each host, or a range as in 10.99.0.101-10.99.0.120.");
}
