using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Storage VMs: made, given devices, switched on and off.</summary>
public static partial class StorageVm
{
    /// <summary>The VMs in the order given, read in one call.</summary>
    public static async Task<IReadOnlyList<EncapsulatedStorageVm>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct)
    {
        (IReadOnlyList<VmFacts> facts, IReadOnlyDictionary<MoRef, VmHostFacts> hosts) =
            await ReadAsync(client, vms, ct).ConfigureAwait(false);
        return facts.Select(f => hosts.TryGetValue(f.Host, out VmHostFacts? host)
            ? f.ToResult(host.Name, host.AutoStart.OrderOf(f.Ref)) : f.ToResult(string.Empty, null)).ToArray();
    }

    /// <summary>Makes VMs, or brings existing ones of the same name to what is wanted.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidName</c>, <c>InvalidMemory</c>, <c>InvalidProcessors</c>, <c>InvalidDiskSize</c>, <c>InvalidImage</c>,
    /// <c>DuplicateName</c>, <c>NoSource</c>, <c>NoGuest</c>: nothing has been changed. Refusals of single VMs:
    /// <c>PortGroupNotFound</c>, <c>NoDatastore</c>, <c>DatastoreNotOnHost</c>, <c>DatastoreFull</c>,
    /// <c>ImageNotFound</c>, <c>GuestNotKnown</c>, <c>FirmwareDiffers</c>, <c>StorageVmElsewhere</c>,
    /// <c>VmPoweredOn</c>, <c>DiskTooLarge</c>, <c>TooManyDisks</c>. Applying: <c>VmNameTaken</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanNewAsync(
        VimClient client, IReadOnlyList<NewStorageVm> wanted, CancellationToken ct)
    {
        StorageVmRefusals.Check(wanted);
        StorageVmInventory inventory = await StorageVmInventory.ReadAsync(client, wanted, ct).ConfigureAwait(false);
        List<string> warnings = [];
        List<ZfsEsxException> refusals = [];
        SpaceClaims claims = new();
        StorageVmActions actions = new(client);
        IReadOnlyList<(NewStorageVm Vm, IReadOnlyList<Change> Changes)> compared = wanted.CompareEach(
            w => StorageVmPlanner.Compare(inventory, w, claims, actions, warnings), refusals);
        return new Plan<IReadOnlyList<EncapsulatedStorageVm>>(
            [.. compared.SelectMany(c => c.Changes)], ReadBackAsync, warnings, refusals);

        async Task<IReadOnlyList<EncapsulatedStorageVm>> ReadBackAsync(CancellationToken token)
        {
            string[] names = compared.Select(c => c.Vm.Name).ToArray();
            IReadOnlyList<MoRef> made = await Inventory.ResolveAsync(client, "VirtualMachine", names, token)
                .ConfigureAwait(false);
            return await GetAsync(client, made, token).ConfigureAwait(false);
        }
    }

    private static async Task<(IReadOnlyList<VmFacts> VMs, IReadOnlyDictionary<MoRef, VmHostFacts> Hosts)> ReadAsync(
        VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct)
    {
        MoRef[] order = vms.Distinct().ToArray();
        if (order.Length == 0)
        {
            return ([], new Dictionary<MoRef, VmHostFacts>());
        }

        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", VmFacts.Paths)
            .Read("HostSystem", "name", "configManager.autoStartManager")
            .Read("HostAutoStartManager", "config")
            .ReadDistributedGroups()
            .From(
                order,
                PropertyQuery.Step(
                    "VirtualMachine",
                    "runtime.host",
                    PropertyQuery.Step("HostSystem", "configManager.autoStartManager")),
                DistributedGroups.Step("VirtualMachine"));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        IReadOnlyDictionary<MoRef, HostAutoStart> starts = HostAutoStart.Of(read);
        IReadOnlyDictionary<string, string> groups = DistributedGroups.Names(read);
        return (
            read.Where(o => o.Ref.Type == "VirtualMachine").OrderBy(o => Array.IndexOf(order, o.Ref))
                .Select(o => VmFacts.Read(o) with { GroupNames = groups }).ToArray(),
            read.Where(o => o.Ref.Type == "HostSystem")
                .ToDictionary(o => o.Ref, o => new VmHostFacts(o.Name, starts[o.Ref])));
    }

    private sealed record VmHostFacts(string Name, HostAutoStart AutoStart);
}
