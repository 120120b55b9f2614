using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>All replicas of one source as they are on its neighbour, with their snapshots.</summary>
internal sealed class ReplicaListing
{
    private readonly Dictionary<string, Row> _rows;

    private ReplicaListing(Dictionary<string, Row> rows) => _rows = rows;

    /// <summary>Asks the neighbour, in one round trip.</summary>
    public static async Task<ReplicaListing> ReadAsync(ZfsHost host, string root, CancellationToken ct)
    {
        RemoteCommand command = new("sh", "-c", Resource.Text("replicas.sh"), "sh", root)
        {
            Timeout = TimeSpan.FromMinutes(5)
        };
        return Parse((await host.RunAsync(command, ct).ConfigureAwait(false)).Lines);
    }

    public static ReplicaListing Parse(IEnumerable<string> lines)
    {
        Dictionary<string, Row> rows = new(StringComparer.Ordinal);
        foreach (string[] words in lines.Select(l => l.Split('\t')).Where(w => w.Length == 4))
        {
            rows[words[0]] = new Row(words[1], Number(words[2]) ?? 0, Number(words[3]));
        }

        return new ReplicaListing(rows);
    }

    /// <summary>The GUID of a snapshot, or of a replica; null when it is not there.</summary>
    public string? Guid(string name) => _rows.TryGetValue(name, out Row row) ? row.Guid : null;

    /// <summary>
    /// Snapshots of a replica that are younger than the base and might not be the source's. Our own that were taken
    /// after <paramref name="now"/> came after the source was asked; one of others that has nothing in it does no harm.
    /// </summary>
    public IEnumerable<string> Strange(string replica, string baseSnapshot, DateTimeOffset now)
    {
        if (!_rows.TryGetValue(replica + "@" + baseSnapshot, out Row known))
        {
            yield break;
        }

        string stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        foreach (KeyValuePair<string, Row> row in _rows.Where(
            r => r.Value.Made > known.Made && r.Key.StartsWith(replica + "@", StringComparison.Ordinal)))
        {
            string snapshot = row.Key.Substring(replica.Length + 1);
            if (snapshot.StartsWith(ReplicaNames.SnapshotPrefix, StringComparison.Ordinal)
                ? string.CompareOrdinal(snapshot.Substring(ReplicaNames.SnapshotPrefix.Length), stamp) <= 0
                : row.Value.Written > 0)
            {
                yield return snapshot;
            }
        }
    }

    /// <summary>Why a replica is not what the source has sent; null when it is, as far as its ZFS tells.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="strange">Its snapshots that might not be the source's.</param>
    /// <param name="known">The GUID that the source has for a snapshot of that name, or null.</param>
    public string? Divergence(string replica, IEnumerable<string> strange, Func<string, string?> known)
    {
        foreach (string snapshot in strange)
        {
            if (known(snapshot) != Guid(replica + "@" + snapshot))
            {
                return replica + " has " + snapshot + ", which the source has not.";
            }
        }

        return _rows.TryGetValue(replica, out Row row) && row.Written is > 0 and { } bytes
            ? replica + " has been written to (" + new ByteSize(bytes) + ")."
            : null;
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : null;

    private readonly record struct Row(string Guid, long Made, long? Written);
}
