using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Moves VMs, as many at a time as are asked for, and waits for all of them together. Each VM is looked at again before
/// it is moved: another tool may have begun, or done, the same.
/// </summary>
internal sealed class VmMover(VimClient client)
{
    private const int Attempts = 5;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly TaskWatch _tasks = new(client);

    public Task NoteAsync(ServiceVm vm, string key, string note, IReporter reporter, CancellationToken ct) =>
        _tasks.CallAsync(
            vm.Ref, "ReconfigVM_Task", vm.Name, note.Length > 0 ? "Note " + key : "Take off " + key, reporter, ct,
            Arg.O("spec", DeviceSpec.Option(key, note)));

    public async Task MoveAsync(VmMove move, IReporter reporter, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                ServiceVm now = await ReadAsync(move, ct).ConfigureAwait(false);
                if (now.Moving is MoRef task)
                {
                    await EndAsync(move, task, reporter, ct).ConfigureAwait(false);
                    now = await ReadAsync(move, ct).ConfigureAwait(false);
                }

                await DoAsync(move, now, reporter, ct).ConfigureAwait(false);
                return;
            }
            catch (ZfsEsxException e) when (attempt < Attempts && MayBeLost(e))
            {
                // The answer to a call may have been lost and the call not: looking again tells.
                reporter.Verbose(move.Vm.Name + ": " + e.Message + " Looking again.");
                await Task.Delay(s_pause, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task DoAsync(VmMove move, ServiceVm now, IReporter reporter, CancellationToken ct)
    {
        if (now.IsTemplate)
        {
            now = await AsVmAsync(move, now, ct).ConfigureAwait(false);
        }

        if (move.Note.Length > 0 && now.HomeNote != move.Note)
        {
            await NoteAsync(move.Vm, ServiceNotes.Home, move.Note, reporter, ct).ConfigureAwait(false);
        }

        if (move.Awaits is not null)
        {
            CheckGone(move, now);
        }
        else if (!move.IsThere(now))
        {
            await GoAsync(move, now, reporter, ct).ConfigureAwait(false);
            now = await ReadAsync(move, ct).ConfigureAwait(false);
        }

        if (move.ClearsNote && now.HomeNote.Length > 0)
        {
            await NoteAsync(move.Vm, ServiceNotes.Home, string.Empty, reporter, ct).ConfigureAwait(false);
        }

        if (move.Template && !now.IsTemplate)
        {
            await client.CallAsync(move.Vm.Ref, "MarkAsTemplate", move.Vm.Name, "Make it a template again", ct)
                .ConfigureAwait(false);
        }
    }

    private async Task GoAsync(VmMove move, ServiceVm now, IReporter reporter, CancellationToken ct)
    {
        Dictionary<string, MoRef> stores = await StoresAsync(ct).ConfigureAwait(false);
        MoRef? target = move.Parts.Count == 0 ? null
            : stores.TryGetValue(move.Datastore, out MoRef found) ? found : throw new ZfsEsxException(
                "ObjectNotFound", FailureKind.NotFound, move.Datastore,
                "There is no datastore '" + move.Datastore + "' for " + move.Vm.Name + " any more.",
                "Mount it, and repeat the command.");
        try
        {
            await _tasks.CallAsync(
                move.Vm.Ref, "RelocateVM_Task", move.Vm.Name, move.Doing, reporter, ct, move.Spec(now, target, stores),
                Arg.E("priority", "defaultPriority")).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (!MayBeLost(e))
        {
            throw new ZfsEsxException(
                e.Id, e.Kind, e.Target, e.Message,
                ((e.Advice ?? string.Empty)
                    + " The VM stays where it was; repeat the command when the cause is gone.").Trim(),
                e.InnerException);
        }
    }

    private static bool MayBeLost(ZfsEsxException e) =>
        e.IsFault("TaskInProgress") || e.Kind is FailureKind.Connection or FailureKind.Timeout;

    // What somebody else has begun ends well or badly; the VM itself then tells what is left to do.
    private Task<VimTaskResult> EndAsync(VmMove move, MoRef task, IReporter reporter, CancellationToken ct) =>
        _tasks.RunAsync(
            () => Task.FromResult(new VimTask(task, move.Vm.Name, "Move", move.Vm.Ref)), reporter, ct);

    private static void CheckGone(VmMove move, ServiceVm now)
    {
        if (move.ClearsNote ? !move.IsThere(now) : move.Left(now).Length > 0 || now.Host == move.Leaves)
        {
            throw new ZfsEsxException(
                "NotMovedYet", FailureKind.InvalidState, move.Vm.Name,
                "The move of " + move.Vm.Name + " that was under way has ended, and it is not yet where it must be.",
                "Repeat the command: it will be moved.");
        }
    }

    // A template can be neither changed nor moved; a VM can.
    private async Task<ServiceVm> AsVmAsync(VmMove move, ServiceVm now, CancellationToken ct)
    {
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(
            new PropertyQuery().Read("ComputeResource", "resourcePool").Read("ClusterComputeResource", "resourcePool")
                .From([now.Host], PropertyQuery.Step("HostSystem", "parent")), ct).ConfigureAwait(false);
        await client.CallAsync(
            move.Vm.Ref, "MarkAsVirtualMachine", move.Vm.Name, "Make it a VM for the move", ct,
            Arg.E("pool", read.First(o => o["resourcePool"].Exists)["resourcePool"].Ref), Arg.E("host", now.Host))
            .ConfigureAwait(false);
        return now with { IsTemplate = false };
    }

    private async Task<ServiceVm> ReadAsync(VmMove move, CancellationToken ct) =>
        await ServiceVm.ReadAsync(client, [move.Vm.Ref], ct).ConfigureAwait(false) is { Count: > 0 } read ? read[0]
        : throw new ZfsEsxException(
            "ObjectNotFound", FailureKind.NotFound, move.Vm.Name, "The VM " + move.Vm.Name + " is not there any more.",
            "Repeat the command: it looks anew.");

    private async Task<Dictionary<string, MoRef>> StoresAsync(CancellationToken ct) =>
        (await client.FindAsync("Datastore", ["name"], ct).ConfigureAwait(false))
            .GroupBy(d => d.Name).ToDictionary(g => g.Key, g => g.First().Ref);
}
