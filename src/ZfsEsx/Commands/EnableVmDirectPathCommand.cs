using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Enable, "VmDirectPath", SupportsShouldProcess = true, DefaultParameterSetName = "InputObject")]
[OutputType(typeof(VmDirectPathDevice))]
public sealed class EnableVmDirectPathCommand : DirectPathCommand
{
    private protected override Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanAsync(
        VimClient client,
        IReadOnlyList<DirectPathSelection> selection,
        DirectPathOptions options,
        CancellationToken ct) =>
        DirectPath.PlanEnableAsync(client, selection, options, ct);
}
