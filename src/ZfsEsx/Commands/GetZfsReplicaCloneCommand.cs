using System.Management.Automation;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Get, "ZfsReplicaClone")]
[OutputType(typeof(ZfsReplicaClone))]
public sealed class GetZfsReplicaCloneCommand : ZfsHostReadCommand
{
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    private protected override void Finish()
    {
        Func<string, bool> wanted = Patterns.Any(Name);
        WriteFromEach(ReplicaClone.GetAsync, clone => wanted(clone.Name));
    }
}
