using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Stop, "ZfsRingReplication", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ZfsRingReplication))]
public sealed class StopZfsRingReplicationCommand : RingChangeCommand
{
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Finish() => ApplyToRing(RingReplication.PlanStopAsync, PassThru);
}
