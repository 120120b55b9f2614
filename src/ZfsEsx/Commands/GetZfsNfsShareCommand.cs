using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Zfs;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsNfsShare")]
[OutputType(typeof(ZfsNfsShare))]
public sealed class GetZfsNfsShareCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ZfsFileSystemCompleter))]
    public string[]? FileSystem { get; set; }

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(FileSystem);
        WriteFromEach(NfsShares.GetAsync, share => wanted(share.FileSystem));
    }
}
