using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Remove, "EncapsulatedStorageNetwork", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveEncapsulatedStorageNetworkCommand : VimCommand
{
    private readonly List<(VimTarget Host, NewStorageNetwork Names)> _wanted = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("HostSystem")]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Switch { get; set; } = "eSAN";

    [Parameter]
    public string VmkernelPortGroup { get; set; } = "eSAN-Interface1";

    [Parameter]
    public string VMPortGroup { get; set; } = "eSAN-VM";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Record()
    {
        NewStorageNetwork names = new() { Switch = Switch, VmkernelPortGroup = VmkernelPortGroup, VmPortGroup = VMPortGroup };
        _wanted.AddRange(VMHost.Select(h => (h, names)));
    }

    private protected override void Finish()
    {
        foreach (var network in _wanted.GroupBy(w => w.Names.Switch))
        {
            ApplyToEach(
                Locate(network.Select(w => w.Host)),
                (group, ct) => StorageNetwork.PlanRemoveAsync(
                    group.Client, group.References, network.First().Names, Force, ct),
                left => left.VMHost,
                output: false);
        }
    }
}
