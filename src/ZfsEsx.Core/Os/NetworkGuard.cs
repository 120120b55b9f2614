using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>
/// A change of addresses that cannot lock anybody out. A guard, a process of its own on the storage VM, makes the
/// change in memory only and takes it back after a time. A fresh connection, to the present address or the new one,
/// looks whether all is as wanted and ends the guard; only then is the change written to where a restart finds it. So
/// neither a wrong change nor the end of this process, of the connection or a restart of the storage VM in between
/// leaves it out of reach.
/// </summary>
internal sealed class NetworkGuard(ZfsHost host, NetworkTrial trial, TimeSpan rollBackAfter)
{
    // In memory on every system, and root's own.
    private const string Folder = "/var/run/zfsesx-network";

    // guard-start.sh, guard-keep.sh and guard-undo.sh: the time was over before the change was made, or they came.
    private const int DecidedBefore = 3;

    // Between the guard's last look and its report, and over which address it comes: it looks once a second, ends what
    // still runs and puts things back. A connection that this cuts is known to be dead after a while only.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(120);

    // Where the connection leads before the change; the session may have been at another address before that.
    private readonly string? _former = host.Shell.Address;

    /// <summary>Makes the change and makes sure of it.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>AddressNotSet</c>, <c>NetworkRolledBack</c>, <c>NetworkChangeUnderWay</c>, <c>HostUnreachable</c>.
    /// </exception>
    public async Task RunAsync(
        Func<CancellationToken, Task<ZfsHostNetwork>> read, IReporter reporter, CancellationToken ct)
    {
        using CancellationTokenSource window = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await StartAsync(ct).ConfigureAwait(false);
        window.CancelAfter(rollBackAfter);
        reporter.Verbose("Connecting afresh to confirm; otherwise " + host.Name + " puts the former state back after "
            + rollBackAfter.TotalSeconds + " s.");
        try
        {
            if (await ConfirmAsync(read, window.Token, ct).ConfigureAwait(false) is ZfsEsxException failure)
            {
                throw failure;
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            reporter.Warning("Nobody confirms the change of " + trial.Wanted.Nic.Interface + " now: " + host.Name
                + " puts the former state back within " + rollBackAfter.TotalSeconds + " s.");
            throw;
        }
    }

    // Null when the change stays.
    private async Task<ZfsEsxException?> ConfirmAsync(
        Func<CancellationToken, Task<ZfsHostNetwork>> read, CancellationToken window, CancellationToken ct)
    {
        ZfsHostNetwork now;
        try
        {
            await ReconnectAsync(window).ConfigureAwait(false);
            now = await read(window).ConfigureAwait(false);
            // Adapters lose their link for a moment when their MTU changes, and some tools take their time.
            int tries = Math.Min(30, (int)rollBackAfter.TotalSeconds / 2);
            for (int i = 0; i < tries && !trial.Wanted.Met(now); i++)
            {
                await Task.Delay(1000, window).ConfigureAwait(false);
                now = await read(window).ConfigureAwait(false);
            }

            if (trial.Wanted.Met(now))
            {
                await KeepAsync(ct).ConfigureAwait(false);
                return null;
            }
        }
        catch (Exception e) when (!ct.IsCancellationRequested && (e is OperationCanceledException || IsLost(e)))
        {
            string said = (await TakeBackAsync(afresh: true, e, ct).ConfigureAwait(false)).Output.Trim();
            return said == "kept" ? null : said.Length > 0 ? RolledBack(said, e)
                : NotSet("the connection was lost before it was begun.");
        }

        CommandResult undone = await TakeBackAsync(afresh: false, null, ct).ConfigureAwait(false);
        return Undone(now, undone);
    }

    private async Task StartAsync(CancellationToken ct)
    {
        WantedNetwork wanted = trial.Wanted;
        HostRules.TryPrefixed(wanted.Address, out _, out int prefix);
        string text = host.Dialect.GuardScript + Resource.Text("guard.sh");
        RemoteCommand start = RemoteCommand.Script(
            Resource.Text("guard-start.sh"),
            [
                Folder, text, trial.Text, WantedNetwork.Invariant((int)rollBackAfter.TotalSeconds),
                wanted.Nic.Interface, trial.Way, wanted.Address, NetworkRules.Mask(prefix),
                WantedNetwork.Invariant(wanted.Mtu), wanted.Gateway ?? "-",
                .. wanted.RouteWords,
            ]);
        try
        {
            // The answer may never come: this is what the guard is for.
            CommandResult answer = await host.RunAsync(
                new RemoteCommand(start.Words) { Timeout = TimeSpan.FromSeconds(25) }, ct).ConfigureAwait(false);
            if (answer.ExitCode == 75)
            {
                throw new ZfsEsxException(
                    "NetworkChangeUnderWay", FailureKind.InUse, host.Name,
                    "Another change of addresses is under way on " + host.Name + ".",
                    "Wait until it is confirmed or taken back, which takes some minutes at most.");
            }

            if (!answer.Succeeded)
            {
                throw answer.ExitCode == DecidedBefore ? RolledBack(answer.Complaint, null)
                    : NotSet("it was taken back. " + answer.Complaint);
            }
        }
        catch (ZfsEsxException e) when (e.Id is "CommandTimeout" or "ConnectionLost")
        {
            // A fresh connection will tell.
        }
    }

    private async Task ReconnectAsync(CancellationToken ct)
    {
        string? moved = trial.Wanted.Nic.Management && !trial.Wanted.Nic.Addresses.Contains(trial.Wanted.Address)
            ? trial.Wanted.Address.Split('/')[0] : null;
        string?[] addresses = moved is null ? [_former] : [_former, moved];
        for (int i = 0; ; i++)
        {
            // In turn, each for a while: an address that is gone may not answer at all.
            using CancellationTokenSource attempt = CancellationTokenSource.CreateLinkedTokenSource(ct);
            attempt.CancelAfter(TimeSpan.FromSeconds(moved is null ? 30 : 10));
            try
            {
                await host.ReconnectAsync(addresses[i % addresses.Length], attempt.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // no answer
            }
            catch (ZfsEsxException) when (!ct.IsCancellationRequested)
            {
                await Task.Delay(500, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task KeepAsync(CancellationToken ct)
    {
        WantedNetwork wanted = trial.Wanted;
        CommandResult kept = await host.RunAsync(
            RemoteCommand.Script(
                host.Dialect.GuardScript + Resource.Text("guard-keep.sh"),
                [
                    Folder, wanted.Nic.Interface, trial.Way, wanted.Address, WantedNetwork.Invariant(wanted.Mtu),
                    wanted.Gateway ?? "-", trial.KeepFile ?? "-", .. wanted.RouteWords,
                ]),
            ct).ConfigureAwait(false);
        if (!kept.Succeeded)
        {
            throw kept.ExitCode == DecidedBefore
                ? RolledBack(kept.Output.Trim(), null)
                : NotSet("it holds now, but would not after a restart. " + kept.Complaint);
        }
    }

    private ZfsEsxException Undone(ZfsHostNetwork now, CommandResult undone)
    {
        if (undone.ExitCode == DecidedBefore && !now.Addresses.Contains(trial.Wanted.Address))
        {
            // What was read is the former state: the guard's time was over before this connection came through.
            return RolledBack(undone.Output.Trim(), null);
        }

        WantedNetwork found = new(now, now.Addresses.Count == 0 ? "no address" : string.Join(", ", now.Addresses),
            now.Mtu, now.Gateway, now.Routes);
        return NotSet("it got " + found.Words + (now.Up ? "" : " and no link") + ". " + undone.Output.Trim());
    }

    // Has it taken back where that is still open, and says what became of it, from the storage VM itself: over a fresh
    // connection where taking it back cuts the present one.
    private async Task<CommandResult> TakeBackAsync(bool afresh, Exception? cause, CancellationToken ct)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_margin);
        RemoteCommand script = RemoteCommand.Script(Resource.Text("guard-undo.sh"), Folder);
        for (; ; afresh = true)
        {
            try
            {
                if (afresh)
                {
                    await ReconnectAsync(limit.Token).ConfigureAwait(false);
                }

                return await host.RunAsync(
                    new RemoteCommand(script.Words) { Timeout = TimeSpan.FromSeconds(45) }, limit.Token)
                    .ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (IsLost(e) && !limit.IsCancellationRequested)
            {
                cause ??= e;
            }
            catch (Exception e) when (!ct.IsCancellationRequested && (e is OperationCanceledException || IsLost(e)))
            {
                throw new ZfsEsxException(
                    "HostUnreachable", FailureKind.Connection, host.Name,
                    host.Name + " answers neither at its former address nor at " + trial.Wanted.Address
                        + ", though it puts the former state back by itself.",
                    "Look at its console: " + Folder + ".last says what it did. A restart brings the former state "
                        + "back.",
                    cause ?? e);
            }
        }
    }

    private static bool IsLost(Exception e) =>
        e is ZfsEsxException { Kind: FailureKind.Connection or FailureKind.Timeout };

    private ZfsEsxException RolledBack(string report, Exception? cause) => new(
        "NetworkRolledBack", FailureKind.Failed, trial.Wanted.Nic.Interface,
        host.Name + " has put " + trial.Wanted.Nic.Interface + " back to "
            + (trial.Wanted.Nic.Addresses.Count == 0 ? "no address" : string.Join(", ", trial.Wanted.Nic.Addresses))
            + ", as " + trial.Wanted.Words + " was not confirmed: " + report,
        "With these settings it is out of reach from here: check address, mask and gateway. A slow way needs a longer "
            + "-RollBackAfter.", cause);

    private ZfsEsxException NotSet(string what) => new(
        "AddressNotSet", FailureKind.Failed, trial.Wanted.Nic.Interface,
        trial.Wanted.Nic.Interface + " of " + host.Name + " was to get " + trial.Wanted.Words + ": " + what,
        "Some adapters do not take large packets: try a smaller MTU.");
}
