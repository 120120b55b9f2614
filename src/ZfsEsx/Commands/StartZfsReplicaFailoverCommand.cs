using System.Management.Automation;
using ZfsEsx.Failover;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(
    VerbsLifecycle.Start, "ZfsReplicaFailover", SupportsShouldProcess = true, DefaultParameterSetName = "Unplanned")]
[OutputType(typeof(ZfsReplicaFailover))]
public sealed class StartZfsReplicaFailoverCommand : FailoverCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "Test")]
    public SwitchParameter AsTest { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Planned")]
    public SwitchParameter Planned { get; set; }

    [Parameter(ParameterSetName = "Test")]
    public SwitchParameter Keep { get; set; }

    [Parameter(ParameterSetName = "Test")]
    [ValidateRange(0, 3600)]
    public int AnswerTimeout { get; set; } = 120;

    [Parameter(ParameterSetName = "Planned")]
    [ValidateRange(1, 3600)]
    public int ShutdownTimeout { get; set; } = 300;

    [Parameter(ParameterSetName = "Planned")]
    public SwitchParameter Force { get; set; }

    private protected override bool TakesSource => Planned;

    private protected override FailoverOptions Complete(FailoverOptions options) => options with
    {
        Keep = Keep,
        Force = Force,
        AnswerTimeout = TimeSpan.FromSeconds(AnswerTimeout),
        ShutdownTimeout = TimeSpan.FromSeconds(ShutdownTimeout),
    };

    private protected override Task<Plan<ZfsReplicaFailover>> PlanAsync(
        VimClient client, FailoverOptions options, CancellationToken ct) =>
        AsTest ? ReplicaFailover.PlanTestAsync(client, options, ct)
        : Planned ? ReplicaFailover.PlanPlannedAsync(client, options, ct)
        : ReplicaFailover.PlanStartAsync(client, options, ct);
}
