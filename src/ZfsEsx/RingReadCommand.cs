using System.Management.Automation;
using ZfsEsx.Completers;
using ZfsEsx.Os;
using ZfsEsx.Parameters;
using ZfsEsx.Replication;

namespace ZfsEsx;

/// <summary>
/// A cmdlet that only reads of a ring: where no storage VM is named, it is the ring of those connected to. Cmdlets that
/// change something never take that from here.
/// </summary>
public abstract class RingReadCommand : RingCommand
{
    private readonly List<ZfsHost> _hosts = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ZfsHost]
    [ArgumentCompleter(typeof(ZfsHostCompleter))]
    public ZfsHost[] ZfsHost { get; set; } = [];

    private protected override void Record() => _hosts.AddRange(ZfsHost.Where(h => !_hosts.Contains(h)));

    private protected override async Task<RingHosts> HostsAsync(CancellationToken ct)
    {
        if (!IsLeftOut(nameof(ZfsHost)))
        {
            return new RingHosts(_hosts, FileSystem);
        }

        IReadOnlyList<ZfsHost> connected = Connected;
        Sender[] senders = await Task.WhenAll(connected.Select(async h =>
            new Sender(h.Name, await RingOrder.ReadAsync(h, ct).ConfigureAwait(false)))).ConfigureAwait(false);
        IReadOnlyList<(string Name, string Dataset)> ring = ConnectedRing.Of(
            senders, MyInvocation.BoundParameters.ContainsKey(nameof(FileSystem)) ? FileSystem : null);
        return new RingHosts(
            [.. ring.Select(m => connected.First(h => h.Name == m.Name))], [.. ring.Select(m => m.Dataset)]);
    }
}
