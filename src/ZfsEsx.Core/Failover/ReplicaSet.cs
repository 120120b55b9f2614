using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Failover;

/// <summary>A replica with its newest snapshot.</summary>
/// <param name="Relative">Its name below the source's pool: <c>nas/vol0</c>.</param>
/// <param name="Dataset">The replica: <c>sp2/replica/uss1/nas/vol0</c>.</param>
/// <param name="Snapshot">Its newest snapshot, the part after @; empty when there is none.</param>
/// <param name="Taken">When that was taken, UTC by the source's clock.</param>
/// <param name="Current">
/// As of when it has all that was written, UTC by the source's clock: what a quiet share gets no new snapshot for.
/// </param>
internal sealed record ReplicaFile(
    string Relative, string Dataset, string Snapshot, DateTime Taken, DateTime Current);

/// <summary>A clone that stands in for a lost file system, or is tested as if it did.</summary>
/// <param name="Dataset">The clone.</param>
/// <param name="Origin">Replica and snapshot.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Mounted">It is.</param>
/// <param name="Datastore">The datastore that it is mounted as, or shall be.</param>
/// <param name="Role">
/// <c>primary</c> once it is complete, <c>new</c> before, <c>ended</c> while it is destroyed, <c>test</c> for a test.
/// </param>
internal sealed record StandIn(
    string Dataset, string Origin, string MountPoint, bool Mounted, string Datastore, string Role)
{
    public string Replica => Origin.Split('@')[0];

    public bool IsTest => Role == "test";
}

/// <summary>The replicas of one source, as their storage VM tells.</summary>
/// <param name="Source">The storage VM that they are of.</param>
/// <param name="Now">By the clock of the one that has them.</param>
/// <param name="Fence">Since when they take no increments, as it was noted; null when they do.</param>
/// <param name="Root">What they are below.</param>
/// <param name="Replicas">The replicas.</param>
/// <param name="StandIns">Clones of them.</param>
internal sealed record ReplicaSet(
    string Source, DateTime Now, string? Fence, string? Root, IReadOnlyList<ReplicaFile> Replicas,
    IReadOnlyList<StandIn> StandIns)
{
    /// <summary>The replicas take no increments.</summary>
    public bool Fenced => Fence is not null;

    public static async Task<ReplicaSet> ReadAsync(ZfsHost host, string source, CancellationToken ct)
    {
        ReplicaNames.CheckName(source, "the name of a storage VM");
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Resource.Text("replica-set.sh"), source), "ReplicasUnreadable", host.Name,
            "The replicas on " + host.Name + " cannot be read", null, ct).ConfigureAwait(false);
        return Parse(source, answer.Lines);
    }

    /// <summary>The stand-in of a replica, for real or for a test.</summary>
    public StandIn? For(ReplicaFile replica, bool test) =>
        StandIns.FirstOrDefault(s => s.Replica == replica.Dataset && s.IsTest == test);

    internal static ReplicaSet Parse(string source, IEnumerable<string> lines)
    {
        ILookup<string, string[]> by = lines.Select(l => l.Split('\t')).ToLookup(w => w[0], w => w.Skip(1).ToArray());
        DateTime asOf = CycleReport.Time(by["ASOF"].FirstOrDefault()?[0]) ?? default;
        string? root = by["REPLICA"].FirstOrDefault()?[0];
        Dictionary<string, (long Txg, long Taken)> snapshots = [];
        foreach (string[] row in by["SNAP"].Where(w => w.Length == 3))
        {
            snapshots.TryGetValue(row[0], out (long Txg, long Taken) known);
            long.TryParse(row[2], NumberStyles.None, CultureInfo.InvariantCulture, out long n);
            snapshots[row[0]] = row[1] == "createtxg" ? (n, known.Taken) : (known.Txg, n);
        }

        ILookup<string, KeyValuePair<string, (long Txg, long Taken)>> own =
            snapshots.ToLookup(s => s.Key.Split('@')[0]);
        return new ReplicaSet(
            source,
            CycleReport.Time(by["NOW"].FirstOrDefault()?[0]) ?? default,
            by["FENCED"].FirstOrDefault() is { } fence ? string.Join(" ", fence) : null,
            root,
            [
                .. by["REPLICA"].Skip(1).Select(w => w[0]).Select(dataset =>
                {
                    KeyValuePair<string, (long Txg, long Taken)> newest =
                        own[dataset].OrderByDescending(s => s.Value.Txg).FirstOrDefault();
                    DateTime taken =
                        new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(newest.Value.Taken);
                    return new ReplicaFile(
                        dataset.Substring(root!.Length + 1), dataset, newest.Key?.Substring(dataset.Length + 1) ?? "",
                        taken, newest.Key is not null && asOf > taken ? asOf : taken);
                }),
            ],
            [
                .. by["CLONE"].Where(w => w.Length == 6 && root is not null
                    && w[1].StartsWith(root + "/", StringComparison.Ordinal))
                    .Select(w => new StandIn(w[0], w[1], w[2], w[3] == "yes", w[4], w[5])),
            ]);
    }
}
