using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>
/// When a cycle runs: minutes of the hour, and hours of the day where not every hour. Lists only, because the cron of
/// the Solaris family knows no steps (<c>*/5</c>).
/// </summary>
public sealed class ReplicationSchedule : IEquatable<ReplicationSchedule>
{
    private ReplicationSchedule(IReadOnlyList<int> minutes, IReadOnlyList<int> hours)
    {
        Minutes = minutes;
        Hours = hours;
    }

    /// <summary>Minutes of the hour, ascending.</summary>
    public IReadOnlyList<int> Minutes { get; }

    /// <summary>Hours of the day, ascending; empty means every hour.</summary>
    public IReadOnlyList<int> Hours { get; }

    /// <summary>At these minutes of these hours (every hour when none is given).</summary>
    /// <exception cref="ZfsEsxException"><c>BadSchedule</c>.</exception>
    public static ReplicationSchedule At(IEnumerable<int> minutes, IEnumerable<int>? hours = null)
    {
        int[] m = [.. minutes.Distinct().OrderBy(x => x)];
        int[] h = [.. (hours ?? []).Distinct().OrderBy(x => x)];
        if (m.Length == 0 || m[0] < 0 || m[m.Length - 1] > 59 || h.Any(x => x is < 0 or > 23))
        {
            throw Bad(
                string.Join(",", m) + " " + string.Join(",", h), "Minutes are 0 to 59, at least one; hours are 0 to 23.");
        }

        return new ReplicationSchedule(m, h.Length == 24 ? [] : h);
    }

    /// <summary>Every so many minutes (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60) or hours (1, 2, 3, 4, 6, 8, 12, 24).</summary>
    /// <param name="interval">The distance between two cycles.</param>
    /// <param name="minuteOffset">Minute of the first cycle in the hour, so that storage VMs need not all start at once.</param>
    /// <exception cref="ZfsEsxException"><c>BadSchedule</c>.</exception>
    public static ReplicationSchedule Every(TimeSpan interval, int minuteOffset = 0)
    {
        long minutes = interval.Ticks / TimeSpan.TicksPerMinute;
        bool whole = interval.Ticks % TimeSpan.TicksPerMinute == 0 && minutes > 0;
        if (whole && minutes <= 60 && 60 % minutes == 0)
        {
            int step = (int)minutes;
            return At(Enumerable.Range(0, 60 / step).Select(i => ((i * step) + minuteOffset % step + step) % 60));
        }

        if (whole && minutes % 60 == 0 && minutes <= 1440 && 1440 % minutes == 0)
        {
            int step = (int)minutes / 60;
            return At([((minuteOffset % 60) + 60) % 60], Enumerable.Range(0, 24 / step).Select(i => i * step));
        }

        throw Bad(interval.ToString(), "A cycle can run every 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes or every 1, 2, 3, 4, 6, 8, 12 or 24 hours.");
    }

    /// <summary>Once a day.</summary>
    public static ReplicationSchedule Daily(int hour, int minute) => At([minute], [hour]);

    /// <summary>The five time fields of a crontab line.</summary>
    public string CronFields => Join(Minutes) + " " + (Hours.Count == 0 ? "*" : Join(Hours)) + " * * *";

    /// <summary>Reads the time fields of one of our own crontab lines; null for anything else.</summary>
    internal static ReplicationSchedule? FromCronFields(string minutes, string hours)
    {
        int[]? m = Numbers(minutes, 59);
        int[]? h = hours == "*" ? [] : Numbers(hours, 23);
        return m is null || h is null ? null : new ReplicationSchedule(m, h);
    }

    /// <summary>The first moment after <paramref name="now"/> (the storage VM's own clock and zone) at which cron starts a cycle.</summary>
    public DateTimeOffset NextAfter(DateTimeOffset now)
    {
        DateTimeOffset t = new(now.Year, now.Month, now.Day, now.Hour, now.Minute, 0, now.Offset);
        do
        {
            t = t.AddMinutes(1);
        }
        while (!Minutes.Contains(t.Minute) || (Hours.Count > 0 && !Hours.Contains(t.Hour)));

        return t;
    }

    /// <inheritdoc/>
    public bool Equals(ReplicationSchedule? other) => other is not null && other.CronFields == CronFields;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReplicationSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(CronFields);

    /// <summary>In words: <c>every 5 minutes</c>, <c>daily at 23:59</c>.</summary>
    public override string ToString()
    {
        if (Hours.Count == 1 && Minutes.Count == 1)
        {
            return string.Format(CultureInfo.InvariantCulture, "daily at {0:00}:{1:00}", Hours[0], Minutes[0]);
        }

        if (Hours.Count == 0 && Minutes.Count == 1)
        {
            return string.Format(CultureInfo.InvariantCulture, "every hour at minute {0}", Minutes[0]);
        }

        if (Hours.Count == 0 && 60 % Minutes.Count == 0)
        {
            int step = 60 / Minutes.Count;
            if (Minutes.Select((m, i) => m - (i * step)).Distinct().Count() == 1)
            {
                return step == 1 ? "every minute" : "every " + step.ToString(CultureInfo.InvariantCulture) + " minutes";
            }
        }

        return Hours.Count == 0 ? "every hour at minutes " + Join(Minutes) : "at minutes " + Join(Minutes) + " of hours " + Join(Hours);
    }

    private static int[]? Numbers(string list, int most)
    {
        List<int> numbers = [];
        foreach (string part in list.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int n) || n > most)
            {
                return null;
            }

            numbers.Add(n);
        }

        return [.. numbers.Distinct().OrderBy(x => x)];
    }

    private static string Join(IEnumerable<int> numbers) =>
        string.Join(",", numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)));

    private static ZfsEsxException Bad(string target, string message) =>
        new("BadSchedule", FailureKind.InvalidArgument, target, message);
}
