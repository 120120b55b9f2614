using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>PCI devices of hosts and their passthrough to VMs.</summary>
public static class DirectPath
{
    /// <summary>The devices of all hosts, read in one call. A host that is not connected has none.</summary>
    public static async Task<IReadOnlyList<VmDirectPathDevice>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, CancellationToken ct)
    {
        IReadOnlyList<HostPci> read = await HostPciReader.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        return read.SelectMany(h => h.Devices).ToArray();
    }

    /// <summary>Marks devices for passthrough, and reboots hosts that need it where that is allowed.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>DeviceNotFound</c>, <c>DeviceNotCapable</c>, <c>BootDevice</c>, <c>DeviceInUse</c>, <c>HostNotConnected</c>,
    /// <c>HostNotEvacuated</c>: nothing has been changed.
    /// </exception>
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
        IReadOnlyList<HostPci> observed = await HostPciReader.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        if (enable)
        {
            observed = await Task.WhenAll(observed.Select(h => DirectPathPlanner.TakesController(h, selection)
                ? HostPciReader.WithBootDeviceAsync(client, h, ct)
                : Task.FromResult(h))).ConfigureAwait(false);
        }

        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            DirectPathPlanner.Compare(observed, selection, enable, options, new DirectPathActions(client));
        return new Plan<IReadOnlyList<VmDirectPathDevice>>(changes, ReadAsync, warnings);

        async Task<IReadOnlyList<VmDirectPathDevice>> ReadAsync(CancellationToken token)
        {
            IReadOnlyList<HostPci> now = changes.Count == 0
                ? observed
                : await HostPciReader.ReadAsync(client, hosts, token).ConfigureAwait(false);
            return now.SelectMany(h => DirectPathPlanner.Select(h, selection)).ToArray();
        }
    }
}
