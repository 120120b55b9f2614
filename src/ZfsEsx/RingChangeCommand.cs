using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx;

/// <summary>A cmdlet that changes a ring, whose storage VMs must be named.</summary>
public abstract class RingChangeCommand : RingCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public override ZfsHost[] ZfsHost { get; set; } = [];

    private protected void ApplyToRing(
        Func<IReadOnlyList<RingMember>, CancellationToken, Task<Plan<IReadOnlyList<ZfsRingReplication>>>> plan,
        bool output)
    {
        Operation<IReadOnlyList<ZfsRingReplication>> operation = new(
            "ring",
            async (_, ct) => await plan(await MembersAsync(ct).ConfigureAwait(false), ct).ConfigureAwait(false),
            output,
            (items, left) => [.. items.Where(i => !left.Any(target => Targets.IsOf(target, i.ZfsHost)))]);
        foreach (IReadOnlyList<ZfsRingReplication> state in Apply(operation))
        {
            WriteObject(state, enumerateCollection: true);
        }
    }
}
