using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>Clocks go forward or back: summer time begins or ends on a storage VM.</summary>
/// <param name="At">The moment of it.</param>
/// <param name="Offset">From UTC, from then on.</param>
internal sealed record ClockChange(DateTimeOffset At, TimeSpan Offset)
{
    /// <summary>Seconds since 1970, a tab, and an offset as in <c>+0200</c>; null for anything else.</summary>
    public static ClockChange? Parse(string? text)
    {
        string[] words = (text ?? "").Split('\t');
        return words.Length == 2
            && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds < 253402300800
            && words[1].Length == 5
            && DateTimeOffset.TryParseExact(
                "2000-01-01T00:00:00" + words[1].Insert(3, ":"), "yyyy-MM-dd'T'HH:mm:sszzz",
                CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset day)
            ? new ClockChange(DateTimeOffset.FromUnixTimeSeconds(seconds), day.Offset)
            : null;
    }

    /// <summary>
    /// When cron starts what is due at a local time: once; twice in the hour that comes twice when it is due every hour;
    /// right after the change in the hour that is left out (cron of Debian and the BSDs).
    /// </summary>
    public IEnumerable<DateTimeOffset> Starts(DateTime local, TimeSpan before, bool everyHour)
    {
        DateTimeOffset old = new(local, before), now = new(local, Offset);
        if (old < At)
        {
            yield return old;
        }

        if (now >= At && (old >= At || everyHour))
        {
            yield return now;
        }

        if (now < At && old >= At && !everyHour)
        {
            yield return At.ToOffset(Offset);
        }
    }
}
