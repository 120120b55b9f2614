using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Remove, "ZfsReplicaClone", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveZfsReplicaCloneCommand : ZfsEsxCommand
{
    private readonly List<Operation<bool>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = "";

    private protected override void Record()
    {
        (ZfsHost host, string name) = (ZfsHost, Name);
        _operations.Add(new(host.Name, (_, ct) => ReplicaClone.PlanRemoveAsync(host, name, ct), Read: false));
    }

    private protected override void Finish() => Apply([.. _operations]);
}
