using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Start, "ZfsRingReplication", SupportsShouldProcess = true, DefaultParameterSetName = "Every")]
[OutputType(typeof(ZfsRingReplication))]
public sealed class StartZfsRingReplicationCommand : RingCommand
{
    [Parameter(ParameterSetName = "Every")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(5);

    [Parameter(Mandatory = true, ParameterSetName = "Daily")]
    public TimeSpan DailyAt { get; set; }

    [Parameter]
    [ValidateRange(1, 10000)]
    public int KeepOnSource { get; set; } = 24;

    [Parameter]
    [ValidateRange(1, 10000)]
    public int KeepOnReplica { get; set; } = 48;

    [Parameter]
    [ValidateRange(0, 10000)]
    public int KeepHourly { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int KeepDaily { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int KeepWeekly { get; set; }

    [Parameter]
    [ValidateRange(0, 10000)]
    public int KeepMonthly { get; set; }

    [Parameter]
    public DivergencePolicy DivergencePolicy { get; set; }

    [Parameter]
    public ByteSize? RateLimit { get; set; }

    [Parameter]
    public string UserName { get; set; } = "zfsadm";

    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 22;

    [Parameter]
    public string? Cipher { get; set; }

    [Parameter]
    public SwitchParameter RunFirst { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Finish()
    {
        RingReplicationOptions options = new()
        {
            Schedule = ParameterSetName == "Daily"
                ? ReplicationSchedule.Daily(DailyAt.Hours, DailyAt.Minutes)
                : ReplicationSchedule.Every(Every),
            KeepOnSource = KeepOnSource,
            KeepOnReplica = KeepOnReplica,
            KeepHourly = KeepHourly,
            KeepDaily = KeepDaily,
            KeepWeekly = KeepWeekly,
            KeepMonthly = KeepMonthly,
            DivergencePolicy = DivergencePolicy,
            RateLimit = RateLimit,
            UserName = UserName,
            Port = Port,
            Ciphers = Cipher,
            RunFirst = RunFirst,
        };
        ApplyToRing((members, ct) => RingReplication.PlanStartAsync(members, options, ct), PassThru);
    }
}
