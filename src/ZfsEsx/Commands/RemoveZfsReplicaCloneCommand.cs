using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Failover;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Vim;

namespace ZfsEsx.Commands;

[Cmdlet(VerbsCommon.Remove, "ZfsReplicaClone", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveZfsReplicaCloneCommand : VimCommand
{
    private readonly List<(ZfsHost Host, string Name)> _clones = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ZfsHost(Single = true)]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost ZfsHost { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ReplicaCloneCompleter))]
    public string Name { get; set; } = "";

    private protected override void Record() => _clones.Add((ZfsHost, Name));

    private protected override void Finish()
    {
        // Where there is no vSphere connection, what hosts have of it cannot be seen; the plan warns then.
        VimClient[] clients = !IsConnected ? []
            : [.. Locate([VimTarget.All("HostSystem")], wildcards: true).Select(g => g.Client)];
        Apply([.. _clones.Select(c => new Operation<bool>(
            c.Host.Name, (_, ct) => MountedClone.PlanRemoveAsync(clients, c.Host, c.Name, ct), Read: false))]);
    }
}
