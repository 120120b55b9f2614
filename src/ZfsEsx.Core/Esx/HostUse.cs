using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Which PCI devices the host itself needs: disk to controller through scsiTopology, VMFS extents to disks, uplinks to
/// switches and vmkernel ports.
/// </summary>
internal static class HostUse
{
    public const string BootDevice = "boot device";

    /// <summary>Before the name of a VM that has the device.</summary>
    public const string VM = "VM ";

    /// <summary>Before the name of a network card that a switch uses.</summary>
    public const string Uplink = "uplink ";

    public static readonly string[] Paths =
    [
        "config.storageDevice.hostBusAdapter", "config.storageDevice.scsiLun", "config.storageDevice.scsiTopology",
        "config.fileSystemVolume.mountInfo", "config.activeDiagnosticPartition",
        "config.network.pnic", "config.network.vswitch", "config.network.proxySwitch", "config.network.portgroup",
        "config.network.vnic",
    ];

    /// <summary>PCI address and use in words.</summary>
    public static IEnumerable<(string Id, string Use)> Find(VimObject host) => Disks(host).Concat(Uplinks(host));

    /// <summary>The PCI addresses of the controllers that a disk is behind.</summary>
    public static IEnumerable<string> ControllersOf(VimObject host, string disk) => AdaptersOfDisks(host)[disk];

    /// <summary>The servers of its NFS datastores.</summary>
    public static IEnumerable<string> NfsServers(VimObject host) =>
        host["config.fileSystemVolume.mountInfo"].Items.Select(m => m["volume"])
            .SelectMany(v => v.All("remoteHostNames").Prepend(v["remoteHost"])).Select(s => s.Text)
            .Where(s => s.Length > 0);

    private static IEnumerable<(string Id, string Use)> Disks(VimObject host)
    {
        ILookup<string, string> adapters = AdaptersOfDisks(host);
        foreach (VimValue volume in host["config.fileSystemVolume.mountInfo"].Items.Select(m => m["volume"]))
        {
            string use = IsSystem(volume) ? BootDevice : volume["type"].Text + " datastore " + volume["name"].Text;
            foreach (string id in volume.All("extent").SelectMany(e => adapters[e["diskName"].Text]))
            {
                yield return (id, use);
            }
        }

        // The dump partition lies on the boot disk unless somebody has moved it; losing it is no better.
        string dump = host["config.activeDiagnosticPartition"]["id"]["diskName"].Text;
        foreach (string id in adapters[dump])
        {
            yield return (id, BootDevice);
        }
    }

    // ESXi 7 and later keep their system on a volume of these types on the boot disk.
    private static bool IsSystem(VimValue volume) =>
        volume["type"].Text is "VMFSOS" or "VMFS-L" or "VFFS" or "VFAT" or "vfat"
            || volume["name"].Text.StartsWith("OSDATA-", System.StringComparison.Ordinal);

    private static ILookup<string, string> AdaptersOfDisks(VimObject host)
    {
        Dictionary<string, string> pci = host["config.storageDevice.hostBusAdapter"].Items
            .Where(a => a["pci"].Text.Length > 0)
            .GroupBy(a => a["key"].Text).ToDictionary(g => g.Key, g => g.First()["pci"].Text);
        Dictionary<string, string> names = host["config.storageDevice.scsiLun"].Items
            .GroupBy(l => l["key"].Text).ToDictionary(g => g.Key, g => g.First()["canonicalName"].Text);
        return host["config.storageDevice.scsiTopology"].All("adapter")
            .SelectMany(
                a => a.All("target").SelectMany(t => t.All("lun")),
                (a, lun) => (Adapter: a["adapter"].Text, Lun: lun["scsiLun"].Text))
            .Where(p => pci.ContainsKey(p.Adapter) && names.ContainsKey(p.Lun))
            .ToLookup(p => names[p.Lun], p => pci[p.Adapter]);
    }

    private static IEnumerable<(string Id, string Use)> Uplinks(VimObject host)
    {
        Dictionary<string, VimValue> cards = host["config.network.pnic"].Items
            .GroupBy(p => p["key"].Text).ToDictionary(g => g.Key, g => g.First());
        VimValue[] ports = [.. host["config.network.vnic"].Items];
        foreach (VimValue sw in host["config.network.vswitch"].Items)
        {
            HashSet<string> groups =
            [
                .. host["config.network.portgroup"].Items
                    .Where(g => g["vswitch"].Text == sw["key"].Text || g["spec.vswitchName"].Text == sw["name"].Text)
                    .Select(g => g["spec.name"].Text),
            ];
            string[] served = ports.Where(v => groups.Contains(v["portgroup"].Text)).Select(v => v["device"].Text)
                .ToArray();
            foreach ((string, string) use in Uses(sw, sw["name"].Text, served, cards))
            {
                yield return use;
            }
        }

        foreach (VimValue sw in host["config.network.proxySwitch"].Items)
        {
            string[] served = ports.Where(v => v["spec.distributedVirtualPort.switchUuid"].Text == sw["dvsUuid"].Text)
                .Select(v => v["device"].Text).ToArray();
            foreach ((string, string) use in Uses(sw, sw["dvsName"].Text, served, cards))
            {
                yield return use;
            }
        }
    }

    private static IEnumerable<(string Id, string Use)> Uses(
        VimValue sw, string name, string[] served, Dictionary<string, VimValue> cards) => sw.All("pnic")
        .Where(p => cards.ContainsKey(p.Text) && cards[p.Text]["pci"].Text.Length > 0)
        .Select(p => (cards[p.Text]["pci"].Text,
            Uplink + cards[p.Text]["device"].Text + " of "
                + (served.Length > 0 ? string.Join(", ", served) : name)));
}
