using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Storage VMs: made from a template, given devices, switched on and off.</summary>
public static partial class StorageVm
{
    /// <summary>The VMs in the order given, read in one call.</summary>
    public static async Task<IReadOnlyList<EncapsulatedStorageVm>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct)
    {
        (IReadOnlyList<VmFacts> facts, IReadOnlyDictionary<MoRef, string> hosts) = await ReadAsync(client, vms, ct)
            .ConfigureAwait(false);
        return facts.Select(f => f.ToResult(hosts.TryGetValue(f.Host, out string? name) ? name : string.Empty))
            .ToArray();
    }

    /// <summary>Makes VMs, or brings existing ones of the same name to what is wanted.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidName</c>, <c>InvalidMemory</c>, <c>InvalidDiskSize</c>, <c>PortGroupNotFound</c>, <c>NoDatastore</c>,
    /// <c>StorageVmElsewhere</c>, <c>VmPoweredOn</c>, <c>DiskTooLarge</c>: nothing has been changed.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanNewAsync(
        VimClient client, IReadOnlyList<NewStorageVm> wanted, CancellationToken ct)
    {
        StorageVmPlanner.Check(wanted);
        StorageVmInventory inventory = await StorageVmInventory.ReadAsync(client, wanted, ct).ConfigureAwait(false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            StorageVmPlanner.Compare(inventory, wanted, new StorageVmActions(client));
        return new Plan<IReadOnlyList<EncapsulatedStorageVm>>(changes, ReadBackAsync, warnings);

        async Task<IReadOnlyList<EncapsulatedStorageVm>> ReadBackAsync(CancellationToken token)
        {
            string[] names = wanted.Select(w => w.Name).ToArray();
            IReadOnlyList<MoRef> made = await Inventory.ResolveAsync(client, "VirtualMachine", names, token)
                .ConfigureAwait(false);
            return await GetAsync(client, made, token).ConfigureAwait(false);
        }
    }

    private static async Task<(IReadOnlyList<VmFacts> VMs, IReadOnlyDictionary<MoRef, string> Hosts)> ReadAsync(
        VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct)
    {
        MoRef[] order = vms.Distinct().ToArray();
        if (order.Length == 0)
        {
            return ([], new Dictionary<MoRef, string>());
        }

        PropertyQuery query = new PropertyQuery()
            .Read("VirtualMachine", VmFacts.Paths)
            .Read("HostSystem", "name")
            .From(order, PropertyQuery.Step("VirtualMachine", "runtime.host"));
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(query, ct).ConfigureAwait(false);
        return (
            read.Where(o => o.Ref.Type == "VirtualMachine").OrderBy(o => Array.IndexOf(order, o.Ref))
                .Select(VmFacts.Read).ToArray(),
            read.Where(o => o.Ref.Type == "HostSystem").ToDictionary(o => o.Ref, o => o.Name));
    }
}
