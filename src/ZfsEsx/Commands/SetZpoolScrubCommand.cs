using System.Management.Automation;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Set, "ZpoolScrub", SupportsShouldProcess = true, DefaultParameterSetName = Monthly)]
[OutputType(typeof(ZpoolScrub))]
public sealed class SetZpoolScrubCommand : ZpoolCommand<ZpoolScrub>
{
    private const string Monthly = "Monthly";
    private const string Weekly = "Weekly";
    private const string Off = "Off";

    [Parameter(ParameterSetName = Monthly)]
    [ValidateRange(1, 28)]
    public int Day { get; set; } = 1;

    [Parameter(Mandatory = true, ParameterSetName = Weekly)]
    public DayOfWeek DayOfWeek { get; set; }

    [Parameter(ParameterSetName = Monthly)]
    [Parameter(ParameterSetName = Weekly)]
    [ClockTime(OfDay = true)]
    public TimeSpan At { get; set; } = TimeSpan.FromHours(2);

    [Parameter(Mandatory = true, ParameterSetName = Off)]
    public SwitchParameter Never { get; set; }

    private protected override Func<CancellationToken, Task<Plan<ZpoolScrub>>> Plan(ZfsHost host, string name)
    {
        ScrubSchedule? schedule = ParameterSetName switch
        {
            Off => null,
            Weekly => ScrubSchedule.Weekly(DayOfWeek, At),
            _ => ScrubSchedule.Monthly(Day, At),
        };
        return ct => ZpoolScrubs.PlanScheduleAsync(host, name, schedule, ct);
    }
}
