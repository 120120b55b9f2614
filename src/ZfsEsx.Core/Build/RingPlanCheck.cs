using System.Net;
using System.Net.Sockets;

namespace ZfsEsx.Build;

/// <summary>What can be wrong with a plan by itself, before any system is asked.</summary>
internal static class RingPlanCheck
{
    /// <summary>Throws what <see cref="Find"/> finds, all of it in one error.</summary>
    public static void ThrowIfWrong(RingPlan plan)
    {
        string[] wrong = [.. Find(plan)];
        if (wrong.Length > 0)
        {
            throw new ZfsEsxException(
                "InvalidPlan", FailureKind.InvalidArgument, "plan", string.Join(" ", wrong),
                "Correct the plan; nothing was changed.");
        }
    }

    /// <summary>A sentence for each mistake.</summary>
    internal static IEnumerable<string> Find(RingPlan plan)
    {
        if (plan.Nodes.Count < 2)
        {
            yield return $"A ring needs at least two storage VMs, and the plan has {plan.Nodes.Count}.";
        }

        if (plan.IntervalMinutes is < 1 or > 60 || 60 % plan.IntervalMinutes != 0)
        {
            yield return $"The interval of {plan.IntervalMinutes} minutes does not divide an hour.";
        }

        if (plan.Network.PrefixLength is < 8 or > 30)
        {
            yield return $"A storage network with {plan.Network.PrefixLength} network bits is none.";
        }

        foreach ((string what, Func<NodePlan, string> get) in Unique)
        {
            foreach (IGrouping<string, NodePlan> twice in plan.Nodes
                .GroupBy(get, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            {
                yield return $"{what} '{twice.Key}' stands in the plan {twice.Count()} times.";
            }
        }

        string[] addresses = [.. plan.Nodes.SelectMany(n => new[] { n.Address, n.HostAddress })];
        foreach (string address in addresses.Where(a => !IsIPv4(a)))
        {
            yield return $"'{address}' is not an IPv4 address.";
        }

        foreach (IGrouping<string, string> twice in addresses.GroupBy(a => a).Where(g => g.Count() > 1))
        {
            yield return $"Address {twice.Key} stands in the plan {twice.Count()} times.";
        }

        if (addresses.All(IsIPv4) && plan.Network.PrefixLength is >= 8 and <= 30
            && addresses.Select(a => Network(a, plan.Network.PrefixLength)).Distinct().Count() > 1)
        {
            yield return $"The addresses are not all in one network of {plan.Network.PrefixLength} bits.";
        }

        foreach (NodePlan node in plan.Nodes.Where(n => !n.Volume.Contains('/')))
        {
            yield return $"The volume '{node.Volume}' of {node.StorageVm} needs a parent below the pool, "
                + $"as in nas/{node.Volume}: "
                + "a pool holds replicas of others as well, and those must not be sent on.";
        }
    }

    private static readonly (string What, Func<NodePlan, string> Get)[] Unique =
    [
        ("Host", n => n.VMHost),
        ("Storage VM", n => n.StorageVm),
        ("Datastore", n => n.Datastore),
        ("Host name", n => n.HostName),
        ("Address name", n => n.AddressName),
    ];

    private static bool IsIPv4(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork
        && text.Split('.').Length == 4;

    private static uint Network(string address, int prefixLength)
    {
        byte[] bytes = IPAddress.Parse(address).GetAddressBytes();
        uint value = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
        return value & (uint.MaxValue << (32 - prefixLength));
    }
}
