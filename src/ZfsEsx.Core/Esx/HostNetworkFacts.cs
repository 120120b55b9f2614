using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// A standard switch. <paramref name="Spec"/> is what the host was told: a change sends all of it back.
/// </summary>
internal sealed record HostSwitch(string Name, int Mtu, IReadOnlyList<string> Uplinks, VimValue Spec);

/// <summary>A port group of a standard switch.</summary>
internal sealed record HostPortGroup(string Name, string Switch, int VlanId, VimValue Spec);

/// <summary>Switches, port groups, vmkernel ports and physical adapters of a host.</summary>
internal sealed record HostNetworkFacts
{
    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public bool Connected { get; init; } = true;

    public MoRef NetworkSystem { get; init; }

    public IReadOnlyList<HostSwitch> Switches { get; init; } = [];

    public IReadOnlyList<HostPortGroup> PortGroups { get; init; } = [];

    public IReadOnlyList<VmkernelPort> Ports { get; init; } = [];

    /// <summary>Physical adapters: <c>vmnic0</c>.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>Physical adapters of distributed switches, and the switch.</summary>
    public IReadOnlyDictionary<string, string> DistributedUplinks { get; init; } = new Dictionary<string, string>();

    public static async Task<IReadOnlyList<HostNetworkFacts>> ReadAsync(VimClient client, IReadOnlyList<MoRef> hosts,
        CancellationToken ct)
    {
        MoRef[] order = hosts.Distinct().ToArray();
        if (order.Length == 0)
        {
            return [];
        }

        IReadOnlyList<VimObject> read = await client.RetrieveAsync(
            order, "HostSystem",
            [
                "name", "runtime.connectionState", "configManager.networkSystem", "config.network.vswitch",
                "config.network.portgroup",
                "config.network.vnic", "config.network.pnic", "config.network.proxySwitch",
            ],
            ct).ConfigureAwait(false);
        return read.OrderBy(o => Array.IndexOf(order, o.Ref)).Select(Read).ToArray();
    }

    private static HostNetworkFacts Read(VimObject host)
    {
        Dictionary<string, string> cards = host["config.network.pnic"].Items
            .GroupBy(p => p["key"].Text).ToDictionary(g => g.Key, g => g.First()["device"].Text);
        string Card(string key) =>
            cards.TryGetValue(key, out string? name) ? name : key.Substring(key.LastIndexOf('-') + 1);
        return new HostNetworkFacts
        {
            Ref = host.Ref,
            Name = host.Name,
            Connected = host["runtime.connectionState"].Text == "connected",
            NetworkSystem = host["configManager.networkSystem"].Ref,
            Adapters = [.. cards.Values],
            Ports = [.. VmkernelPort.Read(host["config.network.vnic"])],
            Switches = host["config.network.vswitch"].Items.Select(s => new HostSwitch(
                s["name"].Text, s["mtu"].Int, Uplinks(s, Card), s["spec"])).ToArray(),
            PortGroups = host["config.network.portgroup"].Items.Select(g => new HostPortGroup(
                g["spec.name"].Text, g["spec.vswitchName"].Text, g["spec.vlanId"].Int, g["spec"])).ToArray(),
            DistributedUplinks = host["config.network.proxySwitch"].Items
                .SelectMany(s => s.All("pnic").Select(p => (Card: Card(p.Text), Switch: s["dvsName"].Text)))
                .GroupBy(p => p.Card).ToDictionary(g => g.Key, g => g.First().Switch),
        };
    }

    // pnic is what is plugged in; spec.bridge.nicDevice what was asked for. Either makes the adapter a part of the
    // switch.
    private static string[] Uplinks(VimValue sw, Func<string, string> card) =>
        sw.All("pnic").Select(p => card(p.Text)).Concat(sw["spec.bridge"].All("nicDevice").Select(n => n.Text))
            .Distinct().ToArray();
}
