using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

public static partial class StorageVm
{
    /// <summary>
    /// Makes hosts start their storage VM first and alone after a boot, and the VMs on its share after it.
    /// </summary>
    /// <exception cref="ZfsEsxException">Refusals of single VMs: <c>VmIsTemplate</c>, <c>TwoStorageVms</c>,
    /// <c>NoAutoStart</c>.</exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanStartFirstAsync(
        VimClient client, IReadOnlyList<MoRef> vms, AutoStartOptions options, CancellationToken ct)
    {
        AutoStartInventory inventory = await AutoStartInventory.ReadAsync(client, vms, ct).ConfigureAwait(false);
        List<string> warnings = [];
        List<ZfsEsxException> refusals = [];
        AutoStartActions actions = new(client);
        IReadOnlyList<(MoRef Vm, IReadOnlyList<Change> Changes)> compared = vms.Distinct().CompareEach(
            vm => AutoStartPlanner.Compare(inventory, vm, vms, options, actions, warnings), refusals);
        return new Plan<IReadOnlyList<EncapsulatedStorageVm>>(
            [.. compared.SelectMany(c => c.Changes)],
            token => GetAsync(client, [.. compared.Select(c => c.Vm)], token), warnings, refusals);
    }
}

/// <summary>How a storage VM is started by its host.</summary>
public sealed record AutoStartOptions
{
    /// <summary>
    /// How long the host waits at most before it starts the next VM; a heartbeat of VMware Tools ends the wait.
    /// </summary>
    public TimeSpan StartDelay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the storage VM may take to shut down when its host does.</summary>
    public TimeSpan StopDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Its shares, where VMware Tools do not tell its addresses. Otherwise the NFS datastores that come from one of its
    /// addresses.
    /// </summary>
    public IReadOnlyList<MoRef> Datastores { get; init; } = [];
}
