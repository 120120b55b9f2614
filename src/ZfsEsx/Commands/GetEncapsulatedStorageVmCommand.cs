using System.Management.Automation;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "EncapsulatedStorageVm")]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class GetEncapsulatedStorageVmCommand : VimCommand
{
    private readonly List<VimTarget> _machines = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("VirtualMachine")]
    public VimTarget[] VM { get; set; } = [];

    private protected override void Record() => _machines.AddRange(VM);

    private protected override void Finish() => WriteFromEach(
        Locate(_machines), (group, ct) => StorageVm.GetAsync(group.Client, group.References, ct), _ => true);
}
