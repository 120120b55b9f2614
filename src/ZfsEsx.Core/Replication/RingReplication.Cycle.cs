using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <content>A cycle that we run ourselves.</content>
public static partial class RingReplication
{
    private const string Agent = AgentFiles.Folder + "/agent.sh";

    // The cycle must outlive a lost management connection, so it runs on its own; its words and its end go to a file.
    private const string StartScript =
        """
        mkdir -p "${3%/*}" || exit 1
        rm -f "$3"
        nohup sh -c '"$1" cycle "$2" "$4" >"$3" 2>&1; echo "ended $?" >>"$3"' sh "$@" </dev/null >/dev/null 2>&1 &
        """;

    private const string PollScript =
        """
        "$1" status "$2"
        [ ! -f "$3" ] || awk '{ print "said\t" $0 }' "$3"
        """;

    /// <summary>A cycle now, on every member or on those whose names are given.</summary>
    /// <param name="members">The ring.</param>
    /// <param name="options">Only <see cref="RingReplicationOptions.CycleTimeout"/> counts here.</param>
    /// <param name="only">Names of the members that shall send; all when null.</param>
    /// <param name="ct">Ends the cycles under way, on both sides; the next ones go on from there.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>MemberNotFound</c>, <c>ReplicationNotStarted</c>, <c>OtherDataset</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsRingReplication>>> PlanInvokeAsync(
        IReadOnlyList<RingMember> members,
        RingReplicationOptions options,
        IReadOnlyList<string>? only,
        CancellationToken ct)
    {
        RingView ring = new(members);
        ring.CheckNames(only);
        IReadOnlyList<ReplicationState> states = await ring.ReadAsync(ring.ConfigPaths, ct).ConfigureAwait(false);
        List<Change> changes = [];
        for (int i = 0; i < members.Count; i++)
        {
            if (!ring.IsMeant(i, only))
            {
                continue;
            }

            if (states[i].Files.Any(f => f.Path == EdgeConfig.SourcePath(ring.Sends(i)) && f.Hash is null))
            {
                throw NotStarted(ring, i);
            }

            // The agent sends what it is configured for, whatever we call it.
            ReplicationEdge edge = ring.Sends(i);
            if (states[i].EdgeTo(edge.Neighbour)?["dataset"] is { } sent && sent != edge.SourceDataset)
            {
                throw new ZfsEsxException(
                    "OtherDataset", FailureKind.InvalidArgument, edge.SourceDataset,
                    edge.SourceDataset + " is not what " + edge.Source + " sends to " + edge.Neighbour + ": " + sent
                        + " is.",
                    "Give -FileSystem " + sent + ", or set it up with Start-ZfsRingReplication.");
            }

            changes.Add(CycleChange(ring, i, options, stage: 0));
        }

        return new Plan<IReadOnlyList<ZfsRingReplication>>(changes, c => GetAsync(members, c));
    }

    private static Change CycleChange(RingView ring, int i, RingReplicationOptions options, int stage)
    {
        ReplicationEdge edge = ring.Sends(i);
        ZfsHost host = ring.Members[i].Host;
        return new Change(
            host.Name,
            "Replicate " + edge.SourceDataset + " to " + edge.Neighbour + " now",
            (reporter, ct) => RunCycleAsync(host, edge, options.CycleTimeout, reporter, ct),
            ChangeRisk.Safe,
            stage);
    }

    internal static async Task RunCycleAsync(
        ZfsHost host, ReplicationEdge edge, TimeSpan timeout, IReporter reporter, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        string run = "by-hand-" + System.Guid.NewGuid().ToString("N");
        string said = AgentFiles.StateFolder + "/" + edge.Neighbour + ".said";
        string activity = "Replicating " + edge.SourceDataset + " from " + edge.Source + " to " + edge.Neighbour;
        try
        {
            int code;
            do
            {
                await StartCycleAsync(host, edge, said, run, limit.Token).ConfigureAwait(false);
                code = await WaitForCycleAsync(host, edge, said, run, activity, reporter, limit.Token)
                    .ConfigureAwait(false);
            }
            while (code == 75);
        }
        catch (OperationCanceledException)
        {
            // Not with the caller's token, which is cancelled: the cycle has to end on both sides. Ours, not cron's.
            await host.RunAsync(
                new RemoteCommand(Agent, "stop", edge.Neighbour, run), CancellationToken.None).ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
            throw new ZfsEsxException(
                "CycleTimeout",
                FailureKind.Timeout,
                edge.Source,
                "The cycle from " + edge.Source + " to " + edge.Neighbour + " did not end within " + timeout
                    + " and was stopped.",
                "What has arrived stays; the next cycle goes on from there.");
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    private static async Task StartCycleAsync(
        ZfsHost host, ReplicationEdge edge, string said, string run, CancellationToken ct) =>
        await host.CheckAsync(
            RemoteCommand.Script(StartScript, Agent, edge.Neighbour, said, run),
            "CycleNotStarted",
            edge.Source,
            "The cycle from " + edge.Source + " to " + edge.Neighbour + " cannot be started",
            null,
            ct).ConfigureAwait(false);

    /// <summary>Waits for the end of the cycle that we have started; 75 when another one was under way.</summary>
    private static async Task<int> WaitForCycleAsync(
        ZfsHost host,
        ReplicationEdge edge,
        string said,
        string run,
        string activity,
        IReporter reporter,
        CancellationToken ct)
    {
        for (int wait = 300; ; wait = Math.Min(wait + 100, 2000))
        {
            await Task.Delay(wait, ct).ConfigureAwait(false);

            // Without the token: cancelling a command that runs would cost the connection which has to stop the cycle.
            CommandResult answer = await host.RunAsync(
                RemoteCommand.Script(PollScript, Agent, edge.Neighbour, said), CancellationToken.None)
                .ConfigureAwait(false);
            CycleProgress progress = CycleProgress.Parse(answer.Lines);
            if (progress.Code is not { } code)
            {
                reporter.Progress(activity, progress.Status, progress.Percent);
                continue;
            }

            if (code == 75)
            {
                reporter.Progress(activity, "Another cycle is under way; waiting for its end");
                await Task.Delay(2000, ct).ConfigureAwait(false);
                return code;
            }

            if (code != 0)
            {
                throw Failure(edge, code, progress, run);
            }

            return code;
        }
    }

    private static ZfsEsxException Failure(ReplicationEdge edge, int code, CycleProgress progress, string run)
    {
        CycleReport? report = progress.Report?.Run == run ? progress.Report : null;
        string trouble = report?.Trouble() ?? (progress.Said.Length > 0
            ? progress.Said
            : "the agent ended with " + code.ToString(CultureInfo.InvariantCulture));
        return new ZfsEsxException(
            code == 1 ? "CycleIncomplete" : "CycleFailed",
            FailureKind.Failed,
            edge.Source,
            "The cycle from " + edge.Source + " to " + edge.Neighbour
                + (code == 1 ? " left something behind: " : " delivered nothing: ") + trouble + ".",
            code == 1
                ? "Get-ZfsRingReplication shows each file system; nothing was changed on replicas that differ."
                : "Get-ZfsReplicationTrust says what is missing between the two.");
    }
}
