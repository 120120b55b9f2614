using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <content>The way back home.</content>
public static partial class ReplicaFailover
{
    /// <summary>
    /// Takes the VMs back to their storage VM when it is there again: what was written since is sent home while they
    /// run, they are shut down, the rest is sent, it takes the place of the old file system, and they go on there.
    /// Nothing is sent that is there already; what the old file system had on its own is kept.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>SourceNeeded</c>, <c>OthersFailedOver</c>, <c>ToolsNotRunning</c>, <c>HostNotConnected</c>,
    /// <c>NoStorageAddress</c>. Nothing has been changed. Applying: <c>NotSentHome</c>, <c>NotTakenBack</c>,
    /// <c>ShutdownTimeout</c>.
    /// </exception>
    public static async Task<Plan<ZfsReplicaFailover>> PlanCompleteAsync(
        VimClient client, FailoverOptions options, CancellationToken ct)
    {
        CheckSource(options);
        if (options.SourceAddress is null)
        {
            throw new ZfsEsxException(
                "SourceNeeded", FailureKind.InvalidArgument, options.Source,
                "The address of " + options.Source + " in the storage network is not known.",
                "Say it with -SourceAddress.");
        }

        Site site = await Site.ReadAsync(client, options, test: false, ct).ConfigureAwait(false);
        FailoverSteps steps = new(client, options, site.Inventory, new StepLog());
        site = site.Only(u => u.StandIn is { IsTest: false });
        if (site.Units.Count == 0 && !site.Set.Fenced)
        {
            return site.Plan(client, "Complete", [], steps);
        }

        site.CheckHosts();
        if (!options.Prepare)
        {
            CheckStandIns(site);
        }

        CheckChildren(site);
        WayBack way = new(options, site.Side!);
        FailoverUnit[] away = [.. site.Units.Where(u => !site.Side!.IsHome(u, site.Set.Fence))];
        List<Change> changes = [.. Send(site, steps, way, away)];
        if (!options.Prepare)
        {
            changes.AddRange(Leave(site, steps, way, away));
            changes.AddRange(Arrive(site, steps, way));
        }

        return site.Plan(client, "Complete", changes, steps);
    }

    // The fences are one for all of a source: when they fall, all that it shares is served by it again.
    internal static void CheckStandIns(Site site)
    {
        string[] others = [.. site.Set.StandIns.Where(s => !s.IsTest && !site.Units.Any(u => u.CloneName == s.Dataset))
            .Select(s => s.Dataset)];
        if (others.Length > 0)
        {
            throw new ZfsEsxException(
                "OthersFailedOver", FailureKind.InUse, others[0],
                site.Options.Source + " would share all of its file systems again, and for some that are not meant "
                    + "there are stand-ins: " + string.Join(", ", others) + ". Two would serve the same VMs.",
                "Leave -FileSystem out: all of a storage VM goes home together.");
        }
    }

    private static void CheckChildren(Site site)
    {
        foreach (FailoverUnit unit in site.Units)
        {
            string home = site.Side!.NameOf(unit);
            if (site.Side.Files.FirstOrDefault(f => f.Name.StartsWith(home + "/", StringComparison.Ordinal))
                is { } child)
            {
                throw new ZfsEsxException(
                    "FileSystemHasChildren", FailureKind.InUse, home,
                    home + " on " + site.Options.Source + " has file systems below it: " + child.Name + ".",
                    "What comes back takes its place, without them. Rename them to another place first.");
            }
        }
    }

    private static IEnumerable<Change> Send(Site site, FailoverSteps steps, WayBack way, FailoverUnit[] away)
    {
        (FailoverOptions options, SourceSide side) = (site.Options, site.Side!);
        if (away.Length == 0)
        {
            yield break;
        }

        if (side.Files.Any(f => f.IsShared))
        {
            yield return steps.Log.Step(
                10, options.SourceHost!.Name, "Fence " + side.Dataset + ": it is shared with nobody",
                (_, ct) => SourceSide.FenceAsync(options.SourceHost, side.Dataset, ct), ChangeRisk.Disruptive);
        }

        yield return steps.Log.Step(
            20, options.SourceHost!.Name, "Let " + options.Holder.Name + " send to " + way.Edge.TargetRoot,
            way.OpenAsync);
        foreach (FailoverUnit unit in away)
        {
            yield return steps.Log.Step(
                30, options.Holder.Name + ": " + unit.CloneName,
                "Send what was written since " + unit.StandIn!.Origin + " to " + options.Source + " while VMs run",
                (_, ct) => way.SendAsync(unit, ct));
        }
    }

    internal static IEnumerable<Change> Leave(Site site, FailoverSteps steps, WayBack way, FailoverUnit[] away)
    {
        FailoverOptions options = site.Options;
        CheckTools(options, away.Where(u => u.New is not null).SelectMany(u => site.Inventory.On(u.New!.Name)));
        foreach (FailoverUnit unit in away)
        {
            if (site.IsUnwritten(unit) && unit.StandIn is { Mounted: true })
            {
                yield return steps.Note(
                    35, options.Holder, unit.CloneName, unit.MountPoint, site.Notes[unit]);
            }

            foreach (KnownVm vm in unit.New is null ? [] : site.Inventory.On(unit.New.Name))
            {
                if (vm.IsOn)
                {
                    yield return steps.ShutDown(40, vm);
                }

                yield return steps.Unregister(50, vm, off: false);
            }

            foreach (KnownVm dead in site.OldVms(unit).Where(v => site.Inventory.HostOf(v) is { Connected: true }))
            {
                yield return steps.Unregister(50, dead, dead.IsOn);
            }

            foreach (DatastoreFact store in new[] { unit.New, unit.Old }.OfType<DatastoreFact>())
            {
                foreach (Change change in steps.Dismount(60, store, site.Inventory.Hosts))
                {
                    yield return change;
                }
            }

            yield return steps.Log.Step(
                70, options.Holder.Name + ": " + unit.CloneName, "Send the last changes to " + options.Source,
                (_, ct) => way.SendAsync(unit, ct));
            string kept = way.KeptOf(unit, site.Set.Now);
            yield return steps.Log.Step(
                80, options.SourceHost!.Name + ": " + site.Side!.NameOf(unit),
                "Put what came back in its place; what it was is kept as " + kept,
                (_, ct) => way.TakePlaceAsync(unit, kept, site.Set.Fence, ct), ChangeRisk.Disruptive);
            steps.Log.Fail(kept + " on " + options.Source + " has what was written there and not replicated before the "
                + "failover. Destroy it when nobody needs it.");
        }
    }

    internal static IEnumerable<Change> Arrive(Site site, FailoverSteps steps, WayBack way)
    {
        (FailoverOptions options, SourceSide side) = (site.Options, site.Side!);
        (ZfsHost home, ZfsHost holder) = (options.SourceHost!, options.Holder);
        yield return steps.Log.Step(
            90, home.Name, "Share " + side.Dataset + " again as it was",
            (_, ct) => SourceSide.UnfenceAsync(home, side.Dataset, holder.Name, site.Set.Fence, ct));

        // What was mounted of the source before goes above, so all hosts mount it anew; unless that has been done.
        foreach (Change change in MountHome(
            site.With(u => side.IsHome(u, site.Set.Fence) ? u : u with { Old = null }), side, steps, 900))
        {
            yield return change;
        }

        // A run that broke off has destroyed their clones, and not come to this.
        foreach (SourceFile file in side.Files.Where(f => f.Role == SourceSide.RoleAtHome(site.Set.Fence)
            && !site.Units.Any(u => side.NameOf(u) == f.Name)))
        {
            yield return Tidy(file.Name, file.MountPoint);
        }

        foreach (FailoverUnit unit in site.Units)
        {
            string place = side.FileOf(unit)?.MountPoint is { } path and not ("none" or "-") ? path : unit.MountPoint;
            yield return steps.Log.Step(
                CleanStage, holder.Name + ": " + unit.CloneName, "Destroy the clone; all of it is at " + options.Source,
                (_, ct) => StandInActions.DestroyAsync(holder, unit.CloneName, "-", ct), ChangeRisk.Disruptive);
            yield return Tidy(side.NameOf(unit), place);
        }

        yield return steps.Log.Step(
            CleanStage + 2, holder.Name, "Let " + holder.Name + " no longer send to " + options.Source, way.CloseAsync);
        yield return steps.Log.Step(
            CleanStage + 3, holder.Name, "Take increments of " + options.Source + " again",
            (_, ct) => StandInActions.UnfenceAsync(holder, options.Source, ct));
        yield return steps.Log.Step(
            CleanStage + 4, home.Name, "Replicate to " + holder.Name + " again",
            (reporter, ct) => RingReplication.RunCycleAsync(
                home, RingEdge(options, side), options.SendTimeout, reporter, ct));

        Change Tidy(string fileSystem, string mountPoint) => steps.Log.Step(
            CleanStage + 1, home.Name + ": " + fileSystem, "Remove what the way back has left",
            (_, ct) => SourceSide.TidyAsync(
                home, fileSystem, way.Edge.TargetRoot, EdgeConfig.TargetPath(way.Edge), mountPoint, ct));
    }
}
