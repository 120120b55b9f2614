using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "VmDirectPath")]
[OutputType(typeof(VmDirectPathDevice))]
public sealed class GetVmDirectPathCommand : VimCommand
{
    private readonly List<VimTarget> _hosts = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    public string[]? Device { get; set; }

    [Parameter]
    public SwitchParameter All { get; set; }

    private protected override void Record() => _hosts.AddRange(VMHost);

    private protected override void Finish()
    {
        WriteFromEach(
            LocateToRead(_hosts, "HostSystem", nameof(VMHost)),
            async (group, ct) => (IReadOnlyList<VmDirectPathDevice>)
            [
                .. (await DirectPath.GetAsync(group.Client, group.References, ct).ConfigureAwait(false))
                    .Where(device => All || device.Capable || device.Enabled),
            ],
            new(
                "DeviceNotFound", All ? "PCI device" : "PCI device that can be passed through", Device,
                device => [device.Device, device.Id, device.VendorId + ":" + device.DeviceId],
                All ? "Without -Device all are shown." : "-All shows the other devices, too."));
    }
}
