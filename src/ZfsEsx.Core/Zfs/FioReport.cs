using System.Globalization;

namespace ZfsEsx.Zfs;

/// <summary>What fio (3 or newer) reports as JSON. Pure.</summary>
internal sealed record FioReport
{
    public FioSide Read { get; init; } = new();

    public FioSide Write { get; init; } = new();

    /// <summary>When it ended.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it measured.</summary>
    public double Seconds { get; init; }

    /// <summary>The system's error number; 0 when all went well.</summary>
    public long Error { get; init; }

    /// <summary>Reads a report; null when it is none. fio writes notes and warnings in front of it.</summary>
    public static FioReport? Parse(string text)
    {
        bool bare = text.StartsWith("{", StringComparison.Ordinal);
        int start = bare ? 0 : text.IndexOf("\n{", StringComparison.Ordinal) + 1;
        IReadOnlyDictionary<string, object?>? report =
            start == 0 && !bare ? null : JsonText.Object(text.Substring(start).TrimEnd());
        if (report is null || !report.TryGetValue("jobs", out object? jobs)
            || (jobs as List<object?>)?.FirstOrDefault() is not IReadOnlyDictionary<string, object?> job)
        {
            return null;
        }

        FioSide? read = FioSide.Of(Object(job, "read")), write = FioSide.Of(Object(job, "write"));
        return read is null || write is null ? null : new FioReport
        {
            Read = read,
            Write = write,
            Time = DateTimeOffset.FromUnixTimeSeconds(
                (long)Math.Max(0, Math.Min(253402300799, Number(report, "timestamp") ?? 0))),
            Seconds = Math.Max(
                Number(Object(job, "read"), "runtime") ?? 0, Number(Object(job, "write"), "runtime") ?? 0) / 1000,
            Error = (long)(Number(job, "error") ?? 0),
        };
    }

    internal static IReadOnlyDictionary<string, object?>? Object(
        IReadOnlyDictionary<string, object?>? parent, string name) =>
        parent is not null && parent.TryGetValue(name, out object? value)
            ? value as IReadOnlyDictionary<string, object?> : null;

    internal static double? Number(IReadOnlyDictionary<string, object?>? parent, string name) =>
        parent is not null && parent.TryGetValue(name, out object? value) && value is string text
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? number : null;
}

/// <summary>Reads or writes.</summary>
internal sealed record FioSide
{
    public double Iops { get; init; }

    public long BytesPerSecond { get; init; }

    /// <summary>Latencies in milliseconds: of 50, 95, 99 and 99.9 of a hundred; null where there were no
    /// requests.</summary>
    public double? P50 { get; init; }

    public double? P95 { get; init; }

    public double? P99 { get; init; }

    public double? P999 { get; init; }

    public static FioSide? Of(IReadOnlyDictionary<string, object?>? side)
    {
        if (FioReport.Number(side, "iops") is not { } iops || FioReport.Number(side, "bw_bytes") is not { } bytes)
        {
            return null;
        }

        bool some = FioReport.Number(side, "total_ios") > 0;
        IReadOnlyDictionary<string, object?>? percentiles =
            FioReport.Object(FioReport.Object(side, "clat_ns"), "percentile");
        double? Ms(string name) => some ? FioReport.Number(percentiles, name) / 1e6 : null;
        return new FioSide
        {
            Iops = Math.Round(iops, 1),
            BytesPerSecond = (long)Math.Max(0, Math.Min(long.MaxValue / 2, bytes)),
            P50 = Ms("50.000000"),
            P95 = Ms("95.000000"),
            P99 = Ms("99.000000"),
            P999 = Ms("99.900000"),
        };
    }
}
