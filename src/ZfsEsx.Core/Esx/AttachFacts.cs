using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What the planner must know to give a VM devices.</summary>
/// <param name="VM">The VM.</param>
/// <param name="HostName">Its host.</param>
/// <param name="Marks">The host's passthrough marks (HostPciPassthruInfo).</param>
/// <param name="Targets">The devices that a VM can have (VirtualMachinePciPassthroughInfo); only active ones.</param>
/// <param name="Owners">Which other VM of the host has which device.</param>
internal sealed record AttachFacts(
    VmFacts VM, string HostName, IReadOnlyList<VimValue> Marks, IReadOnlyList<VimValue> Targets,
    IReadOnlyDictionary<string, string> Owners)
{
    private static readonly string[] s_computePaths = ["environmentBrowser"];

    public static async Task<AttachFacts> ReadAsync(VimClient client, MoRef vm, CancellationToken ct)
    {
        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", VmFacts.Paths)
            .Read("HostSystem", "name", "config.pciPassthruInfo")
            .Read("ComputeResource", s_computePaths)
            .Read("ClusterComputeResource", s_computePaths)
            .From([vm], PropertyQuery.Step(
                "VirtualMachine", "runtime.host", PropertyQuery.Step("HostSystem", "vm"),
                PropertyQuery.Step("HostSystem", "parent")));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        VmFacts[] vms = read.Where(o => o.Ref.Type == "VirtualMachine").Select(VmFacts.Read).ToArray();
        VmFacts own = vms.First(v => v.Ref == vm);
        VimObject host = read.First(o => o.Ref.Type == "HostSystem");
        MoRef browser = read.First(o => o["environmentBrowser"].Exists)["environmentBrowser"].Ref;

        // systemId is known to this call only; it is not the host's hardware uuid.
        VimValue target = await client.CallAsync(
            browser, "QueryConfigTarget", host.Name, "List devices for VMs", ct, Arg.E("host", host.Ref))
                .ConfigureAwait(false);
        Dictionary<string, string> owners = vms.Where(v => v.Ref != vm)
            .SelectMany(v => v.Passthrough.Select(p => (Id: VmFacts.PassthroughId(p), v.Name)))
            .GroupBy(p => p.Id).ToDictionary(g => g.Key, g => g.First().Name);
        return new AttachFacts(own, host.Name, host["config.pciPassthruInfo"].Items, [.. target.All("pciPassthrough")],
            owners);
    }
}
