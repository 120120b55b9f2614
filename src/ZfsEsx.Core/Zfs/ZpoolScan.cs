using System.Globalization;
using System.Text.RegularExpressions;

namespace ZfsEsx.Zfs;

/// <summary>What reads a whole pool.</summary>
public enum ZpoolScanKind
{
    /// <summary>Reads all data and repairs what is wrong.</summary>
    Scrub,

    /// <summary>Fills a disk that was replaced or was away.</summary>
    Resilver,
}

/// <summary>How far a scrub or resilver is.</summary>
public enum ZpoolScanState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It was paused and goes on when started again.</summary>
    Paused,

    /// <summary>It was stopped before its end.</summary>
    Canceled,

    /// <summary>It has read everything.</summary>
    Finished,
}

/// <summary>The last or present scrub or resilver of a pool.</summary>
/// <param name="Kind">Scrub or resilver.</param>
/// <param name="State">How far it is.</param>
/// <param name="Percent">How much is done, 100 when finished; null where the system does not say.</param>
/// <param name="TimeLeft">How long it will take; null where the system cannot tell yet, or it does not run.</param>
/// <param name="Errors">Errors that it could not repair; null while it runs.</param>
/// <param name="Time">
/// When it began, or ended, by the storage VM's own clock; null where the system does not say.
/// </param>
public sealed record ZpoolScan(
    ZpoolScanKind Kind, ZpoolScanState State, double? Percent, TimeSpan? TimeLeft, long? Errors, DateTime? Time)
{
    private const RegexOptions Options = RegexOptions.CultureInvariant;

    private static readonly Regex s_percent = new("([0-9.]+)% done", Options);
    private static readonly Regex s_clock = new("(?:([0-9]+) days? )?([0-9]+):([0-9]{2}):([0-9]{2}) to go", Options);
    private static readonly Regex s_short = new("(?:([0-9]+)d)?(?:([0-9]+)h)?([0-9]+)m to go", Options);
    private static readonly Regex s_errors = new("with ([0-9]+) errors", Options);
    private static readonly Regex s_time = new(
        "(?:since|on) [A-Z][a-z]{2} ([A-Z][a-z]{2} +[0-9]+ [0-9:]+ [0-9]{4})", Options);

    /// <inheritdoc/>
    public override string ToString() => Kind.ToString().ToLowerInvariant() + " " + State.ToString().ToLowerInvariant()
        + (State != ZpoolScanState.Finished && Percent is double p
            ? " at " + p.ToString("0.#", CultureInfo.InvariantCulture) + " %" : "")
        + (TimeLeft is TimeSpan left ? ", " + left.ToString("c", CultureInfo.InvariantCulture) + " to go" : "");

    /// <summary>
    /// Reads the text behind "scan:", of all systems: OpenZFS ("scrub repaired 0B in …", "resilver in progress since …,
    /// 00:01:02 to go"), and the older "scrub completed after 0h0m with 0 errors on …", "…, 0h3m to go". Pure.
    /// </summary>
    internal static ZpoolScan? Parse(string text)
    {
        bool resilver = text.StartsWith("resilver", StringComparison.Ordinal);
        if (!resilver && !text.StartsWith("scrub", StringComparison.Ordinal))
        {
            return null;
        }

        ZpoolScanState state = text.Contains("paused since") ? ZpoolScanState.Paused
            : text.Contains("in progress") ? ZpoolScanState.Running
            : text.Contains(" canceled") || text.Contains(" stopped") ? ZpoolScanState.Canceled
            : ZpoolScanState.Finished;
        return new ZpoolScan(
            resilver ? ZpoolScanKind.Resilver : ZpoolScanKind.Scrub,
            state,
            state == ZpoolScanState.Finished ? 100 : Number(s_percent.Match(text)),
            state == ZpoolScanState.Running ? Left(text) : null,
            s_errors.Match(text) is { Success: true } e
                && long.TryParse(e.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long errors)
                    ? errors : null,
            When(text));
    }

    private static TimeSpan? Left(string text)
    {
        Match m = s_clock.Match(text);
        if (m.Success)
        {
            return Span(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, m.Groups[4].Value);
        }

        m = s_short.Match(text);
        return m.Success ? Span(m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value, "0") : null;
    }

    // Whatever a broken text says, it is no more than a hundred years.
    private static TimeSpan? Span(string days, string hours, string minutes, string seconds)
    {
        double total = (((((Part(days) * 24) + Part(hours)) * 60) + Part(minutes)) * 60) + Part(seconds);
        return total < 3.2e9 ? TimeSpan.FromSeconds(total) : null;
    }

    private static double Part(string text) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double n) ? n : 0;

    private static double? Number(Match m) => m.Success
        && double.TryParse(m.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double n)
            ? n : null;

    private static DateTime? When(string text) => s_time.Match(text) is { Success: true } m
        && DateTime.TryParseExact(
            Regex.Replace(m.Groups[1].Value, " +", " "), "MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out DateTime time) ? time : null;
}
