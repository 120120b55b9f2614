using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>PCI devices of hosts and their passthrough to VMs.</summary>
public static class DirectPath
{
    /// <summary>The devices of all hosts, read in one call. A host that is not connected has none.</summary>
    public static async Task<IReadOnlyList<VmDirectPathDevice>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct)
    {
        IReadOnlyList<HostPci> read = await HostPciReader.ReadAsync(client, hosts, false, ct).ConfigureAwait(false);
        return read.SelectMany(h => h.Devices).ToArray();
    }

    /// <summary>Marks devices for passthrough, and reboots hosts that need it where that is allowed.</summary>
    /// <returns>
    /// A plan whose refusals are of single hosts: <c>DeviceNotFound</c>, <c>DeviceNotCapable</c>, <c>BootDevice</c>,
    /// <c>DeviceInUse</c>, <c>HostNotConnected</c>, <c>HostNotEvacuated</c>, <c>SessionEndsWithReboot</c>.
    /// </returns>
    public static Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanEnableAsync(
        VimClient client, IReadOnlyList<DirectPathSelection> selection, DirectPathOptions options,
        CancellationToken ct) =>
        PlanAsync(client, selection, true, options, ct);

    /// <summary>Gives devices back to their hosts. Refused while a VM has one of them.</summary>
    public static Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanDisableAsync(
        VimClient client, IReadOnlyList<DirectPathSelection> selection, DirectPathOptions options,
        CancellationToken ct) =>
        PlanAsync(client, selection, false, options, ct);

    private static async Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanAsync(
        VimClient client, IReadOnlyList<DirectPathSelection> selection, bool enable, DirectPathOptions options,
        CancellationToken ct)
    {
        MoRef[] hosts = selection.Select(s => s.Host).Distinct().ToArray();
        IReadOnlyList<HostPci> observed =
            await HostPciReader.ReadAsync(client, hosts, options.AllowReboot, ct).ConfigureAwait(false);
        if (enable)
        {
            observed = await Task.WhenAll(observed.Select(h => DirectPathPlanner.TakesController(h, selection)
                ? HostPciReader.WithBootDeviceAsync(client, h, ct)
                : Task.FromResult(h))).ConfigureAwait(false);
        }

        DirectPathComparison compared =
            DirectPathPlanner.Compare(observed, selection, enable, options, new DirectPathActions(client));
        return new Plan<IReadOnlyList<VmDirectPathDevice>>(
            compared.Changes, ReadAsync, compared.Warnings, compared.Refusals);

        async Task<IReadOnlyList<VmDirectPathDevice>> ReadAsync(CancellationToken token)
        {
            IReadOnlyList<HostPci> now = compared.Changes.Count == 0
                ? compared.Hosts
                : await HostPciReader.ReadAsync(client, compared.Hosts.Select(h => h.Ref), false, token)
                    .ConfigureAwait(false);
            return now.CompareEach(h => DirectPathPlanner.Select(h, selection), []).SelectMany(c => c.Result).ToArray();
        }
    }
}
