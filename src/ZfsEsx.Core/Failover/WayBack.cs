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

    /// <summary>What came back takes its place; the old file system is kept.</summary>
    public Task TakePlaceAsync(FailoverUnit unit, string kept, CancellationToken ct) => options.SourceHost!.CheckAsync(
        RemoteCommand.Script(
            Resource.Text("takeover.sh"), side.NameOf(unit), BackOf(unit), kept, ReplicaNames.HoldPrefix + Edge.PlanId),
        "NotTakenBack", side.NameOf(unit), "What came back cannot take the place of " + side.NameOf(unit),
        "Run the same command again: it goes on from there.", ct);

    /// <summary>Where the old file system of a unit is kept: outside of what is replicated.</summary>
    public string KeptOf(FailoverUnit unit, DateTime now) => side.Pool + "/kept/" + Flat(unit) + "-"
        + now.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    // One level below the root of the way back, whatever it was.
    private static string Flat(FailoverUnit unit) => unit.Replica.Relative.Replace('/', ':');
}
