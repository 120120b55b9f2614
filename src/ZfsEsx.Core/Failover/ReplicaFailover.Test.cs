using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <content>A failover as a drill: nothing of the real thing is touched.</content>
public static partial class ReplicaFailover
{
    private const int CleanStage = 100_000;
    private const int LastStage = 200_000;

    /// <summary>
    /// Makes clones of the replicas, mounts them under other names, registers their VMs under other names with their
    /// network disconnected, switches on those that run, waits for VMware Tools, and removes all of it again.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>ReplicaNotFound</c>, <c>DatastoreUnknown</c>, <c>HostNotConnected</c>, <c>NoStorageAddress</c>. Nothing has
    /// been changed.
    /// </exception>
    public static async Task<Plan<ZfsReplicaFailover>> PlanTestAsync(
        VimClient client, FailoverOptions options, CancellationToken ct)
    {
        Site site = await Site.ReadAsync(client, options, test: true, ct).ConfigureAwait(false);
        site.CheckHosts();
        FailoverSteps steps = new(client, options, site.Inventory, new StepLog());
        List<FailoverVm> seen = [];
        List<Change> changes = [.. TakeOver(site, steps, test: true)];
        changes.Add(steps.Log.Step(
            CleanStage - 1, "VMs of the test", "See whether they answer",
            async (reporter, token) =>
            {
                seen.AddRange(await AnswersAsync(client, options, steps, token).ConfigureAwait(false));
                if (seen.Count == 0)
                {
                    // A drill that started nothing must not look like one in which all went well.
                    steps.Log.Fail("No VM was found in the clones: nothing was started.");
                }
            },
            tolerant: true));
        if (!options.Keep)
        {
            changes.AddRange(CleanUp(client, site, steps, test: true));
        }

        DateTime now = site.Set.Now;
        return site.Plan(client, "Test", changes, steps).Select(report => report with
        {
            VMs = seen.Count > 0 ? seen : report.VMs,
            MinutesLost = Math.Round(Math.Max(0, site.Units.Max(u => (now - u.Replica.Current).TotalMinutes)), 1),
        });
    }

    /// <summary>
    /// The steps that take away what a test or a failover has made: found when they run, whoever made it.
    /// </summary>
    private static IEnumerable<Change> CleanUp(VimClient client, Site site, FailoverSteps steps, bool test)
    {
        FailoverOptions options = site.Options;
        foreach (FailoverUnit unit in site.Units)
        {
            // Named anew: they run whatever became of the steps before.
            string target = "stand-in " + unit.MountName;
            yield return steps.Log.Step(
                CleanStage, target, "Power off its VMs, and take them off the inventory",
                (reporter, ct) => RemoveVmsAsync(client, options, steps, unit, reporter, ct), ChangeRisk.Disruptive,
                afterAll: false);
            yield return steps.Log.Step(
                CleanStage + 1, target, "Unmount it from all hosts",
                (reporter, ct) => RemoveMountsAsync(client, options, unit, ct), ChangeRisk.Disruptive, afterAll: false);
            yield return steps.Log.Step(
                CleanStage + 2, target, "Destroy the clone " + unit.CloneName + "; the replica stays",
                (_, ct) => StandInActions.DestroyAsync(
                    options.Holder, unit.CloneName, test || options.Force ? "" : StandInActions.StartSnapshot, ct),
                options.Force ? ChangeRisk.DataLoss : ChangeRisk.Disruptive, afterAll: false);
        }
    }

    private static async Task<IReadOnlyList<FailoverVm>> AnswersAsync(
        VimClient client, FailoverOptions options, FailoverSteps steps, CancellationToken ct)
    {
        Site now = await Site.ReadAsync(client, options, test: true, ct).ConfigureAwait(false);
        IReadOnlyList<FailoverVm> vms = now.Report("Test", steps.Log, steps.Problems).VMs;
        return await Task.WhenAll(vms.Select(async vm => vm.State == "On"
            && await steps.VMs.AnswersAsync(MoRef.Parse(vm.VMId), options.AnswerTimeout, ct).ConfigureAwait(false)
                ? vm with { State = "Answers" } : vm)).ConfigureAwait(false);
    }

    private static async Task RemoveVmsAsync(
        VimClient client, FailoverOptions options, FailoverSteps steps, FailoverUnit unit, IReporter reporter,
        CancellationToken ct)
    {
        FailoverInventory now = await FailoverInventory.ReadAsync(client, options.Hosts, ct).ConfigureAwait(false);
        if (now.Store(options.HolderAddress, unit.MountPoint) is not { } store)
        {
            return;
        }

        foreach (KnownVm vm in now.On(store.Name))
        {
            if (vm.IsOn)
            {
                await steps.VMs.PowerOffAsync(vm.Ref, vm.Name, reporter, ct).ConfigureAwait(false);
            }

            await steps.VMs.UnregisterAsync(vm.Ref, vm.Name, ct).ConfigureAwait(false);
        }
    }

    private static async Task RemoveMountsAsync(
        VimClient client, FailoverOptions options, FailoverUnit unit, CancellationToken ct)
    {
        FailoverInventory now = await FailoverInventory.ReadAsync(client, options.Hosts, ct).ConfigureAwait(false);
        if (now.Store(options.HolderAddress, unit.MountPoint) is not { } store)
        {
            return;
        }

        MoRef[] hosts = [.. now.Hosts.Where(h => h.Connected && store.Hosts.Contains(h.Ref)).Select(h => h.Ref)];
        NfsFacts facts = await NfsFacts.ReadOwnAsync(client, hosts, ct).ConfigureAwait(false);
        NfsActions actions = new(client);
        await Task.WhenAll(facts.Hosts.Select(h => actions.DismountAsync(h, store, ct))).ConfigureAwait(false);
    }
}
