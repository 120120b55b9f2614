using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <content>A failover is called off before anything was written.</content>
public static partial class ReplicaFailover
{
    /// <summary>
    /// Removes what a failover or a test has made. A stand-in to which something was written is refused: that is what
    /// the way back is for. With the source given, its shares are opened and its VMs registered again.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>FailoverWritten</c>, <c>OthersFailedOver</c>: nothing has been changed.
    /// </exception>
    public static async Task<Plan<ZfsReplicaFailover>> PlanUndoAsync(
        VimClient client, FailoverOptions options, CancellationToken ct)
    {
        Site site = await Site.ReadAsync(client, options, test: false, ct).ConfigureAwait(false);
        CheckStandIns(site);
        FailoverSteps steps = new(client, options, site.Inventory, new StepLog());
        List<Change> changes = [];
        foreach (FailoverUnit unit in site.Units.Where(u => u.StandIn is { Role: "primary" } && !options.Force))
        {
            long written = await StandInActions.WrittenAsync(options.Holder, unit.CloneName, ct).ConfigureAwait(false);
            if (written > 0)
            {
                throw new ZfsEsxException(
                    "FailoverWritten", FailureKind.InvalidState, unit.CloneName,
                    new ByteSize(written) + " were written to " + unit.CloneName + " since the failover.",
                    "Complete-ZfsReplicaFailover takes them home. Only with -Force are they thrown away.");
            }
        }

        if (site.Units.Any(u => u.StandIn is not null || u.New is not null))
        {
            changes.AddRange(CleanUp(client, site, steps, test: false));
        }

        if (site.Set.StandIns.Any(s => s.IsTest))
        {
            Site tested = await Site.ReadAsync(client, options, test: true, ct).ConfigureAwait(false);
            changes.AddRange(CleanUp(client, tested, steps, test: true));
        }

        if (site.Side is { } side)
        {
            changes.AddRange(BackAsItWas(site, side, steps));
            changes.AddRange(CloseWay(site, side, steps));
        }

        if (site.Set.Fenced)
        {
            changes.Add(steps.Log.Step(
                CleanStage + 5, options.Holder.Name, "Take increments of " + options.Source + " again",
                (_, token) => StandInActions.UnfenceAsync(options.Holder, options.Source, token)));
        }

        return site.Plan(client, "Undo", changes, steps);
    }

    internal static IEnumerable<Change> BackAsItWas(Site site, SourceSide side, FailoverSteps steps)
    {
        FailoverOptions options = site.Options;
        if (side.Files.Any(f => f.Role == "fenced"))
        {
            yield return steps.Log.Step(
                CleanStage + 10, options.SourceHost!.Name, "Share " + side.Dataset + " again as it was",
                (_, ct) => SourceSide.UnfenceAsync(
                    options.SourceHost, side.Dataset, options.Holder.Name, site.Set.Fence, ct));
        }

        // A note that stays would be taken for one of the next failover.
        string[] notes = [.. site.Units.Where(u => site.Set.Fenced || site.IsNotedAtHome(u)).Select(side.FileOf)
            .Where(f => f is { Mounted: true }).Select(f => f!.MountPoint + "/" + VmNotes.FileName)];
        if (notes.Length > 0)
        {
            yield return steps.Log.Step(
                CleanStage + 15, options.SourceHost!.Name, "Remove the note of its VMs",
                (_, ct) => options.SourceHost.RunAsync(new RemoteCommand(["rm", "-f", .. notes]), ct));
        }

        foreach (Change change in MountHome(site, side, steps, CleanStage + 20))
        {
            yield return change;
        }
    }

    // What was sent home and has not taken its place would be in the way of the next way home. Last of all: VMs do not
    // wait for it.
    internal static IEnumerable<Change> CloseWay(Site site, SourceSide side, FailoverSteps steps)
    {
        FailoverOptions options = site.Options;
        if (options.SourceAddress is null)
        {
            yield break;
        }

        WayBack way = new(options, side);
        string[] left = [.. side.Back.Where(b => b != way.Edge.TargetRoot)];
        foreach (string name in left)
        {
            yield return steps.Log.Step(
                LastStage, options.SourceHost!.Name + ": " + name, "Destroy what was sent home and is not needed",
                (_, ct) => way.DropAsync(name, ct), options.Force ? ChangeRisk.DataLoss : ChangeRisk.Disruptive);
        }

        if (left.Length > 0 || side.WayIsOpen)
        {
            yield return steps.Log.Step(
                LastStage + 1, options.Holder.Name,
                "Let " + options.Holder.Name + " no longer send to " + options.Source,
                async (reporter, ct) =>
                {
                    await way.ForgetAsync(ct).ConfigureAwait(false);
                    await way.CloseAsync(reporter, ct).ConfigureAwait(false);
                });
        }
    }

    /// <summary>The source's shares on the hosts again, and their VMs in the inventory.</summary>
    private static IEnumerable<Change> MountHome(Site site, SourceSide side, FailoverSteps steps, int stage)
    {
        int n = 0;
        foreach (FailoverUnit unit in site.Units)
        {
            SourceFile? file = side.FileOf(unit);
            string? server = site.Options.SourceAddress ?? unit.Old?.RemoteHost;
            KnownHost[] missing = [.. site.Inventory.Chosen
                .Where(h => h.Connected && (unit.Old is null || !unit.Old.Hosts.Contains(h.Ref)))];
            if (unit.Old is not null)
            {
                steps.Called(unit.Datastore, unit.Old.Name);
            }

            if (file is null || server is null || site.Notes[unit].Count == 0)
            {
                continue;
            }

            if (missing.Length > 0)
            {
                string path = file.MountPoint is "none" or "-" ? unit.MountPoint : file.MountPoint;
                yield return steps.Mount(stage, unit.Datastore, server, path, missing);
            }

            foreach (VmNote vm in VmNotes.InOrder(site.Notes[unit]))
            {
                KnownVm? known = site.RegisteredOn(unit.Old, vm);
                bool on = site.Options.PowerOn && vm.IsOn && known is not { IsOn: true };
                if (known is null || on)
                {
                    yield return steps.Register(
                        stage + 10 + n, vm, known?.Name ?? vm.Name, unit.Datastore, steps.Place(vm, n), known?.Ref, on,
                        test: false);
                }

                n++;
            }
        }
    }
}
