using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsRingReplication")]
[OutputType(typeof(ZfsRingReplication))]
public sealed class GetZfsRingReplicationCommand : RingCommand
{
    private protected override void Finish()
    {
        if (TryRun(
            "ring",
            async (_, ct) => await RingReplication.GetAsync(
                await MembersAsync(ct).ConfigureAwait(false), ct).ConfigureAwait(false),
            out IReadOnlyList<ZfsRingReplication> state))
        {
            WriteObject(state, enumerateCollection: true);
        }
    }
}
