using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="IHostServiceActions"/>
internal sealed class HostServiceActions(VimClient client) : IHostServiceActions
{
    private readonly VmMover _mover = new(client);

    public Task NoteAsync(ServiceVm storageVm, string note, IReporter reporter, CancellationToken ct) =>
        _mover.NoteAsync(storageVm, ServiceNotes.Service, note, reporter, ct);

    public Task MoveAsync(VmMove move, IReporter reporter, CancellationToken ct) =>
        _mover.MoveAsync(move, reporter, ct);

    public async Task ShutDownAsync(
        ServiceVm storageVm, HostServiceOptions options, IReporter reporter, CancellationToken ct)
    {
        string activity = storageVm.Name + ": Shut down";
        try
        {
            if (storageVm.ToolsRunning || options.ShutDown is not null)
            {
                reporter.Progress(activity, "Waiting until its system has gone down");
                await TellAsync(storageVm, options, ct).ConfigureAwait(false);
                if (await IsOffAsync(storageVm, options.ShutdownTimeout, ct).ConfigureAwait(false))
                {
                    return;
                }

                if (!options.Force)
                {
                    throw new ZfsEsxException(
                        "ShutdownTimeout", FailureKind.Timeout, storageVm.Name,
                        storageVm.Name + " has not shut down within " + options.ShutdownTimeout.TotalSeconds + " s.",
                        "Look at its console; when it is off, repeat the command. -ShutdownTimeout gives it longer.");
                }
            }

            await new TaskWatch(client).CallAsync(storageVm.Ref, "PowerOffVM_Task", storageVm.Name, "Power off",
                reporter, ct)
                .ConfigureAwait(false);
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    public async Task EnterMaintenanceAsync(
        ServiceHost host, TimeSpan timeout, IReporter reporter, CancellationToken ct)
    {
        try
        {
            await Maintenance.EnterAsync(client, host.Ref, host.Name, timeout, reporter, ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("Timedout"))
        {
            IReadOnlyList<VimObject> vms = await client.FindAsync(
                "VirtualMachine", ["name", "runtime.host", "runtime.powerState"], ct).ConfigureAwait(false);
            string[] on = [.. vms
                .Where(v => v["runtime.host"].Ref == host.Ref && v["runtime.powerState"].Text == "poweredOn")
                .Select(v => v.Name)];
            throw new ZfsEsxException(
                "MaintenanceTimeout", FailureKind.Timeout, host.Name,
                host.Name + " has not entered maintenance mode within " + timeout.TotalMinutes + " minutes."
                    + (on.Length > 0 ? " VMs still run on it: " + string.Join(", ", on) + "." : string.Empty),
                "Move them away or shut them down, and repeat the command.", e);
        }
    }

    public Task ExitMaintenanceAsync(ServiceHost host, IReporter reporter, CancellationToken ct) =>
        Maintenance.ExitAsync(client, host.Ref, host.Name, reporter, ct);

    public Task PowerOnAsync(ServiceVm storageVm, IReporter reporter, CancellationToken ct) =>
        new TaskWatch(client).CallAsync(storageVm.Ref, "PowerOnVM_Task", storageVm.Name, "Power on", reporter, ct);

    private async Task TellAsync(ServiceVm storageVm, HostServiceOptions options, CancellationToken ct)
    {
        try
        {
            await (storageVm.ToolsRunning
                ? client.CallAsync(storageVm.Ref, "ShutdownGuest", storageVm.Name, "Shut down", ct)
                : options.ShutDown!(ct)).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("InvalidPowerState"))
        {
            // It has gone down by itself, or by another hand.
        }
    }

    private Task<bool> IsOffAsync(ServiceVm vm, TimeSpan timeout, CancellationToken ct) => client.WatchAsync(
        new PropertyQuery().Read("VirtualMachine", "runtime.powerState").From([vm.Ref]),
        known => known.TryGetValue(vm.Ref, out VimObject? state) && state["runtime.powerState"].Text == "poweredOff",
        timeout, ct);
}
