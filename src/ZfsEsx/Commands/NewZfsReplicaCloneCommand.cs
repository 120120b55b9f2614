using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "ZfsReplicaClone", SupportsShouldProcess = true, DefaultParameterSetName = "Replica")]
[OutputType(typeof(ZfsReplicaClone))]
public sealed class NewZfsReplicaCloneCommand : ZfsEsxCommand
{
    private readonly List<Operation<ZfsReplicaClone>> _operations = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Replica", ValueFromPipeline = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Replica")]
    public string Replica { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    public ZfsRingReplication InputObject { get; set; } = null!;

    [Parameter]
    public string? Snapshot { get; set; }

    [Parameter]
    public string? Name { get; set; }

    [Parameter]
    public string? MountPoint { get; set; }

    [Parameter]
    public string[] Client { get; set; } = [];

    private protected override void Record()
    {
        // A replica is on its neighbour, not on the storage VM that owns the file system.
        ZfsHost host = InputObject is null ? ZfsHost : ZfsHostAttribute.Resolve(InputObject.Neighbour);
        ReplicaCloneOptions options = new()
        {
            Replica = InputObject?.Replica ?? Replica,
            Snapshot = Snapshot,
            Name = Name,
            MountPoint = MountPoint,
            Clients = Client,
        };
        _operations.Add(new(host.Name, (_, ct) => ReplicaClone.PlanNewAsync(host, options, ct)));
    }

    private protected override void Finish() => WriteObject(Apply([.. _operations]), enumerateCollection: true);
}
