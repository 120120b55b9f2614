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
        Func<string, bool> wanted = Patterns.Any(Name);
        WriteFromEach(HostDisks.GetAsync, disk => disk.Names.Any(wanted) || wanted(disk.Name) || wanted(disk.Device));
    }
}
