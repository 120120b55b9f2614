using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Failover;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.New, "ZfsReplicaClone", SupportsShouldProcess = true, DefaultParameterSetName = "Replica")]
[OutputType(typeof(ZfsReplicaClone))]
public sealed class NewZfsReplicaCloneCommand : VimCommand
{
    private readonly List<(ZfsHost Host, ReplicaCloneOptions Options)> _wanted = [];

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Replica", ValueFromPipeline = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Replica")]
    [ArgumentCompleter(typeof(ReplicaCompleter))]
    public string Replica { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    public ZfsRingReplication InputObject { get; set; } = null!;

    [Parameter]
    public string? Snapshot { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(ReplicaCloneCompleter))]
    public string? Name { get; set; }

    [Parameter]
    public string? MountPoint { get; set; }

    [Parameter]
    public string[] Client { get; set; } = [];

    [Parameter]
    [VimTarget("HostSystem")]
    [ArgumentCompleter(typeof(VMHostCompleter))]
    public VimTarget[] VMHost { get; set; } = [];

    [Parameter]
    public string? DatastoreName { get; set; }

    [Parameter]
    public SwitchParameter Register { get; set; }

    [Parameter]
    public SwitchParameter PowerOn { get; set; }

    [Parameter]
    public string Suffix { get; set; } = "-clone";

    [Parameter]
    public string? Address { get; set; }

    private protected override void Record()
    {
        // A replica is on its neighbour, not on the storage VM that owns the file system.
        ZfsHost host = InputObject is null ? ZfsHost : ZfsHostAttribute.Resolve(InputObject.Neighbour);
        _wanted.Add((host, new ReplicaCloneOptions
        {
            Replica = InputObject?.Replica ?? Replica,
            Snapshot = Snapshot,
            Name = Name,
            MountPoint = MountPoint,
            Clients = Client,
        }));
    }

    private protected override void Finish()
    {
        IReadOnlyList<VimGroup> groups = VMHost.Length == 0 ? [] : Locate(VMHost);
        WriteObject(
            Apply<ZfsReplicaClone>([.. _wanted.SelectMany(w => VMHost.Length == 0
                ? [new Operation<ZfsReplicaClone>(
                    w.Host.Name, (_, ct) => ReplicaClone.PlanNewAsync(w.Host, w.Options, ct))]
                : groups.Select(g => new Operation<ZfsReplicaClone>(
                    w.Host.Name, (_, ct) => PlanMountedAsync(g, w.Host, w.Options, ct))))]),
            enumerateCollection: true);
    }

    private async Task<Plan<ZfsReplicaClone>> PlanMountedAsync(
        VimGroup group, ZfsHost host, ReplicaCloneOptions options, CancellationToken ct) =>
        await MountedClone.PlanNewAsync(
            group.Client, host, options,
            new CloneMount
            {
                ServerAddress = Address ?? await StorageAddress.OfAsync(host, ct).ConfigureAwait(false),
                Hosts = group.References,
                Datastore = DatastoreName,
                Register = Register || PowerOn,
                PowerOn = PowerOn,
                Suffix = Suffix,
            },
            ct).ConfigureAwait(false);
}
