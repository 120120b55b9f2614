using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsLifecycle.Start, "ZfsRingReplication", SupportsShouldProcess = true, DefaultParameterSetName = "Every")]
[OutputType(typeof(ZfsRingReplication))]
public sealed class StartZfsRingReplicationCommand : RingScheduleCommand
{
    [Parameter]
    public RingOrderSource Order { get; set; }

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
    public SwitchParameter Force { get; set; }

    private protected override RingOrderSource OrderSource => Order;

    private protected override void Finish()
    {
        RingReplicationOptions options = Settings.Change(new RingReplicationOptions
        {
            AllowLowSpace = Force,
            UserName = UserName,
            Port = Port,
            Ciphers = Cipher,
            RunFirst = RunFirst,
        });
        ApplyToRing((members, ct) => RingReplication.PlanStartAsync(members, options, ct), PassThru);
    }
}
