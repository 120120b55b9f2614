using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>Where a VM is registered.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Pool">The resource pool.</param>
/// <param name="Host">The host.</param>
/// <param name="HostName">Its name.</param>
internal sealed record VmPlace(MoRef Folder, MoRef Pool, MoRef Host, string HostName);

/// <summary>What is done to VMs when their files turn up elsewhere.</summary>
internal sealed class VmActions(VimClient client)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Puts a configuration into the inventory; one that is there already is taken.</summary>
    public async Task<MoRef> RegisterAsync(
        string path, string name, VmPlace place, IReporter reporter, CancellationToken ct)
    {
        try
        {
            return (await client.RunTaskAsync(
                place.Folder, "RegisterVM_Task", name, "Register " + path, reporter, ct,
                Arg.E("path", path), Arg.E("name", VimName.Escape(name)), Arg.E("asTemplate", false),
                Arg.E("pool", place.Pool), Arg.E("host", place.Host)).ConfigureAwait(false)).Ref;
        }
        catch (ZfsEsxException e) when (e.IsFault("AlreadyExists")
            || e.Kind is FailureKind.Connection or FailureKind.Timeout)
        {
            IReadOnlyList<VimObject> all = await client.FindAsync(
                "VirtualMachine", ["config.files.vmPathName"], ct).ConfigureAwait(false);
            if (all.FirstOrDefault(v => v["config.files.vmPathName"].Text == path) is not VimObject there)
            {
                throw;
            }

            return there.Ref;
        }
    }

    /// <summary>
    /// Pulls the cables of all adapters, and has the VM take an identity of its own when it is switched on. A VM with a
    /// disk elsewhere is taken off the inventory again: that disk is no copy.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>DiskElsewhere</c>.</exception>
    public async Task IsolateAsync(MoRef vm, string name, IReporter reporter, CancellationToken ct)
    {
        const string Action = "config.extraConfig[\"uuid.action\"]";
        VimObject read = (await client.RetrieveAsync(
            [vm], "VirtualMachine",
            ["config.hardware.device", "config.files.vmPathName", "runtime.powerState", Action], ct)
            .ConfigureAwait(false))[0];
        if (DiskElsewhere(read["config.hardware.device"].Items, read["config.files.vmPathName"].Text) is string disk)
        {
            if (read["runtime.powerState"].Text == "poweredOff")
            {
                await UnregisterAsync(vm, name, ct).ConfigureAwait(false);
            }

            throw new ZfsEsxException(
                "DiskElsewhere", FailureKind.InvalidState, name,
                name + " has a disk that is not on the copied datastore, but the real one: " + disk + ".",
                "It is not tried, as it would write there. Move the disk to the datastore of the VM's other files, and "
                    + "replicate; where the copy's configuration names it by an absolute path, set that right.");
        }

        Arg[] cards = [.. read["config.hardware.device"].Items
            .Where(d => d["macAddress"].Exists && d["connectable"]["startConnected"].Text != "false")
            .Select(DeviceSpec.UnpluggedAdapter)];
        if (cards.Length > 0 || read[Action]["value"].Text != "create")
        {
            await client.RunTaskAsync(
                vm, "ReconfigVM_Task", name, "Disconnect its network", reporter, ct,
                Arg.O("spec", cards.Append(DeviceSpec.Option("uuid.action", "create")))).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The first disk that is not on the datastore of the configuration. A .vmx names disks in other places by their
    /// absolute path, so that of a copy leads to the original's. Pure.
    /// </summary>
    internal static string? DiskElsewhere(IEnumerable<VimValue> devices, string vmx)
    {
        string store = vmx.Substring(0, vmx.IndexOf(']') + 1);
        return devices.Where(d => d.Is("VirtualDisk")).Select(d => d["backing"]["fileName"].Text)
            .FirstOrDefault(f => store.Length == 0 || !f.StartsWith(store, StringComparison.Ordinal));
    }

    /// <summary>Switches a VM on and answers where its files come from. Other questions are the user's.</summary>
    public async Task PowerOnAsync(MoRef vm, string name, bool moved, IReporter reporter, CancellationToken ct)
    {
        VimValue begun = await client.CallAsync(vm, "PowerOnVM_Task", name, "Power on", ct).ConfigureAwait(false);
        VimTask task = new(begun.Ref, name, "Power on", vm);
        string answered = string.Empty;
        for (int looks = 0; ; looks++)
        {
            VimTaskResult result = (await client.WaitTasksAsync([task], reporter, ct).ConfigureAwait(false))[0];
            if (result.Failure is not ZfsEsxException failure)
            {
                return;
            }

            VimValue question = failure.Id != "VmQuestionPending" || looks > 300
                ? throw failure
                : (await client.RetrieveAsync([vm], "VirtualMachine", ["runtime.question"], ct)
                    .ConfigureAwait(false))[0]["runtime.question"];
            string id = question["id"].Text;
            if (id.Length > 0 && id != answered)
            {
                string choice = VmQuestion.Answer(question, moved) ?? throw failure;
                answered = id;
                await AnswerAsync(vm, name, id, choice, ct).ConfigureAwait(false);
            }

            await Task.Delay(s_pause, ct).ConfigureAwait(false);
        }
    }

    public async Task PowerOffAsync(MoRef vm, string name, IReporter reporter, CancellationToken ct)
    {
        try
        {
            await client.RunTaskAsync(vm, "PowerOffVM_Task", name, "Power off", reporter, ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("InvalidPowerState"))
        {
            // It is off.
        }
    }

    public async Task UnregisterAsync(MoRef vm, string name, CancellationToken ct)
    {
        try
        {
            await client.CallAsync(vm, "UnregisterVM", name, "Take it off the inventory", ct).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("ManagedObjectNotFound", "NotFound"))
        {
            // Somebody was faster.
        }
    }

    /// <summary>Asks the guest to shut down and waits until it has.</summary>
    public async Task ShutdownAsync(MoRef vm, string name, TimeSpan timeout, CancellationToken ct)
    {
        await client.CallAsync(vm, "ShutdownGuest", name, "Shut down the guest", ct).ConfigureAwait(false);
        bool off = await client.WatchAsync(
            new PropertyQuery().Read("VirtualMachine", "runtime.powerState").From([vm]),
            known => known.TryGetValue(vm, out VimObject? state) && state["runtime.powerState"].Text == "poweredOff",
            timeout, ct).ConfigureAwait(false);
        if (!off)
        {
            throw new ZfsEsxException(
                "ShutdownTimeout", FailureKind.Timeout, name,
                name + " has not shut down within " + timeout.TotalSeconds + " s.",
                "Look at its console, and run the same command again.");
        }
    }

    /// <summary>Whether VMware Tools answer within a time.</summary>
    public Task<bool> AnswersAsync(MoRef vm, TimeSpan timeout, CancellationToken ct) => client.WatchAsync(
        new PropertyQuery().Read("VirtualMachine", "guest.toolsRunningStatus").From([vm]),
        known => known.TryGetValue(vm, out VimObject? state)
            && state["guest.toolsRunningStatus"].Text == "guestToolsRunning",
        timeout, ct);

    public Task RenameAsync(MoRef entity, string name, string to, IReporter reporter, CancellationToken ct) =>
        client.RunTaskAsync(
            entity, "Rename_Task", name, "Rename to " + to, reporter, ct, Arg.E("newName", VimName.Escape(to)));

    private async Task AnswerAsync(MoRef vm, string name, string id, string choice, CancellationToken ct)
    {
        try
        {
            await client.CallAsync(
                vm, "AnswerVM", name, "Answer its question", ct, Arg.E("questionId", id), Arg.E("answerChoice", choice))
                .ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("ConcurrentAccess"))
        {
            // Somebody else has answered.
        }
    }
}
