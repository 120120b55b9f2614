using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsData.Update, "ZfsReplicationTrust", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsReplicationTrust))]
public sealed class UpdateZfsReplicationTrustCommand : TrustCommand
{
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Finish() =>
        WriteObject(ApplyToPairs(ReplicationTrust.PlanUpdateAsync, PassThru), enumerateCollection: true);
}
