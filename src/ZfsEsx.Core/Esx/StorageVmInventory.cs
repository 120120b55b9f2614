using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A datastore that a VM could be put on.</summary>
internal sealed record VmDatastore(MoRef Ref, string Name, bool Accessible, bool IsNfs, ByteSize FreeSpace,
    IReadOnlyList<MoRef> Hosts, MoRef Browser = default);

/// <summary>A host that a VM could be put on.</summary>
internal sealed record VmHost(
    MoRef Ref, string Name, bool Connected, bool InMaintenanceMode, MoRef Pool, IReadOnlyList<string> PortGroups,
    IReadOnlyList<VmDatastore> Datastores)
{
    /// <summary>Its release: hosts of one release in one cluster know the same systems.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>The EnvironmentBrowser of its cluster.</summary>
    public MoRef Browser { get; init; }

    /// <summary>The folder of its datacenter for VMs.</summary>
    public MoRef VmFolder { get; init; }

    /// <summary>Its distributed port groups, by name. A standard one of the same name comes first.</summary>
    public IReadOnlyDictionary<string, DistributedGroup> Distributed { get; init; } =
        new Dictionary<string, DistributedGroup>();

    public VmDatastore? DatastoreOf(MoRef reference) =>
        Datastores.FirstOrDefault(d => d.Ref == reference && d.Accessible);
}

/// <summary>
/// What the planner for storage VMs must know: hosts, templates, and the VMs that already have the names.
/// </summary>
internal sealed record StorageVmInventory(
    IReadOnlyList<VmHost> Hosts, IReadOnlyList<VmFacts> VMs, IReadOnlyList<(MoRef Ref, string Name)> Names)
{
    public static readonly string[] HostPaths =
    [
        "name", "runtime.connectionState", "runtime.inMaintenanceMode", "config.network.portgroup",
        "config.network.vnic", "config.product.version", "parent", "datastore", "network",
    ];

    public static readonly string[] DatastorePaths =
        ["name", "summary.accessible", "summary.type", "summary.freeSpace", "host", "browser"];

    private static readonly string[] s_computePaths = ["resourcePool", "environmentBrowser", "parent"];

    /// <summary>The folder for VMs in the datacenter of a template; the default where it is not known.</summary>
    public IReadOnlyDictionary<MoRef, MoRef> FolderOfTemplate { get; init; } = new Dictionary<MoRef, MoRef>();

    /// <summary>What hosts know about the systems asked for.</summary>
    public IReadOnlyDictionary<MoRef, IReadOnlyList<GuestFact>> Guests { get; init; } =
        new Dictionary<MoRef, IReadOnlyList<GuestFact>>();

    /// <summary>Installation images that were looked for and not found.</summary>
    public IReadOnlyCollection<string> MissingImages { get; init; } = [];

    public VmFacts? Template(NewStorageVm wanted) =>
        wanted.Template is MoRef template ? VMs.FirstOrDefault(v => v.Ref == template) : null;

    public static async Task<StorageVmInventory> ReadAsync(VimClient client, IReadOnlyList<NewStorageVm> wanted,
        CancellationToken ct)
    {
        IReadOnlyList<VimObject> all = await client.FindAsync("VirtualMachine", ["name"], ct).ConfigureAwait(false);
        MoRef[] same = all.Where(v => wanted.Any(w => Inventory.Same(v["name"].Text, w.Name))).Select(v => v.Ref)
            .ToArray();
        MoRef[] templates = [.. wanted.Select(w => w.Template).OfType<MoRef>().Distinct()];
        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", VmFacts.Paths)
            .Read("HostSystem", HostPaths)
            .Read("Datastore", DatastorePaths)
            .Read("ComputeResource", s_computePaths)
            .Read("ClusterComputeResource", s_computePaths)
            .Read("Folder", "parent")
            .Read("Datacenter", "vmFolder")
            .ReadDistributedGroups()
            .From(same.Except(templates))
            .From(templates, PropertyQuery.Step("VirtualMachine", "parent", Up()))
            .From(wanted.Select(w => w.Host),
                PropertyQuery.Step("HostSystem", "parent", PropertyQuery.Step("ComputeResource", "parent", Up())),
                PropertyQuery.Step("HostSystem", "datastore"), DistributedGroups.Step("HostSystem"));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        Dictionary<MoRef, VimObject> byRef = read.ToDictionary(o => o.Ref);
        StorageVmInventory inventory = new(
            HostsOf(read),
            read.Where(o => o.Ref.Type == "VirtualMachine").Select(VmFacts.Read).ToArray(),
            all.Select(v => (v.Ref, v["name"].Text)).ToArray())
        {
            FolderOfTemplate = templates.Where(byRef.ContainsKey).ToDictionary(t => t, t => VmFolder(t, byRef)),
        };
        return inventory with
        {
            Guests = await GuestFact.ReadAsync(client, inventory, wanted, ct).ConfigureAwait(false),
            MissingImages = await InstallationImage.MissingAsync(client, inventory, wanted, ct).ConfigureAwait(false),
        };
    }

    /// <summary>The hosts of an answer, with as much of their datastores and clusters as it has.</summary>
    public static IReadOnlyList<VmHost> HostsOf(IReadOnlyList<VimObject> read)
    {
        Dictionary<MoRef, VimObject> byRef = read.ToDictionary(o => o.Ref);
        Dictionary<MoRef, VmDatastore> stores = read.Where(o => o.Ref.Type == "Datastore")
            .ToDictionary(o => o.Ref, ReadDatastore);
        return [.. read.Where(o => o.Ref.Type == "HostSystem").Select(h => ReadHost(h, stores, byRef))];
    }

    // Folders lie in folders, in practice not deeper than this.
    private static Arg Up(int depth = 10) => depth == 0
        ? PropertyQuery.Step("Folder", "parent")
        : PropertyQuery.Step("Folder", "parent", Up(depth - 1));

    private static MoRef VmFolder(MoRef start, Dictionary<MoRef, VimObject> byRef)
    {
        MoRef at = start;
        while (byRef.TryGetValue(at, out VimObject? o))
        {
            if (at.Type == "Datacenter")
            {
                return o["vmFolder"].Ref;
            }

            at = o["parent"].Ref;
        }

        return default;
    }

    private static VmDatastore ReadDatastore(VimObject store) => new(
        store.Ref, store.Name, store["summary.accessible"].Bool,
        store["summary.type"].Text.StartsWith("NFS", StringComparison.Ordinal), store["summary.freeSpace"].Long,
        store["host"].Items.Select(m => m["key"].Ref).ToArray(), store["browser"].Ref);

    private static VmHost ReadHost(
        VimObject host, Dictionary<MoRef, VmDatastore> stores, Dictionary<MoRef, VimObject> byRef)
    {
        HashSet<string> taken = [.. host["config.network.vnic"].Items.Select(v => v["portgroup"].Text)];
        VimObject compute = byRef.TryGetValue(host["parent"].Ref, out VimObject? found) ? found : new(default);
        string[] groups = [.. host["config.network.portgroup"].Items.Select(g => g["spec.name"].Text)];
        return new VmHost(
            host.Ref, host.Name, host["runtime.connectionState"].Text == "connected",
            host["runtime.inMaintenanceMode"].Bool, compute["resourcePool"].Ref,
            [.. groups.Where(n => !taken.Contains(n))],
            host["datastore"].Items.Where(d => stores.ContainsKey(d.Ref)).Select(d => stores[d.Ref]).ToArray())
        {
            Version = host["config.product.version"].Text,
            Browser = compute["environmentBrowser"].Ref,
            VmFolder = VmFolder(host.Ref, byRef),
            Distributed = DistributedGroups.Of(host["network"], byRef, except: groups),
        };
    }
}
