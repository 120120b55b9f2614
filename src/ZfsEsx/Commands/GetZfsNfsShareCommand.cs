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
        WriteFromEach(NfsShares.GetAsync, new(
            "ShareNotFound", "share of a file system", FileSystem, share => [share.FileSystem],
            "Only file systems that are shared are listed; Set-ZfsNfsShare shares one."));
    }
}
