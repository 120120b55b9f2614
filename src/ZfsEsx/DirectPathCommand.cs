using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>What Enable- and Disable-VmDirectPath share: devices, or hosts and what to look for on them.</summary>
public abstract class DirectPathCommand : VimCommand
{
    private readonly List<(VimTarget Host, string Device)> _wanted = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    [DirectPathDevice]
    public DirectPathDevice[] InputObject { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "VMHost", ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "VMHost")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    public string[] Device { get; set; } = [];

    [Parameter]
    public SwitchParameter Reboot { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool SkipQuestions => Force;

    private protected override void Record()
    {
        _wanted.AddRange(InputObject.Select(d => (d.VMHost, d.Id)));
        _wanted.AddRange(VMHost.SelectMany(_ => Device, (host, device) => (host, device)));
    }

    private protected override void Finish()
    {
        DirectPathOptions options = new() { AllowReboot = Reboot, Force = Force };
        ApplyToEach(
            Locate(_wanted.Select(w => w.Host).Distinct()),
            (group, ct) => PlanAsync(group.Client, Selection(group), options, ct),
            device => device.VMHost,
            PassThru);
    }

    private protected abstract Task<Plan<IReadOnlyList<VmDirectPathDevice>>> PlanAsync(
        VimClient client,
        IReadOnlyList<DirectPathSelection> selection,
        DirectPathOptions options,
        CancellationToken ct);

    private List<DirectPathSelection> Selection(VimGroup group) =>
    [
        .. group.Found.SelectMany(
            found => _wanted.Where(w => ReferenceEquals(w.Host, found.Target)),
            (found, w) => new DirectPathSelection(found.Reference, w.Device)).Distinct(),
    ];
}
