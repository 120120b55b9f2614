using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Disable, "VmDirectPath", SupportsShouldProcess = true, DefaultParameterSetName = "InputObject")]
[OutputType(typeof(VmDirectPathDevice))]
public sealed class DisableVmDirectPathCommand : DirectPathCommand
{
    private protected override Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanAsync(
        VimClient client,
        IReadOnlyList<DirectPathSelection> selection,
        DirectPathOptions options,
        CancellationToken ct) =>
        DirectPath.PlanDisableAsync(client, selection, options, ct);
}
