using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>
/// Edges of an earlier ring: a storage VM has come between, or is gone. They end, but nothing of what they have made
/// does: neither the replica nor the common snapshot with its hold, so that the edge goes on by increments when it
/// comes back.
/// </summary>
internal static class FormerEdges
{
    /// <summary>Members that still send what this ring replicates to somebody who is not next any more.</summary>
    public static IEnumerable<(int Member, string Neighbour)> Find(
        RingView ring, IReadOnlyList<ReplicationState> states) =>
        ring.Members.SelectMany((m, i) => states[i].Configs.Values
            .Where(c => c["dataset"] == m.Node.Dataset && c["neighbour"] is { } n && n != ring.Sends(i).Neighbour)
            .Select(c => (i, c["neighbour"]!)).Where(e => ReplicaNames.IsName(e.Item2)));

    public static IEnumerable<Change> End(RingView ring, IReadOnlyList<ReplicationState> states)
    {
        foreach ((int member, string neighbour) in Find(ring, states))
        {
            RingMember source = ring.Members[member];
            yield return new Change(
                source.Host.Name,
                "End replication to " + neighbour
                    + ", which is no longer next; its replica and the common snapshot stay",
                async (_, ct) =>
                {
                    await HostCrontab.EditAsync(source.Host, text => CrontabBlock.Remove(text, neighbour), ct)
                        .ConfigureAwait(false);
                    await EdgeFiles.RemoveAsync(
                        source.Host, neighbour, ct, EdgeConfig.Folder + "/edge-" + neighbour + ".conf")
                        .ConfigureAwait(false);
                },
                stage: 1);
            int there = Index(ring, neighbour);
            if (there >= 0 && states[there].SourceFrom(source.Node.Name) is not null)
            {
                yield return new Change(
                    ring.Members[there].Host.Name,
                    "Take nothing from " + source.Node.Name
                        + " any more, which is no longer before it; its replica stays",
                    (_, ct) => RemoveAsync(
                        ring.Members[there].Host, EdgeConfig.Folder + "/source-" + source.Node.Name + ".conf", ct),
                    stage: 1);
            }
        }
    }

    public static IEnumerable<string> Warnings(RingView ring, IReadOnlyList<ReplicationState> states) =>
        Find(ring, states).Where(e => Index(ring, e.Neighbour) >= 0).Select(e =>
            ring.Members[e.Member].Node.Name + " still has its key for " + e.Neighbour + "; Remove-ZfsReplicationTrust "
            + ring.Members[e.Member].Node.Name + " -Neighbour " + e.Neighbour + " takes it away.");

    private static int Index(RingView ring, string name) =>
        ring.Members
            .Select((m, i) => (m, i))
            .Where(x => x.m.Node.Name == name)
            .Select(x => x.i)
            .DefaultIfEmpty(-1)
            .First();

    private static Task<CommandResult> RemoveAsync(ZfsHost host, string path, CancellationToken ct) => host.CheckAsync(
        new RemoteCommand("rm", "-f", path), "FileNotRemoved", host.Name, path + " cannot be removed", null, ct);
}
