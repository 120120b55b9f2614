using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Failover;

/// <summary>
/// The way of data from a stand-in to its old home: an edge of its own beside those of the ring, made for this and
/// taken away afterwards. What arrives is a clone of the common snapshot there, so only what was written since is sent.
/// </summary>
internal sealed class WayBack(FailoverOptions options, SourceSide side)
{
    private const int Attempts = 5;

    // Only what was sent: a clone with snapshots of ours. One that was promoted is the origin of what it shall replace.
    internal const string DropScript = ReplicaClone.DestroyFunction +
        """
        zfs list -H -o name "$1" >/dev/null 2>&1 || exit 0
        foreign=$(zfs list -H -r -t filesystem,volume,snapshot -o name "$1" | awk -v top="$1" '$1 != top && index($1, top "@zfsesx-") != 1')
        [ -z "$foreign" ] || { echo "$1 has something of its own:" $foreign >&2; exit 1; }
        [ "$(zfs get -H -o value origin "$1")" != - ] || {
          echo "$1 has begun to take its place: Complete-ZfsReplicaFailover finishes that" >&2
          exit 1
        }
        zfs receive -A "$1" 2>/dev/null
        zfs list -H -o name "$1" >/dev/null 2>&1 || exit 0
        zfs list -H -r -t snapshot -o name "$1" | while IFS= read -r snapshot; do
          zfs release "$2" "$snapshot" 2>/dev/null
          zfs destroy "$snapshot" || exit 1
        done || exit 1
        destroy "$1"
        """;

    public ReplicationEdge Edge { get; } = new(
        options.Holder.Name + ".failback", options.Source + ".failback", side.Dataset,
        side.Pool + "/failback/" + options.Holder.Name, options.SourceAddress!);

    private ReplicationTrustOptions Trust => new()
    {
        UserName = options.UserName,
        Port = options.Port,
        Address = options.SourceAddress!,
        SourceName = Edge.Source,
        NeighbourName = Edge.Neighbour,
    };

    private string Hold => ReplicaNames.HoldPrefix + Edge.PlanId;

    public string BackOf(FailoverUnit unit) => Edge.TargetRoot + "/" + Flat(unit);

    /// <summary>Lets the holder send to the source, into a place of its own there.</summary>
    public async Task OpenAsync(IReporter reporter, CancellationToken ct)
    {
        Plan<ZfsReplicationTrust> trust = await ReplicationTrust.PlanNewAsync(
            options.Holder, options.SourceHost!, Trust, ct).ConfigureAwait(false);
        await trust.RunAsync(reporter, ct).ConfigureAwait(false);
        string config = EdgeConfig.ForTarget(
            Edge,
            new RingReplicationOptions { KeepOnReplica = 100000, UserName = options.UserName, Port = options.Port });
        await HostFiles.WriteAsync(
            options.SourceHost!, [WantedFile.Text(EdgeConfig.TargetPath(Edge), config, "0644")], ct)
            .ConfigureAwait(false);
    }

    public async Task CloseAsync(IReporter reporter, CancellationToken ct)
    {
        Plan<ZfsReplicationTrust> trust = await ReplicationTrust.PlanRemoveAsync(
            options.Holder, options.SourceHost!, Trust, ct).ConfigureAwait(false);
        await trust.RunAsync(reporter, ct).ConfigureAwait(false);
    }

    /// <summary>Sends what is new; what a broken run has left is finished first.</summary>
    public async Task SendAsync(FailoverUnit unit, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            RemoteCommand send = RemoteCommand.Script(
                Resource.Text("failback-send.sh"), Edge.Neighbour, options.SourceAddress!,
                options.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), options.UserName, Edge.Source,
                Flat(unit), unit.CloneName);
            CommandResult answer = await options.Holder.CheckAsync(
                new RemoteCommand(send.Words) { Timeout = options.SendTimeout }, "NotSentHome", unit.CloneName,
                "What was written to " + unit.CloneName + " cannot be sent to " + options.Source,
                "Run the same command again: it goes on from there.", ct).ConfigureAwait(false);
            if (answer.Lines.Contains("SENT"))
            {
                return;
            }

            if (attempt == Attempts)
            {
                throw new ZfsEsxException(
                    "NotSentHome", FailureKind.Failed, unit.CloneName,
                    "What was written to " + unit.CloneName + " is not all at " + options.Source + ".",
                    "Run the same command again: it goes on from there.");
            }
        }
    }

    /// <summary>Destroys what was sent and has not taken its place.</summary>
    public Task DropAsync(string name, CancellationToken ct) => options.SourceHost!.CheckAsync(
        RemoteCommand.Script(DropScript, name, Hold), "NotTidied", name, name + " cannot be destroyed", null, ct);

    /// <summary>The place of what is sent goes, with what the source knows of it.</summary>
    public Task ForgetAsync(CancellationToken ct) => options.SourceHost!.CheckAsync(
        RemoteCommand.Script(
            "rm -f \"$2\"; zfs destroy \"$1\" 2>/dev/null || :", Edge.TargetRoot, EdgeConfig.TargetPath(Edge)),
        "NotTidied", Edge.TargetRoot, "What the way back has left cannot be removed", null, ct);

    /// <summary>What came back takes its place; the old file system is kept.</summary>
    public Task TakePlaceAsync(
        FailoverUnit unit, string kept, string? fence, CancellationToken ct) => options.SourceHost!.CheckAsync(
        RemoteCommand.Script(
            Resource.Text("takeover.sh"), side.NameOf(unit), BackOf(unit), kept, Hold, SourceSide.RoleAtHome(fence)),
        "NotTakenBack", side.NameOf(unit), "What came back cannot take the place of " + side.NameOf(unit),
        "Run the same command again: it goes on from there.", ct);

    /// <summary>Where the old file system of a unit is kept: outside of what is replicated.</summary>
    public string KeptOf(FailoverUnit unit, DateTime now) => side.Pool + "/kept/" + Flat(unit) + "-"
        + now.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    // One level below the root of the way back, whatever it was.
    private static string Flat(FailoverUnit unit) => unit.Replica.Relative.Replace('/', ':');
}
