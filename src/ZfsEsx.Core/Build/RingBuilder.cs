using System.Collections.Concurrent;
using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Vim;

namespace ZfsEsx.Build;

/// <summary>
/// Builds a ring, or finishes one: the steps in their order, each of which looks first and changes only what differs.
/// Interrupted anywhere, the same steps go on from there.
/// </summary>
public sealed partial class RingBuilder : IDisposable
{
    private readonly VimClient _client;
    private readonly RingPlan _plan;
    private readonly Func<NodePlan, CancellationToken, Task<ZfsHost>> _connect;
    private readonly ConcurrentDictionary<string, ZfsHost> _hosts = new(StringComparer.Ordinal);
    private IReadOnlyList<MoRef> _vmHosts = [];

    /// <summary>A builder for one ring.</summary>
    /// <param name="client">The vCenter Server that has all hosts.</param>
    /// <param name="plan">What is wanted.</param>
    /// <param name="connect">Reaches a storage VM once it is powered on; waits until it answers.</param>
    public RingBuilder(VimClient client, RingPlan plan, Func<NodePlan, CancellationToken, Task<ZfsHost>> connect)
    {
        RingPlanCheck.ThrowIfWrong(plan);
        _client = client;
        _plan = plan;
        _connect = connect;
    }

    /// <summary>The steps, in their order.</summary>
    public IReadOnlyList<BuildStep> Steps =>
    [
        EnableDevices(),
        MakeStorageNetwork(),
        MakeStorageVms(),
        AttachDevices(),
        PowerOn(),
        SetNames(),
        SetAddresses(),
        MakePools(),
        ShareVolumes(),
        MountDatastores(),
        TrustNeighbours(),
        StartReplication(),
        FirstCycle(),
        CloneReplica(),
        MountClone(),
    ];

    /// <summary>The member whose replica is cloned, to show that the copies can be used: the first.</summary>
    public NodePlan Cloned => _plan.Nodes[0];

    /// <summary>Name of the datastore that the clone is mounted as.</summary>
    public string CloneDatastore => Cloned.Datastore + "-clone";

    private string AllHosts => string.Join(", ", _plan.Nodes.Select(n => n.VMHost));

    private string AllStorageVms => string.Join(", ", _plan.Nodes.Select(n => "$" + n.StorageVm));

    /// <summary>A member's storage VM; one connection for the whole build.</summary>
    public async Task<ZfsHost> HostAsync(NodePlan node, CancellationToken ct)
    {
        if (!_hosts.TryGetValue(node.StorageVm, out ZfsHost? host))
        {
            host = await _connect(node, ct).ConfigureAwait(false);
            if (!_hosts.TryAdd(node.StorageVm, host))
            {
                host.Dispose();
                host = _hosts[node.StorageVm];
            }
        }

        return host;
    }

    /// <summary>The hosts' references, in the order of the ring.</summary>
    public async Task<IReadOnlyList<MoRef>> VMHostsAsync(CancellationToken ct)
    {
        if (_vmHosts.Count == 0)
        {
            _vmHosts = await Inventory
                .ResolveAsync(_client, "HostSystem", [.. _plan.Nodes.Select(n => n.VMHost)], ct).ConfigureAwait(false);
        }

        return _vmHosts;
    }

    /// <summary>The storage VMs as the hosts have them, in the order of the ring.</summary>
    public async Task<IReadOnlyList<EncapsulatedStorageVm>> StorageVmsAsync(CancellationToken ct) =>
        await StorageVm.GetAsync(_client, await StorageVmRefsAsync(ct).ConfigureAwait(false), ct).ConfigureAwait(false);

    /// <summary>Closes the connections to the storage VMs. The vSphere connection is the caller's.</summary>
    public void Dispose()
    {
        foreach (ZfsHost host in _hosts.Values)
        {
            host.Dispose();
        }

        _hosts.Clear();
    }

    private Task<IReadOnlyList<MoRef>> StorageVmRefsAsync(CancellationToken ct) =>
        Inventory.ResolveAsync(_client, "VirtualMachine", [.. _plan.Nodes.Select(n => n.StorageVm)], ct);

    /// <summary>One plan out of one for every member, all of them made side by side.</summary>
    private async Task<Plan<object>> ForEachAsync<T>(Func<NodePlan, int, Task<Plan<T>>> planAsync) =>
        (await Plans.MergeAsync(_plan.Nodes.Select(planAsync)).ConfigureAwait(false)).AsObject();

    private static string Quoted(string text) =>
        text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '/' or '.')
            ? text
            : "'" + text.Replace("'", "''") + "'";
}
