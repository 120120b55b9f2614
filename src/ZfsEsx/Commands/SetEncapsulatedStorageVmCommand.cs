using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

/// <summary>What a VM's power can be set to.</summary>
public enum StorageVmPower
{
    /// <summary>Running.</summary>
    On,

    /// <summary>Shut down by its guest.</summary>
    Off,
}

[Cmdlet(VerbsCommon.Set, "EncapsulatedStorageVm", SupportsShouldProcess = true)]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class SetEncapsulatedStorageVmCommand : VimCommand
{
    private readonly List<VimTarget> _machines = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [VimTarget("VirtualMachine")]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget[] VM { get; set; } = [];

    [Parameter(Mandatory = true)]
    public StorageVmPower PowerState { get; set; }

    [Parameter]
    [ValidateRange(1, 3600)]
    public int ShutdownTimeout { get; set; } = 300;

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Record() => _machines.AddRange(VM);

    private protected override void Finish() => ApplyToEach(
        Locate(_machines),
        (group, ct) => PowerState == StorageVmPower.On
            ? StorageVm.PlanPowerOnAsync(group.Client, group.References, ct)
            : StorageVm.PlanShutdownAsync(group.Client, group.References, TimeSpan.FromSeconds(ShutdownTimeout), ct),
        vm => vm.Name,
        PassThru);
}
