using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A datastore as one host sees it.</summary>
internal sealed record ShareMount(MoRef Host, string HostName, bool Connected, bool Accessible);

/// <summary>An NFS datastore and the hosts that have it.</summary>
internal sealed record ShareDatastore(
    MoRef Ref, string Name, bool IsNfs, string RemoteHost, IReadOnlyList<ShareMount> Mounts, IReadOnlyList<MoRef> VMs);

/// <summary>A VM with files on a share.</summary>
/// <param name="Ref">The VM.</param>
/// <param name="Name">Its name; the path of its configuration while that cannot be read.</param>
/// <param name="Host">The host it is on.</param>
/// <param name="ConnectionState"><c>connected</c>, <c>inaccessible</c>, <c>orphaned</c>…</param>
/// <param name="PowerState">Whether it runs.</param>
/// <param name="Path">Where its configuration is: <c>[share] vm/vm.vmx</c>.</param>
/// <param name="IsTemplate">Templates are never switched on.</param>
internal sealed record ShareVm(
    MoRef Ref, string Name, MoRef Host, string ConnectionState, string PowerState, string Path, bool IsTemplate)
{
    public bool Inaccessible => ConnectionState is "inaccessible" or "invalid";
}

/// <summary>Shares, their hosts and their VMs, from two reads whatever their number.</summary>
internal sealed record ShareFacts(
    IReadOnlyList<ShareDatastore> Shares, IReadOnlyList<ShareVm> VMs,
    IReadOnlyDictionary<MoRef, HostAutoStart> AutoStart)
{
    public static async Task<ShareFacts> ReadAsync(
        VimClient client, IReadOnlyList<MoRef> datastores, CancellationToken ct)
    {
        MoRef[] order = [.. datastores.Distinct()];
        if (order.Length == 0)
        {
            return new ShareFacts([], [], new Dictionary<MoRef, HostAutoStart>());
        }

        IReadOnlyList<VimObject> read = await client.RetrieveAsync(
            new PropertyQuery()
                .Read("Datastore", "name", "info", "summary.type", "host", "vm")
                .Read("VirtualMachine", "name", "runtime.host", "runtime.connectionState", "runtime.powerState",
                    "summary.config.vmPathName", "summary.config.template")
                .From(order, PropertyQuery.Step("Datastore", "vm")),
            ct).ConfigureAwait(false);
        VimObject[] stores = [.. read.Where(o => o.Ref.Type == "Datastore")];
        MoRef[] hosts = [.. stores.SelectMany(s => s["host"].Items).Select(m => m["key"].Ref).Distinct()];
        IReadOnlyList<VimObject> about = hosts.Length == 0 ? [] : await client.RetrieveAsync(
            new PropertyQuery()
                .Read("HostSystem", "name", "runtime.connectionState", "configManager.autoStartManager")
                .Read("HostAutoStartManager", "config")
                .From(hosts, PropertyQuery.Step("HostSystem", "configManager.autoStartManager")),
            ct).ConfigureAwait(false);
        Dictionary<MoRef, VimObject> byRef = about.Where(o => o.Ref.Type == "HostSystem").ToDictionary(o => o.Ref);
        return new ShareFacts(
            [.. stores.OrderBy(s => Array.IndexOf(order, s.Ref)).Select(s => Share(s, byRef))],
            [.. read.Where(o => o.Ref.Type == "VirtualMachine").Select(Vm)],
            HostAutoStart.Of(about));
    }

    private static ShareDatastore Share(VimObject store, Dictionary<MoRef, VimObject> hosts) => new(
        store.Ref,
        store.Name,
        store["summary.type"].Text.StartsWith("NFS", StringComparison.Ordinal),
        store["info"]["nas"]["remoteHost"].Text,
        [
            .. from mount in store["host"].Items
               where hosts.ContainsKey(mount["key"].Ref)
               let host = hosts[mount["key"].Ref]
               orderby host.Name
               select new ShareMount(
                   host.Ref, host.Name, host["runtime.connectionState"].Text == "connected",
                   !mount["mountInfo"]["accessible"].Exists || mount["mountInfo"]["accessible"].Bool),
        ],
        [.. store["vm"].Items.Select(v => v.Ref)]);

    private static ShareVm Vm(VimObject vm) => new(
        vm.Ref, vm.Name, vm["runtime.host"].Ref, vm["runtime.connectionState"].Text, vm["runtime.powerState"].Text,
        vm["summary.config.vmPathName"].Text, vm["summary.config.template"].Bool);
}
