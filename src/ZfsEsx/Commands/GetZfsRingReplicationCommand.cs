using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsRingReplication")]
[OutputType(typeof(ZfsRingReplication))]
public sealed class GetZfsRingReplicationCommand : RingReadCommand
{
    private protected override void Finish()
    {
        if (!TryRun(
            "ring",
            async (_, ct) =>
            {
                IReadOnlyList<RingMember> members = await MembersAsync(ct).ConfigureAwait(false);
                IReadOnlyList<ZfsRingReplication> rows =
                    await RingReplication.GetAsync(members, ct).ConfigureAwait(false);
                return (Rows: rows, Missing: await MissingDatasets.FindAsync(members, rows, ct).ConfigureAwait(false));
            },
            out (IReadOnlyList<ZfsRingReplication> Rows, IReadOnlyList<ZfsEsxException> Missing) state))
        {
            return;
        }

        WriteObject(state.Rows, enumerateCollection: true);
        foreach (ZfsEsxException missing in state.Missing)
        {
            WriteError(missing.ToErrorRecord(missing.Target));
        }
    }
}
