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
        Func<string, bool> wanted = Patterns.Any(Device);
        WriteFromEach(
            LocateToRead(_hosts, "HostSystem", nameof(VMHost)),
            (group, ct) => DirectPath.GetAsync(group.Client, group.References, ct),
            device => (All || device.Capable || device.Enabled) && Names(device).Any(wanted));
    }

    private static string[] Names(VmDirectPathDevice device) =>
        [device.Id, device.Device, device.VendorId + ":" + device.DeviceId];
}
