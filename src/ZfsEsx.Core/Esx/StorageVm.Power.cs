using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

public static partial class StorageVm
{
    /// <summary>Switches VMs on, side by side, and waits for all at once.</summary>
    /// <exception cref="ZfsEsxException">Applying: the host refuses, or the VM asks a question
    /// (<c>VmQuestionPending</c>).</exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanPowerOnAsync(
        VimClient client, IReadOnlyList<MoRef> vms, CancellationToken ct)
    {
        (IReadOnlyList<VmFacts> facts, _) = await ReadAsync(client, vms, ct).ConfigureAwait(false);
        if (facts.FirstOrDefault(f => f.IsTemplate) is VmFacts template)
        {
            throw new ZfsEsxException(
                "VmIsTemplate", FailureKind.InvalidState, template.Name,
                template.Name + " is a template and cannot be switched on.",
                "Clone it: New-EncapsulatedStorageVm.");
        }

        TaskWatch watch = new(client);
        return new Plan<IReadOnlyList<EncapsulatedStorageVm>>(
            [
                .. facts.Where(f => f.PowerState != "poweredOn").Select(f => new Change(
                    f.Name, "Power on",
                    (reporter, token) => PowerOnAsync(client, watch, f.Ref, f.Name, reporter, token))),
            ],
            token => GetAsync(client, vms, token));
    }

    /// <summary>Switches a VM on; all that share a watch are waited for with one filter.</summary>
    internal static Task PowerOnAsync(
        VimClient client, TaskWatch watch, MoRef vm, string name, IReporter reporter, CancellationToken ct)
    {
        return VimClient.WhileBusyAsync(OnceAsync, name, "Power on", reporter, ct);

        async Task<VimValue> OnceAsync()
        {
            VimTaskResult result = await watch.RunAsync(BeginAsync, reporter, ct).ConfigureAwait(false);
            return result.Failure is ZfsEsxException failure ? throw failure : result.Result;
        }

        async Task<VimTask> BeginAsync() => new(
            (await client.CallAsync(vm, "PowerOnVM_Task", name, "Power on", ct).ConfigureAwait(false)).Ref, name,
            "Power on", vm);
    }

    /// <summary>Asks the guests to shut down, and waits until they have.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>ToolsNotRunning</c>: nothing has been changed. Applying: <c>ShutdownTimeout</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<EncapsulatedStorageVm>>> PlanShutdownAsync(
        VimClient client, IReadOnlyList<MoRef> vms, TimeSpan timeout, CancellationToken ct)
    {
        (IReadOnlyList<VmFacts> facts, _) = await ReadAsync(client, vms, ct).ConfigureAwait(false);
        VmFacts[] running = facts.Where(f => !f.IsOff).ToArray();
        if (running.FirstOrDefault(f => !f.ToolsRunning) is VmFacts deaf)
        {
            throw new ZfsEsxException(
                "ToolsNotRunning", FailureKind.InvalidState, deaf.Name,
                deaf.Name + " runs without VMware Tools, so vSphere cannot ask its system to shut down.",
                "Install open-vm-tools in it, or shut it down from inside.");
        }

        return new Plan<IReadOnlyList<EncapsulatedStorageVm>>(
            running.Select(f => new Change(
                f.Name, "Shut down the guest",
                (_, token) => ShutdownAsync(client, f, timeout, token), ChangeRisk.Disruptive)).ToArray(),
            token => GetAsync(client, vms, token));
    }

    private static async Task ShutdownAsync(VimClient client, VmFacts vm, TimeSpan timeout, CancellationToken ct)
    {
        await client.CallAsync(vm.Ref, "ShutdownGuest", vm.Name, "Shut down the guest", ct).ConfigureAwait(false);
        PropertyQuery query = new PropertyQuery().Read("VirtualMachine", "runtime.powerState").From([vm.Ref]);
        bool off = await client.WatchAsync(
            query,
            known => known.TryGetValue(vm.Ref, out VimObject? state)
                && state["runtime.powerState"].Text == "poweredOff",
            timeout, ct).ConfigureAwait(false);
        if (!off)
        {
            throw new ZfsEsxException(
                "ShutdownTimeout", FailureKind.Timeout, vm.Name,
                vm.Name + " has not shut down within " + timeout.TotalSeconds + " s.",
                "Look at its console.");
        }
    }
}
