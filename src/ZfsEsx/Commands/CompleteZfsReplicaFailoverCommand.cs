using System.Management.Automation;
using ZfsEsx.Failover;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Complete, "ZfsReplicaFailover", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsReplicaFailover))]
public sealed class CompleteZfsReplicaFailoverCommand : FailoverCommand
{
    [Parameter]
    public SwitchParameter Prepare { get; set; }

    [Parameter]
    [ValidateRange(1, 3600)]
    public int ShutdownTimeout { get; set; } = 300;

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool TakesSource => true;

    private protected override FailoverOptions Complete(FailoverOptions options) => options with
    {
        Prepare = Prepare,
        Force = Force,
        ShutdownTimeout = TimeSpan.FromSeconds(ShutdownTimeout),
    };

    private protected override Task<Plan<ZfsReplicaFailover>> PlanAsync(
        VimClient client, FailoverOptions options, CancellationToken ct) =>
        ReplicaFailover.PlanCompleteAsync(client, options, ct);
}
