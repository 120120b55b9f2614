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
    /// <summary>Something has been delivered on this edge before.</summary>
    public bool Delivered => Base.Count > 0;
}

/// <summary>Reads a storage VM's part of the ring in one round trip.</summary>
internal static class ReplicationProbe
{
    private const string Script = HostFiles.FoundFunction +
        """
        nb=$1 dataset=$2 root=$3
        shift 3
        state=/var/lib/zfsesx
        printf 'NOW\t%s\n' "$(date '+%Y-%m-%dT%H:%M:%S%z')"
        command -v crontab >/dev/null && echo CRONTAB && crontab -l 2>/dev/null | awk '{ print "CRON\t" $0 }'
        zfs list -H -r -t filesystem,volume -o name "$dataset" 2>/dev/null | awk '{ print "FS\t" $0 }'
        zfs list -H -o name "${root%%/*}" >/dev/null 2>&1 && echo POOL
        mark=$(zfs get -H -o value zfsesx:source "$root" 2>/dev/null) && printf 'ROOT\t%s\n' "$mark"
        [ ! -f "$state/$nb.status" ] || tail -n 1 "$state/$nb.status" | awk '{ print "REPORT\t" $0 }'
        if [ -s "$state/$nb.base" ]; then
          awk '{ print "BASE\t" $0 }' "$state/$nb.base"
          awk -F '\t' '{ print "\047" $1 "@" $3 "\047" }' "$state/$nb.base" |
            xargs -n 100 zfs get -Hp -o name,property,value guid,creation 2>/dev/null | awk '{ print "SNAP\t" $0 }'
        fi
        found "$@"
        exit 0
        """;

    private const string GuidScript =
        """
        sed "s/.*/'&'/" | xargs -n 100 zfs get -Hp -o name,value guid 2>/dev/null
        exit 0
        """;

    /// <summary>Asks a member about the edge on which it sends and the root into which it receives.</summary>
    public static async Task<ReplicationState> ReadAsync(
        ZfsHost host, ReplicationEdge sends, ReplicationEdge receives, IEnumerable<string> paths, CancellationToken ct)
    {
        RemoteCommand command = RemoteCommand.Script(
            Script, [sends.Neighbour, sends.SourceDataset, receives.TargetRoot, .. paths]);
        CommandResult answer = await host.CheckAsync(
            command, "ReplicationUnreadable", host.Name, "The replication of " + host.Name + " cannot be read", null, ct)
            .ConfigureAwait(false);
        return Parse(host.Name, sends, answer.Lines);
    }

    /// <summary>The GUIDs of snapshots on a storage VM, in one round trip; those that do not exist are missing.</summary>
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
            [.. by["BASE"].Select(l => l.Split('\t')).Where(w => w.Length == 4)],
            by["REPORT"].Select(CycleReport.Parse).FirstOrDefault(),
            [.. by["FS"]],
            Snapshots(by["SNAP"]));
    }

    private static Dictionary<string, (string Guid, long Creation)> Snapshots(IEnumerable<string> lines)
    {
        Dictionary<string, (string Guid, long Creation)> snapshots = new(StringComparer.Ordinal);
        foreach (string[] words in lines.Select(l => l.Split('\t')).Where(w => w.Length == 3))
        {
            snapshots.TryGetValue(words[0], out (string Guid, long Creation) known);
            snapshots[words[0]] = words[1] switch
            {
                "guid" => (words[2], known.Creation),
                "creation" when long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long t) => (known.Guid, t),
                _ => known,
            };
        }

        return snapshots;
    }

    private static DateTimeOffset Clock(string host, string? text) =>
        text is { Length: 24 } && DateTimeOffset.TryParseExact(
            text.Insert(22, ":"), "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset now)
            ? now
            : throw new ZfsEsxException(
                "ReplicationUnreadable",
                FailureKind.Failed,
                host,
                host + " did not tell its time: '" + text + "'.");
}
