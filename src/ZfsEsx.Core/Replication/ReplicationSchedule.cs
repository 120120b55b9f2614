using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>
/// When a cycle runs: minutes of the hour, hours of the day where not every hour, days of the week where not every day.
/// Lists only, because the cron of the Solaris family knows no steps (<c>*/5</c>) and no names.
/// </summary>
public sealed class ReplicationSchedule : IEquatable<ReplicationSchedule>
{
    private ReplicationSchedule(IReadOnlyList<int> minutes, IReadOnlyList<int> hours, IReadOnlyList<DayOfWeek> days)
    {
        Minutes = minutes;
        Hours = hours;
        Days = days;
    }

    /// <summary>Minutes of the hour, ascending.</summary>
    public IReadOnlyList<int> Minutes { get; }

    /// <summary>Hours of the day, ascending; empty means every hour.</summary>
    public IReadOnlyList<int> Hours { get; }

    /// <summary>Days of the week, from Sunday on; empty means every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; }

    /// <summary>
    /// At these minutes of these hours (every hour when none is given) of these days (every day when none is given).
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>BadSchedule</c>.</exception>
    public static ReplicationSchedule At(
        IEnumerable<int> minutes, IEnumerable<int>? hours = null, IEnumerable<DayOfWeek>? days = null)
    {
        int[] m = [.. minutes.Distinct().OrderBy(x => x)];
        int[] h = [.. (hours ?? []).Distinct().OrderBy(x => x)];
        DayOfWeek[] d = [.. (days ?? []).Distinct().OrderBy(x => x)];
        if (m.Length == 0 || m[0] < 0 || m[m.Length - 1] > 59 || h.Any(x => x is < 0 or > 23)
            || d.Any(x => x is < DayOfWeek.Sunday or > DayOfWeek.Saturday))
        {
            throw Bad(
                string.Join(",", m) + " " + string.Join(",", h) + " " + string.Join(",", d),
                "These are no minutes, hours and days of a schedule.",
                "Minutes are 0 to 59, at least one; hours are 0 to 23.");
        }

        return new ReplicationSchedule(m, h.Length == 24 ? [] : h, d.Length == 7 ? [] : d);
    }

    /// <summary>
    /// Every so many minutes (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60) or hours (1, 2, 3, 4, 6, 8, 12, 24).
    /// </summary>
    /// <param name="interval">The distance between two cycles.</param>
    /// <param name="minuteOffset">
    /// Minute of the first cycle in the hour, so that storage VMs need not all start at once.
    /// </param>
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

        throw Bad(
            interval.ToString(),
            "A cycle cannot run every " + interval.ToString("c", CultureInfo.InvariantCulture)
                + ": cron begins anew each hour and each day.",
            "Give 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30 minutes or 1, 2, 3, 4, 6, 8, 12 or 24 hours: -Every 00:10, "
                + "-Every 04:00.");
    }

    /// <summary>Once a day.</summary>
    public static ReplicationSchedule Daily(int hour, int minute) => At([minute], [hour]);

    /// <summary>The five time fields of a crontab line.</summary>
    public string CronFields => CronField.Write(Minutes) + " " + CronField.Write(Hours) + " * * "
        + CronField.Write([.. Days.Select(d => (int)d)]);

    /// <summary>The longest time between the beginnings of two cycles.</summary>
    public TimeSpan LongestGap => TimeSpan.FromMinutes(Gaps().Max());

    /// <summary>
    /// The longest time of at most an hour between the beginnings of two cycles: for so long it is worth while to keep
    /// a connection. Null where cycles are always further apart.
    /// </summary>
    internal TimeSpan? CloseGap
    {
        get
        {
            int gap = Gaps().Where(g => g <= 60).DefaultIfEmpty().Max();
            return gap == 0 ? null : TimeSpan.FromMinutes(gap);
        }
    }

    /// <summary>
    /// Reads the five time fields of a crontab line: minutes, hours and days of the week. Ranges, steps and names of
    /// days are understood, but what is written to a crontab are lists of numbers.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>BadSchedule</c>.</exception>
    public static ReplicationSchedule FromCron(string fields)
    {
        string[] words = fields.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string target = new([.. fields.Where(c => !char.IsControl(c)).Take(80)]);
        if (words.Length != 5 || CronField.Minutes.Read(words[0]) is not { } minutes
            || CronField.Hours.Read(words[1]) is not { } hours || CronField.Weekdays.Read(words[4]) is not { } days)
        {
            throw Bad(
                target,
                "'" + target + "' are not the five time fields of a crontab line.",
                "Give minutes, hours, *, * and days of the week, with spaces between them: '0,20,40 * * * 1-5'.");
        }

        if (words[2] != "*" || words[3] != "*")
        {
            throw Bad(
                target,
                "The day of the month and the month must be *: with both day fields set cron runs on days that match "
                    + "either of them, and a replica ages in every month.",
                "Put days of the week into the fifth field: '0 22 * * 1-5'.");
        }

        return At(minutes, hours, days.Select(d => (DayOfWeek)d));
    }

    /// <summary>Reads the five time fields of one of our own crontab lines; null for anything else.</summary>
    internal static ReplicationSchedule? FromCronFields(IReadOnlyList<string> words) =>
        words[0] != "*" && CronField.Minutes.ReadList(words[0]) is { } minutes
            && CronField.Hours.ReadList(words[1]) is { } hours && words[2] == "*" && words[3] == "*"
            && CronField.Weekdays.ReadList(words[4]) is { } days
            ? At(minutes, hours, days.Select(d => (DayOfWeek)d))
            : null;

    /// <summary>
    /// The first moment after <paramref name="now"/> (the storage VM's own clock and zone) at which cron starts a cycle,
    /// as if clocks did not change before it.
    /// </summary>
    public DateTimeOffset NextAfter(DateTimeOffset now) => NextAfter(now, null);

    /// <summary>The same where clocks may change before it.</summary>
    internal DateTimeOffset NextAfter(DateTimeOffset now, ClockChange? change)
    {
        for (DateTime day = now.Date; ; day = day.AddDays(1))
        {
            DateTimeOffset[] left = Days.Count > 0 && !Days.Contains(day.DayOfWeek) ? [] :
            [
                .. StartsOfDay().SelectMany(s => Starts(day.AddMinutes(s))).Where(t => t > now)
                    .OrderBy(t => t.UtcDateTime),
            ];
            if (left.Length > 0)
            {
                return left[0];
            }
        }

        IEnumerable<DateTimeOffset> Starts(DateTime local) =>
            change is null ? [new(local, now.Offset)] : change.Starts(local, now.Offset, Hours.Count == 0);
    }

    /// <inheritdoc/>
    public bool Equals(ReplicationSchedule? other) => other is not null && other.CronFields == CronFields;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReplicationSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(CronFields);

    /// <summary>In words: <c>every 5 minutes</c>, <c>daily at 23:59</c>, <c>at 22:00 on Mon, Wed</c>.</summary>
    public override string ToString()
    {
        if (Days.Count == 0)
        {
            return (Hours.Count == 1 && Minutes.Count == 1 ? "daily " : "") + Times();
        }

        // People's weeks begin on Monday.
        return Times() + " on "
            + string.Join(", ", Days.OrderBy(d => ((int)d + 6) % 7).Select(d => d.ToString().Substring(0, 3)));
    }

    private string Times()
    {
        if (Hours.Count == 1 && Minutes.Count == 1)
        {
            return string.Format(CultureInfo.InvariantCulture, "at {0:00}:{1:00}", Hours[0], Minutes[0]);
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

        return Hours.Count == 0
            ? "every hour at minutes " + CronField.Write(Minutes)
            : "at minutes " + CronField.Write(Minutes) + " of hours " + CronField.Write(Hours);
    }

    // Minutes before each cycle of a week.
    private IEnumerable<int> Gaps()
    {
        const int Week = 7 * 1440;
        int[] starts = [.. (Days.Count == 0 ? Enumerable.Range(0, 7) : Days.Select(d => (int)d))
            .SelectMany(d => StartsOfDay().Select(s => (d * 1440) + s))];
        return starts.Select((s, i) => i == 0 ? s + Week - starts[starts.Length - 1] : s - starts[i - 1]);
    }

    // Minutes since midnight, ascending.
    private IEnumerable<int> StartsOfDay() =>
        (Hours.Count == 0 ? Enumerable.Range(0, 24) : Hours).SelectMany(h => Minutes.Select(m => (h * 60) + m));

    private static ZfsEsxException Bad(string target, string message, string advice) =>
        new("BadSchedule", FailureKind.InvalidArgument, target, message, advice);
}
