using System.Management.Automation;
using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Start, "ZpoolScrub", SupportsShouldProcess = true)]
[OutputType(typeof(ZpoolScrub))]
public sealed class StartZpoolScrubCommand : ZpoolCommand<ZpoolScrub>
{
    [Parameter]
    public SwitchParameter Wait { get; set; }

    private protected override Func<CancellationToken, Task<Plan<ZpoolScrub>>> Plan(ZfsHost host, string name) =>
        ct => ZpoolScrubs.PlanStartAsync(host, name, Wait, ct);
}
