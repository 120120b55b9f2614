using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A host and its way to NFS servers.</summary>
internal sealed record NfsHost(MoRef Ref, string Name, bool Connected, MoRef DatastoreSystem,
    IReadOnlyList<VmkernelPort> Ports)
{
    public MoRef OptionManager { get; init; }

    /// <summary>The cluster, or a compute resource of the host's own.</summary>
    public MoRef Parent { get; init; }
}

/// <summary>A vmkernel port.</summary>
internal sealed record VmkernelPort(string Device, string PortGroup, string IPAddress, string SubnetMask, int Mtu)
{
    /// <summary>Key of its distributed port group; null on a standard switch.</summary>
    public string? DistributedKey { get; init; }

    /// <summary>What it was chosen for: <c>management</c>, <c>vmotion</c>… NFS needs no choice.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    public static IEnumerable<VmkernelPort> Read(VimValue vnics) => vnics.Items.Select(v => new VmkernelPort(
        v["device"].Text, v["portgroup"].Text, v["spec.ip.ipAddress"].Text, v["spec.ip.subnetMask"].Text,
        v["spec.mtu"].Int)
    {
        DistributedKey = v["spec.distributedVirtualPort.portgroupKey"] is { Exists: true } key ? key.Text : null,
    });
}

/// <summary>A datastore of the inventory, of whatever kind, with the hosts that have it.</summary>
/// <param name="Ref">The datastore.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>NFS</c>, <c>NFS41</c>, <c>VMFS</c>…</param>
/// <param name="RemoteHost">The NFS server; empty for others.</param>
/// <param name="RemotePath">The export; empty for others.</param>
/// <param name="Hosts">Who has it mounted.</param>
/// <param name="VMs">The VMs with files on it.</param>
internal sealed record DatastoreFact(
    MoRef Ref, string Name, string Type, string RemoteHost, string RemotePath, IReadOnlyList<MoRef> Hosts,
    IReadOnlyList<MoRef> VMs)
{
    public bool IsNfs => Type is "NFS" or "NFS41";

    /// <summary>All addresses of the server; only NFS 4.1 has more than one.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [RemoteHost];
}

/// <summary>All datastores, and the hosts in question, from one look at the inventory.</summary>
internal sealed record NfsFacts(
    IReadOnlyList<NfsHost> Hosts, IReadOnlyList<DatastoreFact> Datastores, IReadOnlyList<ZfsNfsDatastore> Mounts)
{
    private static readonly string[] s_hostPaths =
    [
        "name", "runtime.connectionState", "configManager.datastoreSystem", "configManager.advancedOption",
        "config.network.vnic", "parent",
    ];

    private static readonly string[] s_datastorePaths = ["name", "info", "host", "summary", "vm"];

    // All datastores in one call, where a view would take three.
    private static readonly Arg s_everywhere = Arg.T(
        "selectSet", "TraversalSpec",
        Arg.E("name", "folders"), Arg.E("type", "Folder"), Arg.E("path", "childEntity"), Arg.E("skip", false),
        Arg.T("selectSet", "SelectionSpec", Arg.E("name", "folders")),
        PropertyQuery.Step("Datacenter", "datastore"));

    public static async Task<NfsFacts> ReadAsync(VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct)
    {
        MoRef[] order = hosts.Distinct().ToArray();
        PropertyQuery query = new PropertyQuery()
            .Read("HostSystem", s_hostPaths)
            .Read("Datastore", s_datastorePaths)
            .From(order)
            .From([client.Content["rootFolder"].Ref], s_everywhere);
        return Read(await client.RetrieveAsync(query, ct).ConfigureAwait(false), order);
    }

    /// <summary>The same of the hosts' own datastores alone: one call.</summary>
    public static async Task<NfsFacts> ReadOwnAsync(VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct)
    {
        MoRef[] order = hosts.Distinct().ToArray();
        PropertyQuery query = new PropertyQuery()
            .Read("HostSystem", s_hostPaths)
            .Read("Datastore", s_datastorePaths)
            .From(order, PropertyQuery.Step("HostSystem", "datastore"));
        return order.Length == 0 ? new NfsFacts([], [], [])
            : Read(await client.RetrieveAsync(query, ct).ConfigureAwait(false), order);
    }

    /// <summary>The addresses of a server. Some versions write those of NFS 4.1 into one text.</summary>
    public static IReadOnlyList<string> Servers(VimValue nas)
    {
        string[] names = [.. nas.All("remoteHostNames").Select(n => n.Text).Where(n => n.Length > 0)];
        return nas["type"].Text == "NFS41" && names.Length > 0 ? names : nas["remoteHost"].Text.Split(',');
    }

    private static NfsFacts Read(IReadOnlyList<VimObject> read, MoRef[] order)
    {
        NfsHost[] found = read.Where(o => o.Ref.Type == "HostSystem")
            .OrderBy(o => Array.IndexOf(order, o.Ref))
            .Select(o => new NfsHost(
                o.Ref, o.Name, o["runtime.connectionState"].Text == "connected", o["configManager.datastoreSystem"].Ref,
                [.. VmkernelPort.Read(o["config.network.vnic"])])
            {
                OptionManager = o["configManager.advancedOption"].Ref,
                Parent = o["parent"].Ref,
            }).ToArray();
        VimObject[] stores = read.Where(o => o.Ref.Type == "Datastore").GroupBy(o => o.Ref).Select(g => g.First())
            .ToArray();
        return new NfsFacts(found, stores.Select(Read).ToArray(), found.SelectMany(h => Mounted(h, stores)).ToArray());
    }

    private static DatastoreFact Read(VimObject store)
    {
        VimValue nas = store["info"]["nas"];
        return new DatastoreFact(
            store.Ref,
            store.Name,
            nas["type"].Exists ? nas["type"].Text : store["summary"]["type"].Text,
            nas["remoteHost"].Text,
            nas["remotePath"].Text,
            store["host"].Items.Where(IsMounted).Select(m => m["key"].Ref).ToArray(),
            store["vm"].Items.Select(v => v.Ref).ToArray())
        {
            Servers = Servers(nas),
        };
    }

    // "mounted" is optional; a host that is listed without it has the datastore.
    private static bool IsMounted(VimValue mount) =>
        !mount["mountInfo"]["mounted"].Exists || mount["mountInfo"]["mounted"].Bool;

    private static IEnumerable<ZfsNfsDatastore> Mounted(NfsHost host, VimObject[] stores) =>
        from store in stores
        let nas = store["info"]["nas"]
        where nas.Exists
        let mount = store["host"].Items.FirstOrDefault(m => m["key"].Ref == host.Ref)
        where mount is not null
        select new ZfsNfsDatastore
        {
            Name = store.Name,
            DatastoreId = store.Ref.Id,
            VMHost = host.Name,
            VMHostId = host.Ref.Id,
            RemoteHost = string.Join(",", Servers(nas)),
            RemotePath = nas["remotePath"].Text,
            NfsVersion = nas["type"].Text == "NFS41" ? "4.1" : "3",
            Mounted = IsMounted(mount),
            Accessible = mount["mountInfo"]["accessible"].Bool,
            InaccessibleReason = mount["mountInfo"]["inaccessibleReason"].Text,
            AccessMode = mount["mountInfo"]["accessMode"].Text,
            Capacity = store["summary"]["capacity"].Long,
            FreeSpace = store["summary"]["freeSpace"].Long,
        };
}
