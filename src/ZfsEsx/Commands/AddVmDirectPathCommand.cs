using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Add, "VmDirectPath", SupportsShouldProcess = true, DefaultParameterSetName = "InputObject")]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class AddVmDirectPathCommand : VmDeviceCommand
{
    [Parameter]
    public SwitchParameter DisableMsi { get; set; }

    [Parameter]
    [ValidateRange(1, 65536)]
    public int? Mmio64GB { get; set; }

    [Parameter]
    public SwitchParameter Dynamic { get; set; }

    private protected override Task<Plan<EncapsulatedStorageVm>> PlanAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> ids, CancellationToken ct) =>
        StorageVm.PlanAttachAsync(
            client, vm, ids,
            new AttachOptions
            {
                // Left out, the device's class decides.
                DisableMsi = MyInvocation.BoundParameters.ContainsKey(nameof(DisableMsi)) ? DisableMsi : null,
                Mmio64GB = Mmio64GB,
                Dynamic = Dynamic,
            },
            ct);
}
