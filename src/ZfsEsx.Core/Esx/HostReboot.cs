using System.Diagnostics;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Takes a host through maintenance mode and a boot.</summary>
internal static class HostReboot
{
    private static readonly string[] s_paths = ["runtime.bootTime", "runtime.connectionState",
        "runtime.inMaintenanceMode"];

    public static async Task RunAsync(
        VimClient client, MoRef host, string name, DirectPathOptions options, IReporter reporter, CancellationToken ct)
    {
        VimObject before = (await client.RetrieveAsync([host], "HostSystem", s_paths, ct).ConfigureAwait(false))[0];
        bool entered = !before["runtime.inMaintenanceMode"].Bool;
        if (entered)
        {
            await Maintenance.EnterAsync(client, host, name, options.MaintenanceTimeout, reporter, ct)
                .ConfigureAwait(false);
        }

        string activity = name + ": Reboot";
        try
        {
            reporter.Progress(activity, "Waiting for the host to come back");
            VimValue task = await client.CallAsync(host, "RebootHost_Task", name, "Reboot", ct, Arg.E("force", false))
                .ConfigureAwait(false);
            await WaitAsync(client, host, name, before["runtime.bootTime"].Text, task.Ref, options.RebootTimeout, ct)
                .ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (entered)
        {
            throw new ZfsEsxException(
                e.Id, e.Kind, e.Target, e.Message,
                (e.Advice + " " + name + " is left in maintenance mode.").TrimStart(), e);
        }
        finally
        {
            reporter.Completed(activity);
        }

        if (entered)
        {
            await Maintenance.ExitAsync(client, host, name, reporter, ct).ConfigureAwait(false);
        }
    }

    // The end of the task only means that the reboot has begun; a new boot time and a connected host mean that it is
    // over.
    private static async Task WaitAsync(
        VimClient client, MoRef host, string name, string bootTime, MoRef task, TimeSpan timeout, CancellationToken ct)
    {
        Stopwatch clock = Stopwatch.StartNew();
        PropertyQuery query = new PropertyQuery().Read("HostSystem", s_paths).From([host])
            .Read("Task", "info.state", "info.error").From([task]);
        while (clock.Elapsed < timeout)
        {
            try
            {
                if (await client.WatchAsync(query, IsBack, timeout - clock.Elapsed, ct).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (ZfsEsxException e) when (
                !client.IsVCenter && (e.Kind is FailureKind.Connection or FailureKind.Timeout
                    || e.IsFault("ManagedObjectNotFound")))
            {
                // A single host takes its management service along, and forgets the task.
                query = new PropertyQuery().Read("HostSystem", s_paths).From([host]);
                await Task.Delay(TimeSpan.FromSeconds(2), ct).ConfigureAwait(false);
            }
        }

        throw new ZfsEsxException(
            "RebootTimeout", FailureKind.Timeout, name,
            name + " has not come back within " + timeout.TotalMinutes + " minutes.",
            "Look at its console.");

        bool IsBack(IReadOnlyDictionary<MoRef, VimObject> known)
        {
            if (known.TryGetValue(task, out VimObject? reboot) && reboot["info.state"].Text == "error")
            {
                VimValue error = reboot["info.error"];
                throw VimFaults.ToException(
                    new VimFaultException(error["fault"].XsiType ?? "SystemError", error["localizedMessage"].Text,
                        error["fault"]), name, "Reboot");
            }

            return known.TryGetValue(host, out VimObject? state)
                && state["runtime.connectionState"].Text == "connected"
                && state["runtime.bootTime"].Text.Length > 0
                && state["runtime.bootTime"].Text != bootTime;
        }
    }
}
