using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Measure, "ZfsRingReplication")]
[OutputType(typeof(ZfsRingHistory))]
public sealed class MeasureZfsRingReplicationCommand : RingReadCommand
{
    [Parameter]
    public DateTime Since { get; set; } = DateTime.UtcNow.AddDays(-30);

    private protected override void Finish()
    {
        if (TryRun(
            "ring",
            async (_, ct) => await RingHistory.GetAsync(
                await MembersAsync(ct).ConfigureAwait(false), Since.ToUniversalTime(), ct).ConfigureAwait(false),
            out IReadOnlyList<ZfsRingHistory> days))
        {
            WriteObject(days, enumerateCollection: true);
        }
    }
}
