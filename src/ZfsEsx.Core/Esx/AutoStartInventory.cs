using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A VM of a host, as far as its start is concerned.</summary>
internal sealed record AutoStartVm(
    MoRef Ref, string Name, MoRef Host, string PowerState, bool IsTemplate, bool ToolsRunning,
    IReadOnlyList<string> Addresses)
{
    public bool IsOn => PowerState == "poweredOn";
}

/// <summary>A host and what it starts.</summary>
/// <param name="Ref">The host.</param>
/// <param name="Name">Its name.</param>
/// <param name="Start">Its start order.</param>
/// <param name="HaCluster">The name of its cluster, where vSphere HA is on; else null.</param>
internal sealed record AutoStartHost(MoRef Ref, string Name, HostAutoStart Start, string? HaCluster);

/// <summary>Hosts, their start order and the VMs on their shares: one read whatever the number of hosts.</summary>
internal sealed record AutoStartInventory(
    IReadOnlyDictionary<MoRef, AutoStartHost> Hosts, IReadOnlyDictionary<MoRef, AutoStartVm> VMs,
    IReadOnlyList<ShareDatastore> Shares)
{
    public static async Task<AutoStartInventory> ReadAsync(
        VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct)
    {
        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", "name", "runtime.host", "runtime.powerState", "summary.config.template",
                "guest.toolsRunningStatus", "guest.net")
            .Read("HostSystem", "name", "configManager.autoStartManager", "parent")
            .Read("HostAutoStartManager", "config")
            .Read("ClusterComputeResource", "name", "configuration.dasConfig.enabled")
            .Read("Datastore", "name", "summary.type", "info", "vm")
            .From(vms, PropertyQuery.Step(
                "VirtualMachine", "runtime.host",
                PropertyQuery.Step("HostSystem", "configManager.autoStartManager"),
                PropertyQuery.Step("HostSystem", "parent"),
                PropertyQuery.Step("HostSystem", "vm"),
                PropertyQuery.Step("HostSystem", "datastore")));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        IReadOnlyDictionary<MoRef, HostAutoStart> starts = HostAutoStart.Of(read);
        Dictionary<MoRef, string> ha = read
            .Where(o => o.Ref.Type == "ClusterComputeResource" && o["configuration.dasConfig.enabled"].Bool)
            .ToDictionary(o => o.Ref, o => o.Name);
        return new AutoStartInventory(
            read.Where(o => o.Ref.Type == "HostSystem").ToDictionary(o => o.Ref, o => new AutoStartHost(
                o.Ref, o.Name, starts[o.Ref], ha.TryGetValue(o["parent"].Ref, out string? cluster) ? cluster : null)),
            read.Where(o => o.Ref.Type == "VirtualMachine").ToDictionary(o => o.Ref, Vm),
            [
                .. read.Where(o => o.Ref.Type == "Datastore").Select(o => new ShareDatastore(
                    o.Ref, o.Name, o["summary.type"].Text.StartsWith("NFS", StringComparison.Ordinal),
                    o["info"]["nas"]["remoteHost"].Text, [], [.. o["vm"].Items.Select(v => v.Ref)])),
            ]);
    }

    private static AutoStartVm Vm(VimObject vm) => new(
        vm.Ref, vm.Name, vm["runtime.host"].Ref, vm["runtime.powerState"].Text, vm["summary.config.template"].Bool,
        vm["guest.toolsRunningStatus"].Text == "guestToolsRunning",
        [.. vm["guest.net"].Items.SelectMany(n => n.All("ipAddress")).Select(a => a.Text)]);
}
