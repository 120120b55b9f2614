using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZfsEsx.Build;
using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Vim;
using ZfsEsx.Zfs;

namespace ZfsEsx.Lab.Demo;

internal sealed record PoolReport(string Name, string State, string Log);

internal sealed record ShareReport(string Path, string Options);

internal sealed record DatastoreReport(string Host, bool Accessible);

internal sealed record ReplicaReport(string On, string Dataset, string? Snapshot, double? LagSeconds);

internal sealed record NodeReport(
    string Name,
    string Host,
    string Device,
    PoolReport Pool,
    ShareReport Share,
    IReadOnlyList<DatastoreReport> Datastores,
    ReplicaReport Replica);

internal sealed record CloneReport(
    string On,
    string Name,
    string Origin,
    string Snapshot,
    string MountPoint,
    string Datastore,
    IReadOnlyList<DatastoreReport> Datastores,
    string File,
    string Sha256,
    bool SameAsSource);

/// <summary>The ring as it is: every value is read back from the systems, none is what was asked for.</summary>
internal sealed record RingReport(
    IReadOnlyList<NodeReport> Nodes,
    [property: JsonPropertyName("clone")] CloneReport ReplicaClone,
    int Changes,
    int ChangingCalls,
    double Seconds)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Reads the members.</summary>
    public static async Task<IReadOnlyList<NodeReport>> ReadAsync(
        VimClient client, RingBuilder ring, RingPlan plan, CancellationToken ct)
    {
        IReadOnlyList<MoRef> hosts = await ring.VMHostsAsync(ct);
        IReadOnlyList<VmDirectPathDevice> devices = await DirectPath.GetAsync(client, hosts, ct);
        IReadOnlyList<ZfsNfsDatastore> datastores = await NfsDatastore.GetAsync(client, hosts, null, ct);
        IReadOnlyList<ZfsRingReplication> replication = await RingReplication.GetAsync(await ring.MembersAsync(ct), ct);
        return await Task.WhenAll(plan.Nodes.Select(async node =>
        {
            ZfsHost host = await ring.HostAsync(node, ct);
            Zpool pool = (await Zpools.GetAsync(host, ct)).Single(p => p.Name == node.Pool);
            ZfsNfsShare share = (await NfsShares.GetAsync(host, ct)).Single(s => s.FileSystem == node.FileSystem);
            VmDirectPathDevice device = devices.Single(
                d => d.VMHost == node.VMHost && d.UsedBy.Any(u => u.Contains(node.StorageVm)));
            ZfsRingReplication replica = replication.Single(
                r => r.ZfsHost == node.StorageVm && r.FileSystem == node.FileSystem);
            return new NodeReport(
                node.StorageVm,
                device.VMHost,
                $"{device.Id} {device.Device}: "
                    + $"{(device.Active ? "active" : device.Enabled ? "reboot pending" : "not enabled")}",
                new PoolReport(pool.Name, pool.State, string.Join(", ", pool.Log)),
                new ShareReport(share.MountPoint, share.Options),
                MountsOf(datastores, node.Datastore),
                new ReplicaReport(replica.Neighbour, replica.Replica, replica.LastSnapshot, replica.Lag?.TotalSeconds));
        }));
    }

    public static IReadOnlyList<DatastoreReport> MountsOf(IEnumerable<ZfsNfsDatastore> datastores, string name) =>
        [.. datastores.Where(d => d.Name == name && d.Mounted)
            .Select(d => new DatastoreReport(d.VMHost, d.Accessible))];

    /// <summary>
    /// Every share is mounted and accessible on every host, every replica is there, and the clone holds the file.
    /// </summary>
    [JsonIgnore]
    public bool Works => ReplicaClone.SameAsSource
        && Nodes.All(n => n.Pool.State == "ONLINE" && n.Replica.Snapshot is not null && AllReach(n.Datastores))
        && AllReach(ReplicaClone.Datastores);

    private bool AllReach(IReadOnlyList<DatastoreReport> mounts) => mounts.Count(m => m.Accessible) == Nodes.Count;

    /// <summary>A table with a line for each member, the clone, and the sum.</summary>
    public IEnumerable<string> Table()
    {
        string[][] rows =
        [
            ["NODE", "HOST", "DEVICE", "POOL", "LOG", "SHARE", "MOUNTED", "REPLICA ON", "SNAPSHOT", "LAG"],
            .. Nodes.Select(n => new[]
            {
                n.Name, n.Host, n.Device, n.Pool.Name + " " + n.Pool.State, Path.GetFileName(n.Pool.Log), n.Share.Path,
                $"{n.Datastores.Count} hosts, {n.Datastores.Count(d => d.Accessible)} accessible",
                n.Replica.On, n.Replica.Snapshot ?? "none",
                n.Replica.LagSeconds is double s ? s.ToString("0", CultureInfo.InvariantCulture) + " s" : "-",
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        return
        [
            "",
            .. rows.Select(r => string.Join("  ", r.Select((text, c) => text.PadRight(widths[c]))).TrimEnd()),
            "",
            $"clone  {ReplicaClone.Name} on {ReplicaClone.On}, of {ReplicaClone.Origin}@{ReplicaClone.Snapshot}, "
                + $"mounted as {ReplicaClone.Datastore} on {ReplicaClone.Datastores.Count} hosts",
            $"file   {ReplicaClone.File}: SHA-256 {ReplicaClone.Sha256}, "
                + (ReplicaClone.SameAsSource ? "the same as written" : "NOT what was written"),
            "",
            FormattableString.Invariant(
                $"{Changes} changes, {ChangingCalls} changing calls seen by the simulator, {Seconds:0} seconds"),
        ];
    }
}
