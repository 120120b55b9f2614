using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Reads the networks of hosts, in one call for all of them.</summary>
internal static class HostNetworkReader
{
    private static readonly string[] s_hostPaths =
    [
        "name", "runtime.connectionState", "configManager.networkSystem", "config.network.vswitch",
        "config.network.portgroup", "config.network.vnic", "config.network.pnic", "config.network.proxySwitch",
        "config.virtualNicManagerInfo.netConfig", "network", "datastore",
    ];

    /// <summary>The hosts in the order given.</summary>
    public static async Task<IReadOnlyList<HostNetworkFacts>> ReadAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct) => hosts.Count == 0
            ? []
            : Read(await client.RetrieveAsync(Query(hosts), ct).ConfigureAwait(false), hosts);

    /// <summary>The hosts in the order given, then all others of the inventory: they have addresses too.</summary>
    public static async Task<IReadOnlyList<HostNetworkFacts>> ReadAllAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct) =>
        Read(await client.FindAsync(["HostSystem"], Query(hosts, "guest.net"), ct).ConfigureAwait(false), hosts);

    private static PropertyQuery Query(IReadOnlyList<MoRef> hosts, params string[] ofGuests) => new PropertyQuery()
        .Read("HostSystem", s_hostPaths)
        .Read("Network", "name")
        .Read("DistributedVirtualPortgroup", "name", "key", "config")
        .Read("DistributedVirtualSwitch", "uuid")
        .Read("VirtualMachine", ["name", "runtime.host", "runtime.powerState", "network", .. ofGuests])
        .Read("Datastore", "name", "info")
        .From(
            hosts,
            PropertyQuery.Step("HostSystem", "network",
                PropertyQuery.Step("DistributedVirtualPortgroup", "config.distributedVirtualSwitch")),
            PropertyQuery.Step("HostSystem", "vm"),
            PropertyQuery.Step("HostSystem", "datastore"));

    private static HostNetworkFacts[] Read(IReadOnlyList<VimObject> read, IReadOnlyList<MoRef> hosts)
    {
        Dictionary<MoRef, VimObject> all = read.GroupBy(o => o.Ref).ToDictionary(g => g.Key, g => g.First());
        MoRef[] order = hosts.Distinct().ToArray();
        ILookup<MoRef, VimObject> vms = all.Values.Where(o => o.Ref.Type == "VirtualMachine")
            .ToLookup(v => v["runtime.host"].Ref);
        return all.Values.Where(o => o.Ref.Type == "HostSystem")
            .OrderBy(o => Array.IndexOf(order, o.Ref) is int at && at >= 0 ? at : int.MaxValue)
            .ThenBy(o => o.Name, StringComparer.Ordinal)
            .Select(h => Read(h, all, [.. vms[h.Ref]])).ToArray();
    }

    private static HostNetworkFacts Read(
        VimObject host, Dictionary<MoRef, VimObject> all, IReadOnlyList<VimObject> vms)
    {
        Dictionary<string, string> cards = host["config.network.pnic"].Items
            .GroupBy(p => p["key"].Text).ToDictionary(g => g.Key, g => g.First()["device"].Text);
        string Card(string key) =>
            cards.TryGetValue(key, out string? name) ? name : key.Substring(key.LastIndexOf('-') + 1);
        HostSwitch[] switches =
        [
            .. host["config.network.vswitch"].Items.Select(s => new HostSwitch(
                s["name"].Text, s["mtu"].Int, Uplinks(s, Card), s["spec"])),
            .. host["config.network.proxySwitch"].Items.Select(s => new HostSwitch(
                s["dvsName"].Text, s["mtu"].Int, Uplinks(s, Card), VimValue.None, s["dvsUuid"].Text)),
        ];
        HostPortGroup[] groups =
        [
            .. host["config.network.portgroup"].Items.Select(g => new HostPortGroup(
                g["spec.name"].Text, g["spec.vswitchName"].Text, g["spec.vlanId"].Int, g["spec"])),
            .. Known(host["network"], all).SelectMany(n => Distributed(n, all, switches)),
        ];
        ILookup<string, string> services = host["config.virtualNicManagerInfo.netConfig"].Items
            .SelectMany(c => c.All("selectedVnic").Select(v => (Nic: v.Text, Service: c["nicType"].Text)))
            .ToLookup(p => p.Nic.Substring(p.Nic.LastIndexOf('-') + 1), p => p.Service);
        return new HostNetworkFacts
        {
            Ref = host.Ref,
            Name = host.Name,
            Connected = host["runtime.connectionState"].Text == "connected",
            NetworkSystem = host["configManager.networkSystem"].Ref,
            Adapters = [.. cards.Values],
            Switches = switches,
            PortGroups = groups,
            Ports = VmkernelPort.Read(host["config.network.vnic"]).Select(p => p with
            {
                PortGroup = groups.FirstOrDefault(g => g.Key is not null && g.Has(p))?.Name ?? p.PortGroup,
                Services = [.. services[p.Device]],
            }).ToArray(),
            Connections = vms.SelectMany(v => Known(v["network"], all).Select(n => new HostConnection(
                v.Name, v["runtime.powerState"].Text != "poweredOff", n.Name,
                n["key"].Exists ? n["key"].Text : null))).ToArray(),
            Mounts = Known(host["datastore"], all).Where(d => d["info"]["nas"].Exists)
                .Select(d => new HostNfsMount(d.Name, NfsFacts.Servers(d["info"]["nas"]))).ToArray(),
            GuestAddresses = vms.SelectMany(v => v["guest.net"].Items
                .SelectMany(n => n.All("ipAddress").Select(a => (a.Text, v.Name)))).ToArray(),
        };
    }

    private static IEnumerable<VimObject> Known(VimValue references, Dictionary<MoRef, VimObject> all) =>
        references.Items.Select(r => all.TryGetValue(r.Ref, out VimObject? found) ? found : null).OfType<VimObject>();

    // The port group of the switch's own uplinks is none that ports could be put on.
    private static IEnumerable<HostPortGroup> Distributed(
        VimObject network, Dictionary<MoRef, VimObject> all, HostSwitch[] switches)
    {
        VimValue config = network["config"];
        return network["key"].Exists && !config["uplink"].Bool
            && all.TryGetValue(config["distributedVirtualSwitch"].Ref, out VimObject? found)
            && switches.FirstOrDefault(s => s.Uuid == found["uuid"].Text) is HostSwitch on
                ? [new HostPortGroup(network.Name, on.Name, Vlan(config), VimValue.None, network["key"].Text)]
                : [];
    }

    private static int Vlan(VimValue config)
    {
        VimValue vlan = config["defaultPortConfig.vlan"];
        return !vlan.Exists ? 0 : vlan.Is("VmwareDistributedVirtualSwitchVlanIdSpec") ? vlan["vlanId"].Int
            : HostPortGroup.Trunk;
    }

    // pnic is what is plugged in; spec.bridge.nicDevice what was asked for. Either makes the adapter a part of the
    // switch.
    private static string[] Uplinks(VimValue sw, Func<string, string> card) =>
        sw.All("pnic").Select(p => card(p.Text)).Concat(sw["spec.bridge"].All("nicDevice").Select(n => n.Text))
            .Distinct().ToArray();
}
