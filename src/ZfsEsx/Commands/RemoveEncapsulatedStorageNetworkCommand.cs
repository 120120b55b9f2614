using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(
    VerbsCommon.Remove, "EncapsulatedStorageNetwork", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveEncapsulatedStorageNetworkCommand : VimCommand
{
    private readonly List<(VimTarget Host, NewStorageNetwork Names)> _wanted = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    [VimTarget("HostSystem")]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Switch { get; set; } = "eSAN";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string VmkernelPortGroup { get; set; } = "";

    [Parameter]
    public string VMPortGroup { get; set; } = "eSAN-VM";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Record()
    {
        NewStorageNetwork names = new() { Switch = Switch, VmPortGroup = VMPortGroup };

        // Get- has no name for it where the port itself is gone already.
        if (VmkernelPortGroup.Length > 0)
        {
            names = names with { VmkernelPortGroup = VmkernelPortGroup };
        }

        _wanted.AddRange(VMHost.Select(h => (h, names)));
    }

    private protected override void Finish()
    {
        foreach (var network in _wanted.GroupBy(w => w.Names, w => w.Host))
        {
            ApplyToEach(
                Locate(network),
                (group, ct) => StorageNetwork.PlanRemoveAsync(group.Client, group.References, network.Key, Force, ct),
                left => left.VMHost,
                output: false);
        }
    }
}
