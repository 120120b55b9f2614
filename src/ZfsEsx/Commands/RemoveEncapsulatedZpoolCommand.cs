using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Remove, "EncapsulatedZpool", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Zpool))]
public sealed class RemoveEncapsulatedZpoolCommand : ZpoolCommand<Zpool>
{
    [Parameter(Mandatory = true, Position = 2)]
    [DiskName]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public DiskName[] Disk { get; set; } = [];

    private protected override Func<CancellationToken, Task<Plan<Zpool>>> Plan(ZfsHost host, string name)
    {
        string[] disks = DiskName.On(host, Disk);
        return ct => Zpools.PlanRemoveAsync(host, name, disks, ct);
    }
}
