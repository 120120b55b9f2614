using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

public static partial class StorageVm
{
    /// <summary>Changes existing VMs: one reconfiguration each. Disks are added and grown, never shrunk.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidMemory</c>, <c>InvalidProcessors</c>, <c>InvalidDiskSize</c>, <c>InvalidName</c>: nothing has been
    /// changed. Refusals of single VMs: <c>VmIsTemplate</c>, <c>VmPoweredOn</c>, <c>DiskTooLarge</c>,
    /// <c>PortGroupNotFound</c>, <c>DatastoreNotOnHost</c>, <c>DatastoreFull</c>, <c>TooManyDisks</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanSetAsync(
        VimClient client, IReadOnlyList<MoRef> vms, StorageVmSettings wanted, CancellationToken ct)
    {
        StorageVmRefusals.Check("a storage VM", wanted);
        MoRef[] order = [.. vms.Distinct()];
        IReadOnlyList<VimObject> read = order.Length == 0 ? [] : await client.RetrieveAsync(
            new PropertyQuery()
                .Read("VirtualMachine", VmFacts.Paths)
                .Read("HostSystem", StorageVmInventory.HostPaths)
                .Read("Datastore", StorageVmInventory.DatastorePaths)
                .ReadDistributedGroups()
                .From(order, PropertyQuery.Step(
                    "VirtualMachine", "runtime.host",
                    PropertyQuery.Step("HostSystem", "datastore"), DistributedGroups.Step("HostSystem"))),
            ct).ConfigureAwait(false);
        IReadOnlyList<VmHost> hosts = StorageVmInventory.HostsOf(read);
        List<string> warnings = [];
        List<ZfsEsxException> refusals = [];
        SpaceClaims claims = new();
        StorageVmActions actions = new(client);
        IReadOnlyList<(VmFacts Vm, IReadOnlyList<Change> Changes)> compared = read
            .Where(o => o.Ref.Type == "VirtualMachine")
            .OrderBy(o => Array.IndexOf(order, o.Ref))
            .Select(VmFacts.Read)
            .CompareEach(
                vm => StorageVmPlanner.Set(vm, hosts.First(h => h.Ref == vm.Host), wanted, claims, actions, warnings),
                refusals);
        return new Plan<IReadOnlyList<EncapsulatedStorageVm>>(
            [.. compared.SelectMany(c => c.Changes)],
            token => GetAsync(client, [.. compared.Select(c => c.Vm.Ref)], token), warnings, refusals);
    }
}
