using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Storage VMs: made from a template, given devices, switched on and off.</summary>
public static partial class StorageVm
{
    /// <summary>The VMs, read in one call.</summary>
    public static Task<IReadOnlyList<EncapsulatedStorageVm>> GetAsync(VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Makes VMs, or brings existing ones of the same name to what is wanted.</summary>
    public static Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanNewAsync(
        VimClient client, IReadOnlyList<NewStorageVm> wanted, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Gives a powered-off VM devices of its host, with all of its memory reserved.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="deviceIds">PCI addresses: <c>0000:04:00.0</c>.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Ends the reading.</param>
    public static Task<Plan<EncapsulatedStorageVm>> PlanAttachAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> deviceIds, AttachOptions options, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Takes devices from a powered-off VM.</summary>
    public static Task<Plan<EncapsulatedStorageVm>> PlanDetachAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> deviceIds, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Switches VMs on, side by side.</summary>
    public static Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanPowerOnAsync(VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Asks the guests to shut down, and waits until they have.</summary>
    public static Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanShutdownAsync(
        VimClient client, IReadOnlyList<MoRef> vms, TimeSpan timeout, CancellationToken ct) =>
        throw new NotImplementedException();
}
