using System.Globalization;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>A storage VM's clock against ours.</summary>
/// <param name="Offset">How far it is ahead of ours.</param>
/// <param name="Uncertainty">
/// How far that can be wrong: half of the round trip, and what the clock does not tell.
/// </param>
internal sealed record HostClock(TimeSpan Offset, TimeSpan Uncertainty)
{
    private const int Samples = 3;

    // %N is GNU's; where it stays an N, whole seconds are all that there is.
    private static readonly RemoteCommand s_ask = new("date", "-u", "+%Y-%m-%dT%H:%M:%S.%N");

    /// <summary>Asks a few times and believes the fastest answer; null when there is none that can be read.</summary>
    public static async Task<HostClock?> ReadAsync(ZfsHost host, Func<DateTimeOffset> now, CancellationToken ct)
    {
        HostClock? best = null;
        for (int i = 0; i < Samples; i++)
        {
            DateTimeOffset before = now();
            CommandResult answer = await host.RunAsUserAsync(s_ask, ct).ConfigureAwait(false);
            HostClock? clock = Of(before, answer.Output, now());
            best = best is null || (clock is not null && clock.Uncertainty < best.Uncertainty) ? clock : best;
        }

        return best;
    }

    /// <summary>What an answer says that was given between two instants of our clock.</summary>
    public static HostClock? Of(DateTimeOffset before, string answer, DateTimeOffset after)
    {
        string[] halves = answer.Trim().Split('.');
        if (!DateTimeOffset.TryParseExact(
            halves[0], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out DateTimeOffset time))
        {
            return null;
        }

        bool exact = halves.Length == 2 && halves[1].Length > 0 && halves[1].All(c => c is >= '0' and <= '9');
        double fraction = exact ? double.Parse("0." + halves[1], CultureInfo.InvariantCulture) : 0.5;
        TimeSpan half = TimeSpan.FromTicks((after - before).Ticks / 2);
        return new HostClock(
            time.AddSeconds(fraction) - (before + half), half + TimeSpan.FromSeconds(exact ? 0 : 0.5));
    }
}
