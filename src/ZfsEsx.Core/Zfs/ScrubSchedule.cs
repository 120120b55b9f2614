using System.Globalization;

namespace ZfsEsx.Zfs;

/// <summary>When cron scrubs a pool: once a week or once a month, by the storage VM's own clock.</summary>
/// <param name="Weekday">The day of the week; null for once a month.</param>
/// <param name="Day">The day of the month, 1 to 28; null for once a week.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="Minute">0 to 59.</param>
public sealed record ScrubSchedule(DayOfWeek? Weekday, int? Day, int Hour, int Minute)
{
    /// <summary>Once a week.</summary>
    public static ScrubSchedule Weekly(DayOfWeek weekday, TimeSpan at) => new(weekday, null, at.Hours, at.Minutes);

    /// <summary>Once a month. Days after the 28th are not in every month.</summary>
    /// <exception cref="ZfsEsxException"><c>BadSchedule</c>.</exception>
    public static ScrubSchedule Monthly(int day, TimeSpan at) => day is >= 1 and <= 28
        ? new(null, day, at.Hours, at.Minutes)
        : throw new ZfsEsxException(
            "BadSchedule", FailureKind.InvalidArgument, day.ToString(CultureInfo.InvariantCulture),
            "Not every month has a day " + day.ToString(CultureInfo.InvariantCulture) + ".",
            "Give a day from 1 to 28, which every month has.");

    /// <summary>The five time fields of a crontab line. Both day fields at once would mean either.</summary>
    internal string CronFields => string.Format(
        CultureInfo.InvariantCulture, "{0} {1} {2} * {3}", Minute, Hour,
        Day?.ToString(CultureInfo.InvariantCulture) ?? "*",
        Weekday is DayOfWeek w ? ((int)w).ToString(CultureInfo.InvariantCulture) : "*");

    /// <inheritdoc/>
    public override string ToString() => (Weekday is DayOfWeek w ? "every " + w : "every month on day " + Day)
        + string.Format(CultureInfo.InvariantCulture, " at {0:00}:{1:00}", Hour, Minute);

    /// <summary>The first moment after now at which it runs.</summary>
    public DateTime NextAfter(DateTime now)
    {
        DateTime t = now.Date.AddHours(Hour).AddMinutes(Minute);
        while (t <= now || (Weekday is DayOfWeek w && t.DayOfWeek != w) || (Day is int d && t.Day != d))
        {
            t = t.AddDays(1);
        }

        return t;
    }

    /// <summary>Reads the time fields of one of our own crontab lines; null for anything else.</summary>
    internal static ScrubSchedule? FromCronLine(string? line)
    {
        string[] f = (line ?? "").Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (f.Length < 6 || f[3] != "*" || Number(f[0], 59) is not int minute || Number(f[1], 23) is not int hour)
        {
            return null;
        }

        return f[2] == "*" && Number(f[4], 6) is int weekday ? new((DayOfWeek)weekday, null, hour, minute)
            : f[4] == "*" && Number(f[2], 28) is int day and > 0 ? new(null, day, hour, minute)
            : null;
    }

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n <= most ? n : null;
}
