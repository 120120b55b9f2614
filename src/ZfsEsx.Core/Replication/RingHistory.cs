using System.Globalization;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>What replication on one edge did on one day.</summary>
/// <param name="ZfsHost">The storage VM that sends.</param>
/// <param name="Neighbour">The one that receives.</param>
/// <param name="Day">The day, UTC.</param>
public sealed record ZfsRingHistory(string ZfsHost, string Neighbour, DateTime Day)
{
    /// <summary>Cycles that ended on this day.</summary>
    public int Cycles { get; init; }

    /// <summary>Of these, those that did not deliver everything.</summary>
    public int Failures { get; init; }

    /// <summary>Bytes sent, as far as the source's ZFS tells them.</summary>
    public ByteSize Sent { get; init; }

    /// <summary>How long all cycles took together.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How long the longest took.</summary>
    public TimeSpan LongestDuration { get; init; }

    /// <summary>
    /// How old the replica was at the worst, before a cycle delivered everything; null when none did.
    /// </summary>
    public TimeSpan? LongestLag { get; init; }
}

/// <summary>The ring's past, from what the agents have written down.</summary>
public static class RingHistory
{
    private const string Script =
        """
        for file in /var/lib/zfsesx/"$1".history-[0-9]*; do
          [ ! -f "$file" ] || awk -v since="$2" '$1 >= since' "$file"
        done
        exit 0
        """;

    /// <summary>One object for each edge and day, oldest first. One round trip per member.</summary>
    /// <param name="members">The ring.</param>
    /// <param name="since">The first day, UTC.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async Task<IReadOnlyList<ZfsRingHistory>> GetAsync(
        IReadOnlyList<RingMember> members, DateTime since, CancellationToken ct)
    {
        RingView ring = new(members);
        // A day more: how old the first delivery's forerunner was.
        string from = since.Date.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        IReadOnlyList<ZfsRingHistory>[] days = await Task.WhenAll(members.Select(async (m, i) =>
        {
            string neighbour = ring.Sends(i).Neighbour;
            CommandResult answer = await m.Host.CheckAsync(
                RemoteCommand.Script(Script, neighbour, from),
                "HistoryUnreadable", m.Node.Name,
                "The history of replication to " + neighbour + " cannot be read", null, ct)
                .ConfigureAwait(false);
            return Days(m.Node.Name, neighbour, answer.Lines, since.Date);
        })).ConfigureAwait(false);
        return [.. days.SelectMany(d => d)];
    }

    /// <summary>
    /// Reads the agent's lines: end, code, seconds, bytes, delivered, not delivered, instant of the data. Pure.
    /// </summary>
    internal static IReadOnlyList<ZfsRingHistory> Days(
        string host, string neighbour, IEnumerable<string> lines, DateTime since)
    {
        SortedDictionary<DateTime, ZfsRingHistory> days = [];
        DateTime? asOf = null;
        foreach (string[] words in lines.Select(l => l.Split('\t')).Where(w => w.Length == 7))
        {
            if (CycleReport.Time(words[0]) is not { } end || Number(words[1]) is not { } code)
            {
                continue;
            }

            if (!days.TryGetValue(end.Date, out ZfsRingHistory day))
            {
                day = new ZfsRingHistory(host, neighbour, end.Date);
            }

            TimeSpan took = TimeSpan.FromSeconds(Number(words[2]) ?? 0);
            TimeSpan? lag = code == 0 && asOf is { } before ? end - before : null;
            days[end.Date] = day with
            {
                Cycles = day.Cycles + 1,
                Failures = day.Failures + (code == 0 ? 0 : 1),
                Sent = new ByteSize(day.Sent.Bytes + (Number(words[3]) ?? 0)),
                Duration = day.Duration + took,
                LongestDuration = took > day.LongestDuration ? took : day.LongestDuration,
                LongestLag = lag is { } l && !(day.LongestLag > l) ? l : day.LongestLag,
            };
            asOf = code == 0 ? CycleReport.Time(words[6]) ?? asOf : asOf;
        }

        return [.. days.Values.Where(d => d.Day >= since)];
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : null;
}
