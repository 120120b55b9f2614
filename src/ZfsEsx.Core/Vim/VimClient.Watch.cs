using System.Diagnostics;

namespace ZfsEsx.Vim;

public sealed partial class VimClient
{
    // Shorter than what proxies and firewalls let an idle connection live.
    private const int LongestPoll = 60;

    private static readonly TimeSpan s_reconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits until properties are as wanted: one filter for all objects and one long poll at a time. The filter is on a
    /// collector of our own: two waiters on the session's collector would take each other's updates.
    /// </summary>
    /// <param name="query">What to look at.</param>
    /// <param name="until">Called with all that is known after each update; true ends the wait.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ZfsEsxException">
    /// A fault, or no answer for <see cref="VimServer.ReconnectTimeout"/>.
    /// </exception>
    /// <returns>False when the time was over first.</returns>
    internal async Task<bool> WatchAsync(
        PropertyQuery query, Func<IReadOnlyDictionary<MoRef, VimObject>, bool> until, TimeSpan timeout,
        CancellationToken ct)
    {
        Stopwatch clock = Stopwatch.StartNew();
        Stopwatch heard = Stopwatch.StartNew();
        while (true)
        {
            int epoch = _session.Epoch;
            try
            {
                return await WatchOnceAsync(query, until, timeout, clock, heard, ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (epoch != _session.Epoch
                && e.IsFault("ManagedObjectNotFound", "InvalidCollectorVersion"))
            {
                // Logged in again in between: the old session took its collector along.
            }
            catch (ZfsEsxException e) when (e.Kind is FailureKind.Connection or FailureKind.Timeout
                && heard.Elapsed < Server.ReconnectTimeout && clock.Elapsed < timeout)
            {
                // What is waited for does not depend on our connection.
                await Task.Delay(s_reconnectPause, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> WatchOnceAsync(
        PropertyQuery query, Func<IReadOnlyDictionary<MoRef, VimObject>, bool> until, TimeSpan timeout, Stopwatch clock,
        Stopwatch heard, CancellationToken ct)
    {
        const string Doing = "Wait for changes";
        MoRef collector = (await SendAsync(
            Content["propertyCollector"].Ref, "CreatePropertyCollector", Server.CallTimeout, null, Doing, [], ct)
                .ConfigureAwait(false)).Ref;
        try
        {
            await SendAsync(
                collector, "CreateFilter", Server.CallTimeout, null, Doing,
                [query.ToArg("spec"), Arg.E("partialUpdates", false)], ct).ConfigureAwait(false);
            return await PollAsync(collector, until, timeout, clock, heard, ct).ConfigureAwait(false);
        }
        finally
        {
            await QuietlyAsync(collector, "DestroyPropertyCollector", ct).ConfigureAwait(false);
        }
    }

    private async Task<bool> PollAsync(
        MoRef collector, Func<IReadOnlyDictionary<MoRef, VimObject>, bool> until, TimeSpan timeout, Stopwatch clock,
        Stopwatch heard, CancellationToken ct)
    {
        Dictionary<MoRef, VimObject> known = [];
        string version = string.Empty;
        while (true)
        {
            double left = Math.Min(LongestPoll, Math.Ceiling((timeout - clock.Elapsed).TotalSeconds));
            if (left <= 0)
            {
                return false;
            }

            VimValue update = await SendAsync(
                collector,
                "WaitForUpdatesEx",
                TimeSpan.FromSeconds(left) + Server.ConnectTimeout,
                null,
                "Wait for changes",
                [Arg.E("version", version), Arg.O("options", Arg.E("maxWaitSeconds", (long)left))],
                ct).ConfigureAwait(false);
            heard.Restart();
            if (!update["version"].Exists)
            {
                continue;
            }

            version = update["version"].Text;
            foreach (VimValue change in update.All("filterSet").SelectMany(f => f.All("objectSet")))
            {
                Merge(known, change);
            }

            // A truncated update is continued by the next call.
            if (!update["truncated"].Bool && until(known))
            {
                return true;
            }
        }
    }

    private static void Merge(Dictionary<MoRef, VimObject> known, VimValue change)
    {
        MoRef reference = change["obj"].Ref;
        if (!known.TryGetValue(reference, out VimObject? state))
        {
            known[reference] = state = new VimObject(reference);
        }

        foreach (VimValue property in change.All("changeSet"))
        {
            state.Set(property["name"].Text, property["val"]);
        }
    }
}
