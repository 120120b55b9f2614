using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>What a storage VM says about its two edges: the one it sends on and the one it receives on.</summary>
internal sealed record ReplicationState(
    IReadOnlyList<FoundFile> Files,
    string? Crontab,
    bool DatasetExists,
    bool TargetPoolExists,
    string? TargetRootMark,
    DateTimeOffset Now,
    IReadOnlyList<string[]> Base,
    CycleReport? Report,
    IReadOnlyList<string> FileSystems,
    IReadOnlyDictionary<string, (string Guid, long Creation)> Snapshots)
{
    /// <summary>The agent's configuration files, by name: <c>edge-uss2.conf</c>, <c>source-uss3.conf</c>.</summary>
    public IReadOnlyDictionary<string, EdgeConfigText> Configs { get; init; } =
        new Dictionary<string, EdgeConfigText>();

    /// <summary>The next change of the storage VM's clocks, when one is near and its system can tell it.</summary>
    public ClockChange? Clocks { get; init; }

    /// <summary>What only a check or a start asks for; null otherwise.</summary>
    public ReplicationFacts? Facts { get; init; }

    /// <summary>What the source's configuration for this neighbour says; null without one.</summary>
    public EdgeConfigText? EdgeTo(string neighbour) =>
        Configs.TryGetValue("edge-" + neighbour + ".conf", out EdgeConfigText? config) ? config : null;

    /// <summary>What the receiving side's configuration for this source says; null without one.</summary>
    public EdgeConfigText? SourceFrom(string source) =>
        Configs.TryGetValue("source-" + source + ".conf", out EdgeConfigText? config) ? config : null;

    /// <summary>Something has been delivered on this edge before.</summary>
    public bool Delivered => Base.Count > 0;
}

/// <summary>What a storage VM says about space, cron and the replicas that it keeps.</summary>
/// <param name="Used">What the data set that is sent takes up with its snapshots, where ZFS tells it.</param>
/// <param name="Free">What the pool of the replicas has left.</param>
/// <param name="Replicas">Name, mounted, readonly and sharenfs of each replica.</param>
/// <param name="CronRefused">root may not use crontab.</param>
/// <param name="CronRuns">A cron is running.</param>
/// <param name="CronZone">
/// The file of the time zone that was changed after cron was started; null when none was.
/// </param>
internal sealed record ReplicationFacts(
    ByteSize? Used,
    ByteSize? Free,
    IReadOnlyList<string[]> Replicas,
    bool CronRefused,
    bool CronRuns,
    string? CronZone);

/// <summary>Reads a storage VM's part of the ring in one round trip.</summary>
internal static class ReplicationProbe
{
    private static readonly string s_script = HostFiles.FoundFunction + Resource.Text("clocks.sh") + Resource.Text("ring.sh");

    private const string GuidScript =
        """
        sed "s/.*/'&'/" | xargs -n 100 zfs get -Hp -o name,value guid 2>/dev/null
        exit 0
        """;

    /// <summary>Asks a member about the edge on which it sends and the root into which it receives.</summary>
    public static async Task<ReplicationState> ReadAsync(
        ZfsHost host,
        ReplicationEdge sends,
        ReplicationEdge receives,
        IEnumerable<string> paths,
        bool all,
        CancellationToken ct)
    {
        RemoteCommand command = RemoteCommand.Script(
            s_script, [all ? "all" : "-", sends.Neighbour, sends.SourceDataset, receives.TargetRoot, .. paths]);
        CommandResult answer = await host.CheckAsync(
            command, "ReplicationUnreadable", host.Name,
            "The replication of " + host.Name + " cannot be read", null, ct)
            .ConfigureAwait(false);
        return Parse(host.Name, sends, answer.Lines);
    }

    /// <summary>
    /// The GUIDs of snapshots on a storage VM, in one round trip; those that do not exist are missing.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, string>> GuidsAsync(
        ZfsHost host, IReadOnlyCollection<string> snapshots, CancellationToken ct)
    {
        Dictionary<string, string> guids = new(StringComparer.Ordinal);
        if (snapshots.Count == 0)
        {
            return guids;
        }

        RemoteCommand command = new("sh", "-c", GuidScript)
        {
            Input = System.Text.Encoding.UTF8.GetBytes(string.Join("\n", snapshots) + "\n"),
        };
        CommandResult answer = await host.RunAsync(command, ct).ConfigureAwait(false);
        foreach (string[] words in answer.Lines.Select(l => l.Split('\t')).Where(w => w.Length == 2))
        {
            guids[words[0]] = words[1];
        }

        return guids;
    }

    internal static ReplicationState Parse(string host, ReplicationEdge sends, string[] lines)
    {
        ILookup<string, string> by = lines.ToLookup(l => l.Split('\t')[0], l => l.Substring(l.IndexOf('\t') + 1));
        return new ReplicationState(
            HostFiles.Parse(lines),
            by.Contains("CRONTAB") ? string.Concat(by["CRON"].Select(l => l + "\n")) : null,
            by["FS"].Contains(sends.SourceDataset),
            by.Contains("POOL"),
            by["ROOT"].FirstOrDefault(),
            Clock(host, by["NOW"].FirstOrDefault()),
            [.. by["BASE"].Select(l => l.Split('\t')).Where(w => w.Length == 4
                && (w[0] + "/").StartsWith(sends.SourceDataset + "/", StringComparison.Ordinal))],
            by["REPORT"].Select(CycleReport.Parse).FirstOrDefault(),
            [.. by["FS"]],
            Snapshots(by["SNAP"]))
        {
            Configs = by["CONF"].Select(l => l.Split(['\t'], 2)).Where(w => w.Length == 2).GroupBy(w => w[0], w => w[1])
                .ToDictionary(g => g.Key, EdgeConfigText.Parse, StringComparer.Ordinal),
            Clocks = ClockChange.Parse(by["CLOCKS"].FirstOrDefault()),
            Facts = by.Contains("USED") ? Facts(by) : null,
        };
    }

    private static ReplicationFacts Facts(ILookup<string, string> by) => new(
        Size(by["USED"].First()),
        Size(by["FREE"].FirstOrDefault()),
        [.. by["REPLICA"].Select(l => l.Split('\t')).Where(w => w.Length == 4)],
        by.Contains("CRONREFUSED"),
        by.Contains("CRONRUNS"),
        by["CRONZONE"].FirstOrDefault());

    private static ByteSize? Size(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? new ByteSize(n) : null;

    private static Dictionary<string, (string Guid, long Creation)> Snapshots(IEnumerable<string> lines)
    {
        Dictionary<string, (string Guid, long Creation)> snapshots = new(StringComparer.Ordinal);
        foreach (string[] words in lines.Select(l => l.Split('\t')).Where(w => w.Length == 3))
        {
            snapshots.TryGetValue(words[0], out (string Guid, long Creation) known);
            snapshots[words[0]] = words[1] switch
            {
                "guid" => (words[2], known.Creation),
                "creation" when long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long t) =>
                    (known.Guid, t),
                _ => known,
            };
        }

        return snapshots;
    }

    private static DateTimeOffset Clock(string host, string? text) =>
        text is { Length: 24 } && DateTimeOffset.TryParseExact(
            text.Insert(22, ":"),
            "yyyy-MM-dd'T'HH:mm:sszzz",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out DateTimeOffset now)
            ? now
            : throw new ZfsEsxException(
                "ReplicationUnreadable",
                FailureKind.Failed,
                host,
                host + " did not tell its time: '" + text + "'.");
}
