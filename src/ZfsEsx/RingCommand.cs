using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;
using ZfsEsx.Zfs;

namespace ZfsEsx;

/// <summary>A cmdlet over the storage VMs of a ring, in the order in which each sends to the next.</summary>
public abstract class RingCommand : ZfsEsxCommand
{
    private readonly List<ZfsHost> _hosts = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public virtual ZfsHost[] ZfsHost { get; set; } = [];

    [Parameter(Position = 1)]
    public string[] FileSystem { get; set; } = ["nas"];

    [Parameter]
    public string[] Address { get; set; } = [];

    [Parameter]
    public string? ReplicaParent { get; set; }

    /// <summary>From where the order of the ring is taken.</summary>
    private protected virtual RingOrderSource OrderSource => RingOrderSource.Existing;

    private protected override void Record() => _hosts.AddRange(ZfsHost.Where(h => !_hosts.Contains(h)));

    /// <summary>The storage VMs that are meant, in the order given.</summary>
    private protected virtual Task<RingHosts> HostsAsync(CancellationToken ct) =>
        Task.FromResult(new RingHosts(_hosts, FileSystem));

    /// <summary>
    /// The members, in the order of the ring. What the user left out is read from them: a file system's pool when there
    /// is one pool, the storage address when there is one interface besides the management's.
    /// </summary>
    private protected async Task<IReadOnlyList<RingMember>> MembersAsync(CancellationToken ct)
    {
        (IReadOnlyList<ZfsHost> hosts, string[] fileSystems) = await HostsAsync(ct).ConfigureAwait(false);
        RingMemberInput[] inputs =
            await Task.WhenAll(hosts.Select(h => ReadAsync(h, fileSystems, ct))).ConfigureAwait(false);
        IReadOnlyList<RingNode> nodes = RingMembers.Nodes(inputs, fileSystems, Address, ReplicaParent);
        IReadOnlyList<string>[] edges = [.. inputs.Zip(nodes, (input, node) =>
            (IReadOnlyList<string>)[.. input.Edges.Where(e => e.Dataset == node.Dataset).Select(e => e.Neighbour)])];
        IReadOnlyList<int> order = OrderSource == RingOrderSource.Given
            ? [.. nodes.Select((_, i) => i)]
            : RingOrder.Derive([.. nodes.Select(n => n.Name)], edges);
        return [.. order.Select(i => new RingMember(hosts[i], nodes[i]))];
    }

    private async Task<RingMemberInput> ReadAsync(ZfsHost host, string[] fileSystems, CancellationToken ct)
    {
        bool pools = fileSystems.Any(f => f.IndexOf('/') < 0);
        return new RingMemberInput(
            host.Name,
            pools ? [.. (await Zpools.GetAsync(host, ct).ConfigureAwait(false)).Select(p => p.Name)] : [],
            Address.Length > 0 ? [] : await HostNetwork.GetAsync(host, ct).ConfigureAwait(false))
        {
            Edges = OrderSource == RingOrderSource.Given
                ? []
                : await RingOrder.ReadAsync(host, ct).ConfigureAwait(false),
        };
    }
}

/// <summary>Storage VMs, and what each replicates: one name for all, or one for each.</summary>
internal sealed record RingHosts(IReadOnlyList<ZfsHost> Hosts, string[] FileSystems);
