using ZfsEsx.Os;
using ZfsEsx.Replication;

namespace ZfsEsx;

/// <summary>What was read of a storage VM to complete what the user said.</summary>
internal sealed record RingMemberInput(string Name, IReadOnlyList<string> Pools, IReadOnlyList<ZfsHostNetwork> Networks)
{
    /// <summary>To whom it sends already, and what.</summary>
    public IReadOnlyList<(string Neighbour, string Dataset)> Edges { get; init; } = [];
}

internal static class RingMembers
{
    /// <summary>The nodes of a ring from what a user says: one value for all storage VMs, or one for each.</summary>
    internal static IReadOnlyList<RingNode> Nodes(
        IReadOnlyList<RingMemberInput> members,
        IReadOnlyList<string> fileSystems,
        IReadOnlyList<string> addresses,
        string? replicaParent)
    {
        CheckCount("FileSystem", fileSystems.Count, members.Count, oneForAll: true);
        CheckCount("Address", addresses.Count, members.Count, oneForAll: false);
        return
        [
            .. members.Select((member, i) => new RingNode(
                member.Name,
                Dataset(member, fileSystems[fileSystems.Count == 1 ? 0 : i]),
                addresses.Count > 0 ? addresses[i] : StorageAddress(member),
                replicaParent is null ? null : Dataset(member, replicaParent))),
        ];
    }

    /// <summary>The address on the one interface that has one and does not carry the management connection.</summary>
    internal static string StorageAddress(RingMemberInput member)
    {
        string[] found = [.. member.Networks.Where(n => !n.Management && n.Interface != "lo" && n.Interface != "lo0")
            .Select(n => n.Address).OfType<string>().Where(a => !a.StartsWith("127.", StringComparison.Ordinal))];
        return found.Length == 1
            ? found[0]
            : throw new ZfsEsxException(
                "StorageAddressUnknown", FailureKind.InvalidArgument, member.Name,
                found.Length == 0
                    ? member.Name + " has no address besides that of its management interface."
                    : member.Name + " has several addresses: " + string.Join(", ", found) + ".",
                "Say with -Address under which the other storage VMs reach each one, in their order.");
    }

    private static string Dataset(RingMemberInput member, string name) =>
        name.IndexOf('/') >= 0 ? name
        : member.Pools.Count == 1 ? member.Pools[0] + "/" + name
        : throw new ZfsEsxException(
            "PoolUnknown", FailureKind.InvalidArgument, member.Name,
            member.Pools.Count == 0
                ? member.Name + " has no pool."
                : member.Name + " has several pools: " + string.Join(", ", member.Pools) + ".",
            "Say the whole name with -FileSystem, one for each storage VM: sp1/" + name + ",sp2/" + name + ".");

    private static void CheckCount(string parameter, int given, int members, bool oneForAll)
    {
        if (given != members && !(oneForAll && given == 1) && !(!oneForAll && given == 0))
        {
            throw new ZfsEsxException(
                "RingCount", FailureKind.InvalidArgument, parameter,
                "-" + parameter + " has " + given + " values for " + members + " storage VMs.",
                oneForAll
                    ? "Give one for all, or one for each in their order."
                    : "Give one for each in their order, or none.");
        }
    }
}
