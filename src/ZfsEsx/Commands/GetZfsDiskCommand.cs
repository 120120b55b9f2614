using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsDisk")]
[OutputType(typeof(ZfsDisk))]
public sealed class GetZfsDiskCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZfsDiskCompleter))]
    public string[]? Name { get; set; }

    private protected override void Finish()
    {
        WriteFromEach(HostDisks.GetAsync, new(
            "DiskNotFound", "disk", Name, disk => [disk.Name, disk.Device, .. disk.Names],
            "Without -Name all disks are shown, with all their names in the property Names."));
    }
}
