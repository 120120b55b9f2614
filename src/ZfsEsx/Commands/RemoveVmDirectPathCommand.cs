using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(
    VerbsCommon.Remove, "VmDirectPath", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High,
    DefaultParameterSetName = "InputObject")]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class RemoveVmDirectPathCommand : VmDeviceCommand
{
    private protected override Task<Plan<EncapsulatedStorageVm>> PlanAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> ids, CancellationToken ct) =>
        StorageVm.PlanDetachAsync(client, vm, ids, ct);
}
