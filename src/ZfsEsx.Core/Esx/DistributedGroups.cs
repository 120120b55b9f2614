using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Where an adapter is plugged in on a distributed switch.</summary>
/// <param name="SwitchUuid">The switch.</param>
/// <param name="Key">Its port group; what adapters and hosts call it.</param>
internal sealed record DistributedGroup(string SwitchUuid, string Key);

/// <summary>Reads the distributed port groups that hosts or VMs have.</summary>
internal static class DistributedGroups
{
    public static PropertyQuery ReadDistributedGroups(this PropertyQuery query) => query
        .Read("DistributedVirtualPortgroup", "name", "key", "config.uplink", "config.distributedVirtualSwitch")
        .Read("DistributedVirtualSwitch", "uuid");

    /// <summary>The step from a host or a VM to its distributed port groups and their switches.</summary>
    public static Arg Step(string type) => PropertyQuery.Step(
        type, "network", PropertyQuery.Step("DistributedVirtualPortgroup", "config.distributedVirtualSwitch"));

    /// <summary>By name. The group of a switch's own uplinks is none for VMs.</summary>
    /// <param name="networks">The networks of one host, by reference.</param>
    /// <param name="read">What was read.</param>
    /// <param name="except">Names that the host's own port groups have.</param>
    public static IReadOnlyDictionary<string, DistributedGroup> Of(
        VimValue networks, IReadOnlyDictionary<MoRef, VimObject> read, string[] except) => networks.Items
        .Select(n => read.TryGetValue(n.Ref, out VimObject? group) ? group : null).OfType<VimObject>()
        .Where(g => g["key"].Exists && !g["config.uplink"].Bool && !except.Contains(g.Name))
        .Select(g => (g.Name, Key: g["key"].Text, Switch: g["config.distributedVirtualSwitch"].Ref))
        .Where(g => read.ContainsKey(g.Switch))
        .GroupBy(g => g.Name, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => new DistributedGroup(read[g.First().Switch]["uuid"].Text, g.First().Key));

    /// <summary>Names by key.</summary>
    public static IReadOnlyDictionary<string, string> Names(IEnumerable<VimObject> read) => read
        .Where(o => o.Ref.Type == "DistributedVirtualPortgroup").ToDictionary(o => o["key"].Text, o => o.Name);
}
