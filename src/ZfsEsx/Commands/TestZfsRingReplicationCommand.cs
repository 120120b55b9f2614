using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsDiagnostic.Test, "ZfsRingReplication")]
[OutputType(typeof(ZfsRingCheck), typeof(bool))]
public sealed class TestZfsRingReplicationCommand : RingReadCommand
{
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Finish()
    {
        bool done = TryRun(
            "ring",
            async (_, ct) => await RingChecks.GetAsync(
                await MembersAsync(ct).ConfigureAwait(false), ct).ConfigureAwait(false),
            out IReadOnlyList<ZfsRingCheck> checks);
        if (Quiet)
        {
            WriteObject(done && checks.All(c => c.Status != RingCheckStatus.Failed));
        }
        else if (done)
        {
            WriteObject(checks, enumerateCollection: true);
        }
    }
}
