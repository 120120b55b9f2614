using ZfsEsx.Os;
using ZfsEsx.Replication;

namespace ZfsEsx;

/// <summary>
/// A cmdlet that only reads of a ring: where no storage VM is named, it is the ring of those connected to. Cmdlets that
/// change something never take that from here.
/// </summary>
public abstract class RingReadCommand : RingCommand
{
    private protected override async Task<RingHosts> HostsAsync(CancellationToken ct)
    {
        if (!IsLeftOut(nameof(ZfsHost)))
        {
            return await base.HostsAsync(ct).ConfigureAwait(false);
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
