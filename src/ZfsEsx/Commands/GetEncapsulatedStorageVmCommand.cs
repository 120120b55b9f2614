using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Esx;
using ZfsEsx.Parameters;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "EncapsulatedStorageVm")]
[OutputType(typeof(EncapsulatedStorageVm))]
public sealed class GetEncapsulatedStorageVmCommand : VimCommand
{
    private readonly List<VimTarget> _machines = [];

    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [VimTarget("VirtualMachine")]
    [ArgumentCompleter(typeof(VMCompleter))]
    public VimTarget[] VM { get; set; } = [];

    private protected override void Record() => _machines.AddRange(VM);

    private protected override void Finish()
    {
        // Without a name: not every VM there is, but those with passed-through devices and those made by us.
        bool all = IsLeftOut(nameof(VM));
        WriteFromEach(
            LocateToRead(_machines, "VirtualMachine", nameof(VM)),
            async (group, ct) => (IReadOnlyList<EncapsulatedStorageVm>)
            [
                .. (await StorageVm.GetAsync(group.Client, group.References, ct).ConfigureAwait(false))
                    .Where(vm => !all || vm.DirectPath.Count > 0 || vm.GuestInfo.ContainsKey("hostname")),
            ]);
    }
}
