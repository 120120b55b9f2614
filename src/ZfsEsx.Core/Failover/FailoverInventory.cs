using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>A VM as the inventory knows it.</summary>
/// <param name="Ref">The VM.</param>
/// <param name="Name">Its name.</param>
/// <param name="Host">Its host.</param>
/// <param name="Datastore">The datastore of its configuration.</param>
/// <param name="File">The configuration there: <c>app1/app1.vmx</c>.</param>
/// <param name="IsOn">It runs, or did when its host was heard of last.</param>
/// <param name="IsTemplate">It is a template.</param>
/// <param name="ToolsRunning">Its guest listens.</param>
/// <param name="Folder">Where it is in the tree of VMs.</param>
internal sealed record KnownVm(
    MoRef Ref, string Name, MoRef Host, string Datastore, string File, bool IsOn, bool IsTemplate, bool ToolsRunning,
    MoRef Folder);

/// <summary>A host as the inventory knows it.</summary>
/// <param name="Ref">The host.</param>
/// <param name="Name">Its name.</param>
/// <param name="Connected">vCenter talks to it.</param>
/// <param name="Pool">The root resource pool of its compute resource.</param>
/// <param name="VmFolder">The topmost folder for VMs of its datacenter.</param>
/// <param name="Ports">Its vmkernel ports.</param>
internal sealed record KnownHost(
    MoRef Ref, string Name, bool Connected, MoRef Pool, MoRef VmFolder, IReadOnlyList<VmkernelPort> Ports);

/// <summary>
/// What a failover needs of the inventory: hosts, datastores and VMs, in four calls whatever their number.
/// </summary>
internal sealed record FailoverInventory(
    IReadOnlyList<KnownHost> Hosts,
    IReadOnlyList<KnownVm> VMs,
    NfsFacts Nfs,
    IReadOnlyDictionary<MoRef, int> StartOrder)
{
    private static readonly string[] s_types =
        ["HostSystem", "VirtualMachine", "ComputeResource", "ClusterComputeResource", "Folder", "Datacenter"];

    /// <summary>The hosts that shall have the datastores, in the order given.</summary>
    public IReadOnlyList<KnownHost> Chosen { get; init; } = [];

    public static async Task<FailoverInventory> ReadAsync(
        VimClient client, IReadOnlyList<MoRef> chosen, CancellationToken ct)
    {
        PropertyQuery query = new PropertyQuery()
            .Read("HostSystem", "name", "runtime.connectionState", "parent", "configManager.autoStartManager",
                "config.network.vnic")
            .Read("VirtualMachine", "name", "runtime.host", "runtime.powerState", "config.files.vmPathName",
                "config.template", "guest.toolsRunningStatus", "parent")
            .Read("ComputeResource", "resourcePool", "parent").Read("ClusterComputeResource", "resourcePool", "parent")
            .Read("Folder", "parent").Read("Datacenter", "vmFolder");
        Task<NfsFacts> nfs = NfsFacts.ReadAsync(client, chosen, ct);
        IReadOnlyList<VimObject> read = await client.FindAsync(s_types, query, ct).ConfigureAwait(false);
        Dictionary<MoRef, VimObject> all = read.GroupBy(o => o.Ref).ToDictionary(g => g.Key, g => g.First());
        KnownHost[] hosts =
        [
            .. all.Values.Where(o => o.Ref.Type == "HostSystem").Select(o => new KnownHost(
                o.Ref, o.Name, o["runtime.connectionState"].Text == "connected",
                all.TryGetValue(o["parent"].Ref, out VimObject? compute) ? compute["resourcePool"].Ref : default,
                VmFolder(o, all), [.. VmkernelPort.Read(o["config.network.vnic"])])).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase),
        ];
        MoRef[] managers =
            [.. all.Values.Select(o => o["configManager.autoStartManager"].Ref).Where(r => r.Value.Length > 0)];
        return new FailoverInventory(
            hosts,
            [.. all.Values.Where(o => o.Ref.Type == "VirtualMachine").Select(Vm)],
            await nfs.ConfigureAwait(false),
            await OrderAsync(client, managers, ct).ConfigureAwait(false))
        {
            Chosen = [.. chosen.Distinct().Select(c => hosts.First(h => h.Ref == c))],
        };
    }

    public KnownHost? HostOf(KnownVm vm) => Hosts.FirstOrDefault(h => h.Ref == vm.Host);

    /// <summary>The VMs whose configuration is on a datastore of this name.</summary>
    public IEnumerable<KnownVm> On(string datastore) =>
        VMs.Where(v => string.Equals(v.Datastore, datastore, StringComparison.Ordinal));

    /// <summary>The datastore of an export.</summary>
    public DatastoreFact? Store(string server, string path) => Nfs.Datastores.FirstOrDefault(
        d => d.IsNfs && d.Servers.Contains(server) && d.RemotePath.TrimEnd('/') == path.TrimEnd('/'));

    /// <summary>
    /// Addresses of the chosen hosts' vmkernel ports that a server in their network sees as clients.
    /// </summary>
    public IReadOnlyList<string> ClientsOf(string server) =>
        [.. Chosen.Select(h => ClientOf(h, server)).OfType<string>().Distinct()];

    /// <summary>The same with those of the hosts that have a datastore mounted: they must not lose it.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>NoStorageAddress</c>: one has it mounted, and by which address is not known.
    /// </exception>
    public IReadOnlyList<string> ClientsOf(string server, DatastoreFact? mounted)
    {
        KnownHost[] others = [.. Hosts.Where(h => mounted?.Hosts.Contains(h.Ref) == true && !Chosen.Contains(h))];
        return others.FirstOrDefault(h => h.Connected && ClientOf(h, server) is null) is not KnownHost lost
            ? [.. ClientsOf(server).Concat(others.Select(h => ClientOf(h, server)).OfType<string>()).Distinct()]
            : throw new ZfsEsxException(
                "NoStorageAddress", FailureKind.InvalidState, lost.Name,
                lost.Name + " has " + mounted!.Name + " mounted, but no vmkernel port in the network of " + server
                    + ": it would lose the datastore when this is shared with others.",
                "Unmount it there (Dismount-ZfsNfsDatastore), or give it a port with New-EncapsulatedStorageNetwork.");
    }

    /// <exception cref="ZfsEsxException"><c>HostNotConnected</c>, <c>NoStorageAddress</c>.</exception>
    public void CheckChosen(string server, IReadOnlyList<string> clients)
    {
        if (Chosen.FirstOrDefault(h => !h.Connected) is KnownHost away)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, away.Name, "The host " + away.Name + " is not connected.",
                "Give the hosts that are there.");
        }

        if (Chosen.Count == 0 || clients.Count < Chosen.Count)
        {
            throw new ZfsEsxException(
                "NoStorageAddress", FailureKind.InvalidState, server,
                "Not every host has a vmkernel port in the network of " + server + ": "
                    + string.Join(", ", Chosen.Select(h => h.Name)) + ".",
                "New-EncapsulatedStorageNetwork makes one, or give the hosts that have one.");
        }
    }

    private static string? ClientOf(KnownHost host, string server) => host.Ports
        .FirstOrDefault(p => Subnet.Overlap(p.IPAddress, p.SubnetMask, server, p.SubnetMask))?.IPAddress;

    private static KnownVm Vm(VimObject vm)
    {
        string path = vm["config.files.vmPathName"].Text;
        int end = path.IndexOf(']');
        return new KnownVm(
            vm.Ref, vm.Name, vm["runtime.host"].Ref,
            end < 0 ? string.Empty : path.Substring(1, end - 1),
            end < 0 ? path : path.Substring(end + 1).Trim(' ', '/'),
            vm["runtime.powerState"].Text == "poweredOn", vm["config.template"].Bool,
            vm["guest.toolsRunningStatus"].Text == "guestToolsRunning", vm["parent"].Ref);
    }

    private static MoRef VmFolder(VimObject host, Dictionary<MoRef, VimObject> all)
    {
        MoRef at = host["parent"].Ref;
        while (all.TryGetValue(at, out VimObject? o))
        {
            if (o.Ref.Type == "Datacenter")
            {
                return o["vmFolder"].Ref;
            }

            at = o["parent"].Ref;
        }

        return default;
    }

    private static async Task<IReadOnlyDictionary<MoRef, int>> OrderAsync(
        VimClient client, MoRef[] managers, CancellationToken ct)
    {
        Dictionary<MoRef, int> order = [];
        IReadOnlyList<VimObject> read = managers.Length == 0 ? []
            : await client.RetrieveAsync(managers, "HostAutoStartManager", ["config"], ct).ConfigureAwait(false);
        foreach (VimValue info in read
            .SelectMany(m => m["config"].All("powerInfo"))
            .Where(i => i["startOrder"].Int > 0))
        {
            order[info["key"].Ref] = info["startOrder"].Int;
        }

        return order;
    }
}
