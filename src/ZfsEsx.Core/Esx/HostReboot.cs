using System.Diagnostics;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Takes a host through maintenance mode and a boot.</summary>
internal sealed class HostReboot(
    VimClient client, MoRef host, string name, DirectPathOptions options, IReporter reporter)
{
    private static readonly string[] s_paths = ["runtime.bootTime", "runtime.connectionState",
        "runtime.inMaintenanceMode"];

    // How long a host may look as before when the answer to the order was lost.
    private static readonly TimeSpan s_unanswered = TimeSpan.FromMinutes(2);

    private readonly string _activity = name + ": Reboot";
    private string _bootTime = string.Empty;
    private MoRef? _task;
    private bool _away;

    public static async Task RunAsync(
        VimClient client, MoRef host, string name, DirectPathOptions options, IReporter reporter, CancellationToken ct)
    {
        HostReboot reboot = new(client, host, name, options, reporter);
        VimObject before = (await client.RetrieveAsync([host], "HostSystem", s_paths, ct).ConfigureAwait(false))[0];
        reboot._bootTime = before["runtime.bootTime"].Text;
        bool entered = !before["runtime.inMaintenanceMode"].Bool;
        if (entered)
        {
            await Maintenance.EnterAsync(client, host, name, options.MaintenanceTimeout, reporter, ct)
                .ConfigureAwait(false);
        }

        string left = !entered ? "" : name + " is left in maintenance mode: once it is back, end that with "
            + "PowerCLI's Set-VMHost or in the vSphere client.";
        try
        {
            await reboot.BootAsync(ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (entered)
        {
            throw new ZfsEsxException(e.Id, e.Kind, e.Target, e.Message, (e.Advice + " " + left).TrimStart(), e);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            reporter.Warning((name + " goes on booting by itself. " + left).TrimEnd());
            throw;
        }
        finally
        {
            reporter.Completed(reboot._activity);
        }

        if (entered)
        {
            await Maintenance.ExitAsync(client, host, name, reporter, ct).ConfigureAwait(false);
        }
    }

    private async Task BootAsync(CancellationToken ct)
    {
        reporter.Progress(_activity, "The host is told to reboot");
        ZfsEsxException? unanswered = null;
        try
        {
            _task = (await client.CallAsync(host, "RebootHost_Task", name, "Reboot", ct, Arg.E("force", false))
                .ConfigureAwait(false)).Ref;
        }
        catch (ZfsEsxException e) when (IsOfLink(e))
        {
            unanswered = e; // a single host may be gone before it has answered
        }

        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan Limit() => unanswered is null || _away ? options.RebootTimeout : s_unanswered;
        while (clock.Elapsed < Limit())
        {
            try
            {
                if (await client.WatchAsync(Query(), IsBack, Limit() - clock.Elapsed, ct).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (ZfsEsxException e) when (IsOfLink(e) || (!client.IsVCenter && IsOfStart(e)))
            {
                // A single host takes its management service along. A vCenter Server that is away for a moment is no
                // reason to lose sight of the host.
                if (!client.IsVCenter)
                {
                    Away();
                    _task = null;
                }

                await Task.Delay(TimeSpan.FromSeconds(2), ct).ConfigureAwait(false);
            }
        }

        throw unanswered is not null && !_away ? unanswered : new ZfsEsxException(
            "RebootTimeout", FailureKind.Timeout, name,
            name + " has not come back within " + options.RebootTimeout.TotalMinutes + " minutes.",
            "Look at its console. Once it is back, repeat the command: it goes on from there.");
    }

    private static bool IsOfLink(ZfsEsxException e) =>
        e.Kind is FailureKind.Connection or FailureKind.Timeout && e.InnerException is not VimFaultException;

    // The service of a host that comes up forgets the task, and answers at first with faults of many kinds.
    private bool IsOfStart(ZfsEsxException e) =>
        e.IsFault("ManagedObjectNotFound") || (_away && e.Kind != FailureKind.PermissionDenied);

    private PropertyQuery Query()
    {
        PropertyQuery query = new PropertyQuery().Read("HostSystem", s_paths).From([host]);
        return _task is MoRef task ? query.Read("Task", "info.state", "info.error").From([task]) : query;
    }

    // The end of the task only means that the reboot has begun; a new boot time and a connected host mean that it is
    // over.
    private bool IsBack(IReadOnlyDictionary<MoRef, VimObject> known)
    {
        if (_task is MoRef task && known.TryGetValue(task, out VimObject? reboot)
            && reboot["info.state"].Text == "error")
        {
            VimValue error = reboot["info.error"];
            throw VimFaults.ToException(
                new VimFaultException(error["fault"].XsiType ?? "SystemError", error["localizedMessage"].Text,
                    error["fault"]), name, "Reboot");
        }

        if (!known.TryGetValue(host, out VimObject? state))
        {
            return false;
        }

        if (state["runtime.connectionState"].Text != "connected")
        {
            Away();
            return false;
        }

        reporter.Progress(_activity, "The host goes down");
        return state["runtime.bootTime"].Text.Length > 0 && state["runtime.bootTime"].Text != _bootTime;
    }

    private void Away()
    {
        _away = true;
        reporter.Progress(_activity, "The host is away; waiting for it to come back");
    }
}
