using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZfsRingReplication", SupportsShouldProcess = true, DefaultParameterSetName = "Every")]
[OutputType(typeof(ZfsRingReplication))]
public sealed class SetZfsRingReplicationCommand : RingScheduleCommand
{
    [Parameter]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public string[]? Only { get; set; }

    private protected override void Finish()
    {
        RingReplicationSettings settings = Settings;
        ApplyToRing((members, ct) => RingReplication.PlanSetAsync(members, settings, Only, ct), PassThru);
    }
}
