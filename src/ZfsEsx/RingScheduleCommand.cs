using System.Management.Automation;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx;

/// <summary>
/// A cmdlet that says when and how a ring replicates. What is not given stays as it is, or as it usually is.
/// </summary>
public abstract class RingScheduleCommand : RingChangeCommand
{
    [Parameter(ParameterSetName = "Every")]
    [ClockTime]
    public TimeSpan? Every { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Daily")]
    [ClockTime(OfDay = true)]
    public TimeSpan DailyAt { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Cron")]
    public string Cron { get; set; } = "";

    [Parameter]
    [ValidateRange(1, 10000)]
    public int? KeepOnSource { get; set; }

    [Parameter]
    [ValidateRange(1, 10000)]
    public int? KeepOnReplica { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int? KeepHourly { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int? KeepDaily { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int? KeepWeekly { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int? KeepMonthly { get; set; }

    [Parameter]
    public DivergencePolicy? DivergencePolicy { get; set; }

    [Parameter]
    [ByteSize]
    public ByteSize? RateLimit { get; set; }

    [Parameter]
    [ClockTime]
    public TimeSpan? RecoveryPointObjective { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected RingReplicationSettings Settings => new()
    {
        Schedule = ParameterSetName switch
        {
            "Daily" => ReplicationSchedule.Daily(DailyAt.Hours, DailyAt.Minutes),
            "Cron" => ReplicationSchedule.FromCron(Cron),
            _ => Every is { } every ? ReplicationSchedule.Every(every) : null,
        },
        KeepOnSource = KeepOnSource,
        KeepOnReplica = KeepOnReplica,
        KeepHourly = KeepHourly,
        KeepDaily = KeepDaily,
        KeepWeekly = KeepWeekly,
        KeepMonthly = KeepMonthly,
        DivergencePolicy = DivergencePolicy,
        RateLimit = RateLimit,
        RecoveryPointObjective = RecoveryPointObjective,
    };
}
