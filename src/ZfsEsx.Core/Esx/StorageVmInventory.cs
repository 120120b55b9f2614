using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A datastore that a VM could be put on.</summary>
internal sealed record VmDatastore(MoRef Ref, string Name, bool Accessible, bool IsNfs, ByteSize FreeSpace,
    IReadOnlyList<MoRef> Hosts);

/// <summary>A host that a VM could be put on.</summary>
internal sealed record VmHost(
    MoRef Ref, string Name, bool Connected, bool InMaintenanceMode, MoRef Pool, IReadOnlyList<string> PortGroups,
    IReadOnlyList<VmDatastore> Datastores);

/// <summary>
/// What the planner for storage VMs must know: hosts, templates, and the VMs that already have the names.
/// </summary>
internal sealed record StorageVmInventory(
    IReadOnlyList<VmHost> Hosts, IReadOnlyList<VmFacts> VMs, IReadOnlyList<(MoRef Ref, string Name)> Names)
{
    private static readonly string[] s_computePaths = ["host", "resourcePool"];

    public static async Task<StorageVmInventory> ReadAsync(VimClient client, IReadOnlyList<NewStorageVm> wanted,
        CancellationToken ct)
    {
        IReadOnlyList<VimObject> all = await client.FindAsync("VirtualMachine", ["name"], ct).ConfigureAwait(false);
        MoRef[] same = all.Where(v => wanted.Any(w => Inventory.Same(v["name"].Text, w.Name))).Select(v => v.Ref)
            .ToArray();
        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", VmFacts.Paths)
            .Read(
                "HostSystem", "name", "runtime.connectionState", "runtime.inMaintenanceMode",
                "config.network.portgroup", "config.network.vnic",
                "datastore")
            .Read("Datastore", "name", "summary.accessible", "summary.type", "summary.freeSpace", "host")
            .Read("ComputeResource", s_computePaths)
            .Read("ClusterComputeResource", s_computePaths)
            .From(same.Concat(wanted.Select(w => w.Template)))
            .From(wanted.Select(w => w.Host), PropertyQuery.Step("HostSystem", "parent"),
                PropertyQuery.Step("HostSystem", "datastore"));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        Dictionary<MoRef, VmDatastore> stores = read.Where(o => o.Ref.Type == "Datastore")
            .ToDictionary(o => o.Ref, ReadDatastore);
        ILookup<MoRef, MoRef> pools = read.Where(o => o["resourcePool"].Exists)
            .SelectMany(c => c["host"].Items, (c, h) => (Host: h.Ref, Pool: c["resourcePool"].Ref))
                .ToLookup(p => p.Host, p => p.Pool);
        return new StorageVmInventory(
            read.Where(o => o.Ref.Type == "HostSystem").Select(h => ReadHost(h, stores, pools[h.Ref].FirstOrDefault()))
                .ToArray(),
            read.Where(o => o.Ref.Type == "VirtualMachine").Select(VmFacts.Read).ToArray(),
            all.Select(v => (v.Ref, v["name"].Text)).ToArray());
    }

    private static VmDatastore ReadDatastore(VimObject store) => new(
        store.Ref, store.Name, store["summary.accessible"].Bool,
        store["summary.type"].Text.StartsWith("NFS", StringComparison.Ordinal), store["summary.freeSpace"].Long,
        store["host"].Items.Select(m => m["key"].Ref).ToArray());

    private static VmHost ReadHost(VimObject host, Dictionary<MoRef, VmDatastore> stores, MoRef pool)
    {
        HashSet<string> taken = [.. host["config.network.vnic"].Items.Select(v => v["portgroup"].Text)];
        return new VmHost(
            host.Ref, host.Name, host["runtime.connectionState"].Text == "connected",
            host["runtime.inMaintenanceMode"].Bool, pool,
            host["config.network.portgroup"].Items.Select(g => g["spec.name"].Text).Where(n => !taken.Contains(n))
                .ToArray(),
            host["datastore"].Items.Where(d => stores.ContainsKey(d.Ref)).Select(d => stores[d.Ref]).ToArray());
    }
}
