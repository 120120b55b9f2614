using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Remove, "ZfsReplicationTrust", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ZfsReplicationTrust))]
public sealed class RemoveZfsReplicationTrustCommand : TrustCommand
{
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Finish() =>
        WriteObject(ApplyToPairs(ReplicationTrust.PlanRemoveAsync, PassThru), enumerateCollection: true);
}
