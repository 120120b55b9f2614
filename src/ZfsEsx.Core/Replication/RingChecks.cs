using System.Diagnostics;
using ZfsEsx.Os;

namespace ZfsEsx.Replication;

/// <summary>Checks each edge of a ring from end to end.</summary>
public static class RingChecks
{
    /// <summary>
    /// Asks both sides of each edge, logs in as a cycle does, and tries what the key must not open. Nothing is changed.
    /// A storage VM that does not answer is a failed check of its edges; the others are checked.
    /// </summary>
    public static async Task<IReadOnlyList<ZfsRingCheck>> GetAsync(
        IReadOnlyList<RingMember> members, CancellationToken ct)
    {
        RingView ring = new(members);
        Stopwatch clock = Stopwatch.StartNew();
        Answer[] answers =
            await Task.WhenAll(members.Select((_, i) => ReadAsync(ring, i, clock, ct))).ConfigureAwait(false);
        IEnumerable<ZfsRingCheck>[] checks = await Task.WhenAll(members.Select((_, i) =>
            EdgeAsync(ring, i, answers[i], answers[ring.NeighbourOf(i)], ct))).ConfigureAwait(false);
        return [.. checks.SelectMany(c => c)];
    }

    private static async Task<Answer> ReadAsync(RingView ring, int member, Stopwatch clock, CancellationToken ct)
    {
        TimeSpan before = clock.Elapsed;
        try
        {
            ReplicationState state = await ring.ReadAsync(member, [], all: true, ct).ConfigureAwait(false);
            return new Answer(state, null, before, clock.Elapsed);
        }
        catch (ZfsEsxException e)
        {
            return new Answer(null, e, before, clock.Elapsed);
        }
    }

    private static async Task<IEnumerable<ZfsRingCheck>> EdgeAsync(
        RingView ring, int member, Answer here, Answer there, CancellationToken ct)
    {
        ReplicationEdge edge = ring.Sends(member);
        if (here.State is null || there.State is null)
        {
            return [Silent(edge, (here.Failure ?? there.Failure)!)];
        }

        ZfsHost source = ring.Members[member].Host;
        ZfsHost target = ring.Members[ring.NeighbourOf(member)].Host;
        EdgeConfigText? config = here.State.EdgeTo(edge.Neighbour);
        RingReplicationOptions options =
            config?.Options(null, new RingReplicationOptions()) ?? new RingReplicationOptions();
        ReplicationTrustOptions trust = new()
        {
            UserName = options.UserName,
            Port = options.Port,
            Address = edge.NeighbourAddress,
            SourceName = edge.Source,
            NeighbourName = edge.Neighbour,
        };
        try
        {
            ZfsReplicationTrust found =
                await ReplicationTrust.GetAsync(source, target, trust, ct).ConfigureAwait(false);
            ZfsReplicationTrustTest login = await ReplicationTrust.TestAsync(source, trust, ct).ConfigureAwait(false);
            return RingCheck.Of(new EdgeFacts(edge, here.State, there.State)
            {
                TrustMissing = found.Missing,
                Login = login,
                Open = login.Succeeded
                    ? await ReplicationTrust.OpenAsync(source, trust, ct).ConfigureAwait(false)
                    : null,
                Clock = Skew(here, there),
                FileSystems = await RingReplication.GetAsync(ring, member, here.State, ct).ConfigureAwait(false),
            });
        }
        catch (ZfsEsxException e)
        {
            return [Silent(edge, e)];
        }
    }

    private static ZfsRingCheck Silent(ReplicationEdge edge, ZfsEsxException e) => new(
        edge.Source,
        edge.Neighbour,
        "Connection",
        RingCheckStatus.Failed,
        e.Message,
        "both storage VMs answer",
        e.Advice ?? "");

    // Each clock is known to within the time that its storage VM took to answer.
    private static (TimeSpan Ahead, TimeSpan Within) Skew(Answer here, Answer there)
    {
        TimeSpan between = there.State!.Now - here.State!.Now;
        TimeSpan Middle(Answer a) => TimeSpan.FromTicks((a.Before.Ticks + a.After.Ticks) / 2);
        return (
            between - (Middle(there) - Middle(here)),
            TimeSpan.FromTicks((there.After - there.Before + here.After - here.Before).Ticks / 2)
                + TimeSpan.FromSeconds(1));
    }

    private sealed record Answer(ReplicationState? State, ZfsEsxException? Failure, TimeSpan Before, TimeSpan After);
}
