using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

public static partial class StorageVm
{
    /// <summary>Gives a powered-off VM devices of its host, with all of its memory reserved.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="deviceIds">PCI addresses: <c>0000:04:00.0</c>.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>DeviceNotFound</c>, <c>DeviceNotEnabled</c>, <c>DeviceRebootPending</c>, <c>DeviceInUse</c>,
    /// <c>DeviceRenumbered</c>, <c>TooManyDevices</c>, <c>MmioNeedsEfi</c>, <c>DynamicNotSupported</c>,
    /// <c>VmPoweredOn</c>, <c>InvalidMmioSize</c>: nothing has been changed.
    /// </exception>
    public static async Task<Plan<EncapsulatedStorageVm>> PlanAttachAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> deviceIds, AttachOptions options, CancellationToken ct)
    {
        AttachRefusals.Check(options);
        AttachFacts facts = await AttachFacts.ReadAsync(client, vm, ct).ConfigureAwait(false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            AttachPlanner.Attach(facts, deviceIds, options, new AttachActions(client));
        return new Plan<EncapsulatedStorageVm>(
            changes, async token => (await GetAsync(client, [vm], token).ConfigureAwait(false))[0], warnings);
    }

    /// <summary>
    /// Takes devices from a powered-off VM, with the settings that attaching made for them. Its memory stays reserved.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>VmPoweredOn</c>: nothing has been changed.</exception>
    public static async Task<Plan<EncapsulatedStorageVm>> PlanDetachAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> deviceIds, CancellationToken ct)
    {
        AttachFacts facts = await AttachFacts.ReadVMAsync(client, vm, ct).ConfigureAwait(false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            AttachPlanner.Detach(facts, deviceIds, new AttachActions(client));
        return new Plan<EncapsulatedStorageVm>(
            changes, async token => (await GetAsync(client, [vm], token).ConfigureAwait(false))[0], warnings);
    }
}
