using System.Management.Automation;
using ZfsEsx.Failover;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Undo, "ZfsReplicaFailover", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ZfsReplicaFailover))]
public sealed class UndoZfsReplicaFailoverCommand : FailoverCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool TakesSource => true;

    private protected override FailoverOptions Complete(FailoverOptions options) => options with { Force = Force };

    private protected override Task<Plan<ZfsReplicaFailover>> PlanAsync(
        VimClient client, FailoverOptions options, CancellationToken ct) =>
        ReplicaFailover.PlanUndoAsync(client, options, ct);
}
