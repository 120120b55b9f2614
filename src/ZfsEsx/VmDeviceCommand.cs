using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Interop;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx;

/// <summary>What Add- and Remove-VmDirectPath share: one VM and devices of its host.</summary>
public abstract class VmDeviceCommand : VimCommand
{
    private readonly List<DirectPathDevice> _devices = [];

    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    [DirectPathDevice]
    public DirectPathDevice[] InputObject { get; set; } = [];

    [Parameter(Mandatory = true, Position = 0)]
    [VimTarget("VirtualMachine", Single = true)]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget VM { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Id", ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(DeviceCompleter))]
    public string[] Id { get; set; } = [];

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private List<string> Ids { get; } = [];

    private protected override void Record()
    {
        _devices.AddRange(InputObject);
        Ids.AddRange(Id);
    }

    private protected override void Finish()
    {
        if (_devices.Count == 0 && Ids.Count == 0)
        {
            return;
        }

        ApplyToEach(Locate([VM]), PlanAllAsync, vm => vm.Name, PassThru);
    }

    private protected abstract Task<Plan<EncapsulatedStorageVm>> PlanAsync(
        VimClient client, MoRef vm, IReadOnlyList<string> ids, CancellationToken ct);

    private async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanAllAsync(VimGroup group, CancellationToken ct)
    {
        MoRef reference = group.References[0];
        _devices.ForEach(d => ServerCandidate.ThrowIfElsewhere(d.VMHost.Source, d.ToString(), group.Client));
        if (_devices.Count > 0)
        {
            EncapsulatedStorageVm vm =
                (await StorageVm.GetAsync(group.Client, [reference], ct).ConfigureAwait(false))[0];
            DirectPathDevice? foreign = _devices.FirstOrDefault(d => !IsOn(d.VMHost, vm));
            if (foreign is not null)
            {
                throw new ZfsEsxException(
                    "DeviceOfOtherHost", FailureKind.InvalidArgument, foreign.ToString(),
                    "The device " + foreign.Id + " is of the host " + foreign.VMHost + ", but "
                        + vm.Name + " is on " + vm.VMHost + ".",
                    "Give each VM the devices of its own host: Get-VmDirectPath " + vm.VMHost + " lists them.");
            }
        }

        string[] ids = [.. _devices.Select(d => d.Id).Concat(Ids).Distinct(StringComparer.OrdinalIgnoreCase)];
        Plan<EncapsulatedStorageVm> plan = await PlanAsync(group.Client, reference, ids, ct).ConfigureAwait(false);
        return plan.Select<IReadOnlyList<EncapsulatedStorageVm>>(vm => [vm]);
    }

    private static bool IsOn(VimTarget host, EncapsulatedStorageVm vm) =>
        host.Value is string value ? vm.VMHostId == host.Type + "-" + value : host.Name == vm.VMHost;
}
