using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsReplicaClone")]
[OutputType(typeof(ZfsReplicaClone))]
public sealed class GetZfsReplicaCloneCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ReplicaCloneCompleter))]
    public string[]? Name { get; set; }

    private protected override void Finish()
    {
        WriteFromEach(ReplicaClone.GetAsync, new(
            "CloneNotFound", "clone of a replica", Name, clone => [clone.Name],
            "Only clones made by New-ZfsReplicaClone are listed."));
    }
}
