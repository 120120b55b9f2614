using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsReplicationTrust")]
[OutputType(typeof(ZfsReplicationTrust))]
public sealed class GetZfsReplicationTrustCommand : TrustCommand
{
    private protected override void Finish()
    {
        foreach ((TrustPair pair, Task<ZfsReplicationTrust> trust) in RunEach(
            Pairs(),
            async (p, _, ct) => await ReplicationTrust.GetAsync(
                p.Source, p.Target, await OptionsAsync(p, ct).ConfigureAwait(false), ct).ConfigureAwait(false)))
        {
            if (trust.IsFaulted)
            {
                WriteError(trust.Exception!.ToErrorRecord(pair.ToString()));
            }
            else
            {
                WriteObject(trust.Result);
            }
        }
    }
}
