using System.Management.Automation;
using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Stop, "ZpoolScrub", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ZpoolScrub))]
public sealed class StopZpoolScrubCommand : ZpoolCommand<ZpoolScrub>
{
    [Parameter]
    public SwitchParameter Pause { get; set; }

    private protected override Func<CancellationToken, Task<Plan<ZpoolScrub>>> Plan(ZfsHost host, string name) =>
        ct => ZpoolScrubs.PlanStopAsync(host, name, Pause, ct);
}
