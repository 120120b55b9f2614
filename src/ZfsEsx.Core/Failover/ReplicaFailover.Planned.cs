using ZfsEsx.Replication;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <content>A failover while the source is there: nothing is lost.</content>
public static partial class ReplicaFailover
{
    /// <summary>
    /// Shuts the VMs down, replicates the last changes, fences the source and goes on with clones of the replicas.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>SourceNeeded</c>, <c>ToolsNotRunning</c>, and those of <see cref="PlanStartAsync"/> but <c>SourceAnswers</c>.
    /// Nothing has been changed. Applying: <c>ShutdownTimeout</c>, <c>CycleIncomplete</c>.
    /// </exception>
    public static async Task<Plan<ZfsReplicaFailover>> PlanPlannedAsync(
        VimClient client, FailoverOptions options, CancellationToken ct)
    {
        CheckSource(options);
        Site site = await Site.ReadAsync(client, options, test: false, ct).ConfigureAwait(false);
        site.CheckHosts();
        FailoverSteps steps = new(client, options, site.Inventory, new StepLog());
        List<Change> changes = [];
        if (!site.IsOver)
        {
            changes.AddRange(LastCycle(site, steps));
        }

        if (!site.Set.Fenced)
        {
            changes.Add(steps.Fence(FenceStage));
        }

        changes.AddRange(TakeOver(site, steps, test: false));
        return site.Plan(client, "Planned", changes, steps);
    }

    private static IEnumerable<Change> LastCycle(Site site, FailoverSteps steps)
    {
        (FailoverOptions options, SourceSide side) = (site.Options, site.Side!);
        string source = options.SourceHost!.Name;
        CheckTools(options, site.Units.SelectMany(site.OldVms));
        foreach (FailoverUnit unit in site.Units)
        {
            if (side.FileOf(unit) is { Mounted: true } file && site.FromInventory(unit))
            {
                IReadOnlyList<VmNote> notes = site.Notes[unit];
                yield return steps.Log.Step(
                    10, source + ": " + file.Name, "Note its VMs in it",
                    (_, ct) => options.SourceHost.UploadAsync(
                        file.MountPoint + "/" + VmNotes.FileName, VmNotes.Write(notes), "0600", ct));
            }

            foreach (KnownVm vm in site.OldVms(unit).Where(v => v.IsOn))
            {
                yield return steps.ShutDown(20, vm);
            }
        }

        foreach (Change change in LetGo(site, steps, 30))
        {
            yield return change;
        }

        if (!site.Set.Fenced)
        {
            yield return steps.Log.Step(
                50, source, "Replicate the last changes to " + options.Holder.Name,
                (reporter, ct) => RingReplication.RunCycleAsync(
                    options.SourceHost, RingEdge(options, side), options.SendTimeout, reporter, ct));
        }

        yield return steps.Log.Step(
            60, source, "Fence " + side.Dataset + ": it is shared with nobody",
            (_, ct) => SourceSide.FenceAsync(options.SourceHost, side.Dataset, ct), ChangeRisk.Disruptive);
    }

    private static ReplicationEdge RingEdge(FailoverOptions options, SourceSide side) => new(
        options.Source, options.Holder.Name, side.Dataset, string.Empty, options.HolderAddress);

    private static void CheckSource(FailoverOptions options)
    {
        if (options.SourceHost is null)
        {
            throw new ZfsEsxException(
                "SourceNeeded", FailureKind.InvalidArgument, options.Source,
                "The storage VM " + options.Source + " takes part in this, and there is no connection to it.",
                "Connect-ZfsHost " + options.Source + ".");
        }
    }

    private static void CheckTools(FailoverOptions options, IEnumerable<KnownVm> vms)
    {
        string[] deaf = [.. vms.Where(v => v.IsOn && !v.ToolsRunning).Select(v => v.Name)];
        if (deaf.Length > 0 && !options.Force)
        {
            throw new ZfsEsxException(
                "ToolsNotRunning", FailureKind.InvalidState, deaf[0],
                "vSphere cannot ask these VMs to shut down, as VMware Tools do not run in them: "
                    + string.Join(", ", deaf) + ".",
                "Shut them down from inside, or repeat with -Force to switch them off.");
        }
    }
}
