using ZfsEsx.Esx;

namespace ZfsEsx.Failover;

/// <summary>One file system with everything that is known of it.</summary>
internal sealed record FailoverUnit
{
    public required ReplicaFile Replica { get; init; }

    /// <summary>The datastore's own name.</summary>
    public required string Datastore { get; init; }

    /// <summary>The source's datastore, as far as it is still in the inventory.</summary>
    public DatastoreFact? Old { get; init; }

    /// <summary>The stand-in's datastore, once it is mounted anywhere.</summary>
    public DatastoreFact? New { get; init; }

    public StandIn? StandIn { get; init; }

    /// <summary>The clone that stands in, or will.</summary>
    public required string CloneName { get; init; }

    public required string MountPoint { get; init; }

    /// <summary>What it is mounted as: the own name, or a test's.</summary>
    public required string MountName { get; init; }
}

/// <summary>Which replica is which datastore. Pure.</summary>
internal static class FailoverUnits
{
    /// <param name="set">The replicas.</param>
    /// <param name="stores">All datastores of the inventory.</param>
    /// <param name="holderAddress">The server whose datastores are stand-ins.</param>
    /// <param name="wanted">Names of file systems; all when empty.</param>
    /// <param name="named">Datastores of file systems, where the user said them.</param>
    /// <param name="test">Names of a test.</param>
    /// <param name="left">Takes replicas without a datastore.</param>
    /// <exception cref="ZfsEsxException"><c>ReplicaNotFound</c>, <c>DatastoreUnknown</c>.</exception>
    public static IReadOnlyList<FailoverUnit> Of(
        ReplicaSet set, IReadOnlyList<DatastoreFact> stores, string holderAddress, IReadOnlyList<string> wanted,
        IReadOnlyDictionary<string, string> named, bool test, ICollection<string> left)
    {
        if (set.Root is null || set.Replicas.Count == 0)
        {
            throw new ZfsEsxException(
                "ReplicaNotFound", FailureKind.NotFound, set.Source,
                "There are no replicas of " + set.Source + " on this storage VM.",
                "Give the storage VM that holds them: Get-ZfsRingReplication shows it.");
        }

        if (wanted.FirstOrDefault(w => !set.Replicas.Any(r => r.Relative == w)) is string missing)
        {
            throw new ZfsEsxException(
                "ReplicaNotFound", FailureKind.NotFound, missing,
                "There is no replica of " + missing + " of " + set.Source + ".",
                "There are: " + string.Join(", ", set.Replicas.Select(r => r.Relative)) + ".");
        }

        List<FailoverUnit> units = [];
        foreach (ReplicaFile replica in set.Replicas.Where(r => wanted.Count == 0 || wanted.Contains(r.Relative)))
        {
            StandIn? standIn = set.For(replica, test);
            DatastoreFact? old = stores.FirstOrDefault(d => d.IsNfs && !d.Servers.Contains(holderAddress)
                && (named.TryGetValue(replica.Relative, out string? name) ? Inventory.Same(d.Name, name)
                    : Matches(d, set.Source, replica.Relative)));
            string? own = named.TryGetValue(replica.Relative, out string? said) ? said
                : standIn is { IsTest: false } ? standIn.Datastore : old is null ? null : OwnName(old);
            if (own is null)
            {
                // What only holds others is nobody's datastore.
                if (!set.Replicas.Any(r => r.Relative.StartsWith(replica.Relative + "/", StringComparison.Ordinal)))
                {
                    left.Add(replica.Relative);
                }
            }
            else if (replica.Snapshot.Length == 0)
            {
                left.Add(replica.Relative + " (it has no snapshot)");
            }
            else
            {
                units.Add(Unit(set, stores, holderAddress, replica, standIn, old, own, test));
            }
        }

        return units.Count > 0 ? units : throw new ZfsEsxException(
            "DatastoreUnknown", FailureKind.NotFound, set.Source,
            "No replica of " + set.Source + " belongs to a datastore that is known: " + string.Join(", ", left) + ".",
            "Say which datastore a file system is: -Datastore @{ 'nas/vol0' = 'uss1-nas-vol0' }.");
    }

    private static FailoverUnit Unit(
        ReplicaSet set, IReadOnlyList<DatastoreFact> stores, string holderAddress, ReplicaFile replica,
        StandIn? standIn, DatastoreFact? old, string own, bool test)
    {
        string pool = replica.Dataset.Substring(0, replica.Dataset.IndexOf('/'));
        string flat = set.Source + "-" + Flat(replica.Relative);
        string mountPoint = standIn?.MountPoint ?? "/export/" + flat + (test ? "-test" : string.Empty);
        return new FailoverUnit
        {
            Replica = replica,
            Datastore = own,
            Old = old,
            New = stores.FirstOrDefault(d => d.IsNfs && d.Servers.Contains(holderAddress)
                && d.RemotePath.TrimEnd('/') == mountPoint),
            StandIn = standIn,
            CloneName = standIn?.Dataset
                ?? pool + (test ? "/failover-test/" : "/failover/") + set.Source + "/" + replica.Relative,
            MountPoint = mountPoint,
            MountName = test ? "test-" + own : own,
        };
    }

    // By the last part of its path, or by its name; vCenter puts a number behind a name that is taken.
    private static bool Matches(DatastoreFact store, string source, string relative)
    {
        string flat = source + "-" + Flat(relative);
        string last = store.RemotePath.TrimEnd('/').Split('/').Last();
        return Inventory.Same(last, flat) || Inventory.Same(OwnName(store), flat);
    }

    private static string OwnName(DatastoreFact store)
    {
        string name = store.Name;
        int at = name.LastIndexOf(" (", StringComparison.Ordinal);
        return at > 0 && name.EndsWith(")", StringComparison.Ordinal) ? name.Substring(0, at) : name;
    }

    private static string Flat(string relative) => relative.Replace('/', '-').Replace(':', '-');
}
