using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>A measurement on one system: measure.sh. After Open its guard there puts everything away, whatever becomes
/// of us.</summary>
internal sealed class MeasureSession(ZfsHost host, string id)
{
    private static readonly string s_script = Resource.Text("measure.sh");
    private int _polls;

    public ZfsHost Host => host;

    public Task OpenAsync(string pool, int patience, CancellationToken ct) =>
        DoAsync("open", ct, pool, patience.ToString(CultureInfo.InvariantCulture));

    /// <summary>A step. What cannot be done is a failure with the system's own words.</summary>
    /// <exception cref="ZfsEsxException"><c>MeasurementFailed</c>.</exception>
    public Task DoAsync(string verb, CancellationToken ct, params string[] arguments) => host.CheckAsync(
        Command(verb, TimeSpan.FromMinutes(3), arguments), "MeasurementFailed", host.Name,
        "The measurement cannot be made (" + verb + ")",
            "What it has made is put away by itself within three minutes.", ct);

    /// <summary>How it goes. Also tells the guard that we are still there.</summary>
    public async Task<MeasureNews> PollAsync()
    {
        // Without a token: cancelling a command that runs would cost the connection.
        string number = (++_polls).ToString(CultureInfo.InvariantCulture);
        CommandResult answer = await host.RunAsync(
            Command("poll", TimeSpan.FromSeconds(45), [number]), CancellationToken.None).ConfigureAwait(false);
        return answer.Succeeded ? MeasureNews.Parse(answer.Output) : throw new ZfsEsxException(
            "MeasurementGone", FailureKind.InvalidState, host.Name,
            "The measurement on " + host.Name
                + " has been put away there, because it had heard nothing of us for too long.",
            "Run the same again; a machine that is too busy to answer cannot be measured.");
    }

    /// <summary>Tells the guard to put everything away, and does not wait for it.</summary>
    public async Task StopAsync() =>
        await host.RunAsync(Command("stop", TimeSpan.FromSeconds(30), []),
            CancellationToken.None).ConfigureAwait(false);

    /// <summary>Tells it, and waits until it has.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        await StopAsync().ConfigureAwait(false);
        for (int i = 0; i < 90; i++)
        {
            if ((await host.RunAsync(Command("gone", TimeSpan.FromSeconds(45), []), CancellationToken.None)
                .ConfigureAwait(false)).Succeeded)
            {
                return;
            }

            await Task.Delay(1000, ct).ConfigureAwait(false);
        }

        throw new ZfsEsxException(
            "MeasurementLeft", FailureKind.Timeout, host.Name,
            host.Name + " did not put away what was measured with (zfsesx-measure-" + id + ") within 90 s.",
            "The next Measure-EncapsulatedStorage removes what is left.");
    }

    private RemoteCommand Command(string verb, TimeSpan timeout, string[] arguments) => new(
        RemoteCommand.Script("eval \"$1\"", [s_script, verb, id, .. arguments]).Words) { Timeout = timeout };
}

/// <summary>The answer to a poll.</summary>
/// <param name="Sample">What processors and disks have done; null where the system does not say.</param>
/// <param name="Code">fio's exit code; null while it runs.</param>
/// <param name="Said">What it has said.</param>
/// <param name="Report">Its report.</param>
internal sealed record MeasureNews(MeasureSample? Sample, int? Code, string Said, string Report)
{
    public static MeasureNews Parse(string text)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(text);
        return new MeasureNews(
            MeasureSample.Parse(parts),
            parts.ContainsKey("code") ? (int)Math.Min(int.MaxValue, ZfsText.Number(parts.Get("code"))) : null,
            parts.Get("said").Trim(), parts.Get("report"));
    }
}
