using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "ZfsReplicationTrust", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsReplicationTrust))]
public sealed class NewZfsReplicationTrustCommand : TrustCommand
{
    private protected override void Finish() =>
        WriteObject(ApplyToPairs(ReplicationTrust.PlanNewAsync, output: true), enumerateCollection: true);
}
