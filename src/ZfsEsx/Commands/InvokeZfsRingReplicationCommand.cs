using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "ZfsRingReplication", SupportsShouldProcess = true)]
[OutputType(typeof(ZfsRingReplication))]
public sealed class InvokeZfsRingReplicationCommand : RingChangeCommand
{
    [Parameter]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public string[]? Only { get; set; }

    [Parameter]
    [ClockTime]
    public TimeSpan CycleTimeout { get; set; } = TimeSpan.FromDays(7);

    private protected override void Finish()
    {
        RingReplicationOptions options = new() { CycleTimeout = CycleTimeout };
        ApplyToRing((members, ct) => RingReplication.PlanInvokeAsync(members, options, Only, ct), output: true);
    }
}
