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
    /// <c>SourceNeeded</c>, <c>OthersShared</c>, <c>ToolsNotRunning</c>, and those of <see cref="PlanStartAsync"/> but
    /// <c>SourceAnswers</c>.
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

    internal static IEnumerable<Change> LastCycle(Site site, FailoverSteps steps)
    {
        (FailoverOptions options, SourceSide side) = (site.Options, site.Side!);
        string source = options.SourceHost!.Name;
        CheckShares(site, side);
        CheckTools(options, site.Units.SelectMany(site.OldVms));
        foreach (FailoverUnit unit in site.Units)
        {
            if (side.FileOf(unit) is { Mounted: true } file && site.IsUnwritten(unit))
            {
                yield return steps.Note(10, options.SourceHost, file.Name, file.MountPoint, site.Notes[unit]);
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

        // Before the last cycle: what anybody writes after it would be lost.
        yield return steps.Log.Step(
            50, source, "Fence " + side.Dataset + ": it is shared with nobody",
            (_, ct) => SourceSide.FenceAsync(options.SourceHost, side.Dataset, ct), ChangeRisk.Disruptive);
        if (!site.Set.Fenced)
        {
            yield return steps.Log.Step(
                60, source, "Replicate the last changes to " + options.Holder.Name,
                (reporter, ct) => RingReplication.RunCycleAsync(
                    options.SourceHost, RingEdge(options, side), options.SendTimeout, reporter, ct));
        }
    }

    private static ReplicationEdge RingEdge(FailoverOptions options, SourceSide side) => new(
        options.Source, options.Holder.Name, side.Dataset, string.Empty, options.HolderAddress);

    // The fence closes all shares below what is replicated: VMs on those that are not taken over would lose their
    // disks.
    private static void CheckShares(Site site, SourceSide side)
    {
        string[] others = [.. side.Files
            .Where(f => f.Mounted && f.IsShared && !site.Units.Any(u => side.NameOf(u) == f.Name))
            .Select(f => f.Name)];
        if (others.Length > 0)
        {
            throw new ZfsEsxException(
                "OthersShared", FailureKind.InUse, others[0],
                site.Options.Source + " shares what is not among the file systems to be taken over: "
                    + string.Join(", ", others) + ". The fence closes all shares below " + side.Dataset + ".",
                "Leave -FileSystem out, so that all are taken over; say with -Datastore which datastore one is that is "
                    + "not found; or, where nobody uses it, end the share with Remove-ZfsNfsShare.");
        }
    }

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
