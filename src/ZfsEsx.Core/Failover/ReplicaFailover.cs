using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>
/// Clones of replicas stand in for the file systems of a storage VM that is lost, or shall rest; and the way back. What
/// is done is what inventory and pools show, so a run that broke off goes on when it is repeated; what they do not show
/// is noted in the file systems and their properties.
/// </summary>
public static partial class ReplicaFailover
{
    private const int FenceStage = 100;
    private const int CloneStage = 110;
    private const int UnregisterStage = 120;
    private const int NameStage = 140;
    private const int MountStage = 150;
    private const int RegisterStage = 1000;

    /// <summary>How far a failover is.</summary>
    public static async Task<ZfsReplicaFailover> GetAsync(
        VimClient client, FailoverOptions options, CancellationToken ct)
    {
        Site site = await Site.ReadAsync(client, options, test: false, ct).ConfigureAwait(false);
        return site.Report(string.Empty, new StepLog(), new Dictionary<string, string>());
    }

    /// <summary>
    /// Takes over from a source that is lost: clones of its replicas are shared, mounted under the datastores' own
    /// names, and the VMs registered and switched on.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>SourceAnswers</c>: it is not lost. <c>ReplicaNotFound</c>, <c>DatastoreUnknown</c>, <c>HostNotConnected</c>,
    /// <c>NoStorageAddress</c>. Nothing has been changed.
    /// </exception>
    public static async Task<Plan<ZfsReplicaFailover>> PlanStartAsync(
        VimClient client, FailoverOptions options, CancellationToken ct)
    {
        Site site = await Site.ReadAsync(client, options, test: false, ct).ConfigureAwait(false);
        site.CheckHosts();
        if (!site.IsOver)
        {
            IReadOnlyList<string> signs = await LostProof.SignsAsync(
                client, options, site.Inventory, site.Units, ct).ConfigureAwait(false);
            if (signs.Count > 0)
            {
                throw new ZfsEsxException(
                    "SourceAnswers", FailureKind.InvalidState, options.Source,
                    options.Source + " is not lost: " + string.Join("; ", signs) + ".",
                    "Two storage VMs must never serve the same VMs. With -Planned the VMs are shut down, the last "
                        + "changes replicated, and nothing is lost; with -AsTest nothing is touched.");
            }
        }

        FailoverSteps steps = new(client, options, site.Inventory, new StepLog());
        List<Change> changes = [];
        if (!site.Set.Fenced)
        {
            changes.Add(steps.Fence(FenceStage));
        }

        changes.AddRange(LetGo(site, steps, UnregisterStage));
        changes.AddRange(TakeOver(site, steps, test: false));
        return site.Plan(client, "Unplanned", changes, steps);
    }

    /// <summary>The steps from the replicas to running VMs.</summary>
    internal static IEnumerable<Change> TakeOver(Site site, FailoverSteps steps, bool test)
    {
        FailoverOptions options = site.Options;
        foreach (FailoverUnit unit in site.Units)
        {
            IReadOnlyList<VmNote> notes = site.Notes[unit];
            // Its locks are those of hosts that run its VMs, and its note is complete: only the mount is missing.
            bool mount = unit.StandIn is { Mounted: false, Role: "primary" };
            if (mount)
            {
                yield return steps.MountClone(CloneStage, unit);
            }
            else if (unit.StandIn is not { Mounted: true, Role: "primary" or "test" })
            {
                yield return steps.Clone(CloneStage, unit, test);
                yield return steps.Prepare(CloneStage + 1, unit, site.IsUnwritten(unit) ? notes : [], test);
            }

            if (mount || unit.New is null || site.Missing(unit).Count > 0)
            {
                // All that have it, whoever was chosen this time: what is not in the list is shut out.
                yield return steps.Share(
                    CloneStage + 2, unit, site.Inventory.ClientsOf(options.HolderAddress, unit.New));
            }
        }

        foreach (FailoverUnit unit in site.Units)
        {
            if (unit.New is { } there)
            {
                steps.Called(unit.MountName, there.Name);
            }

            if (site.Missing(unit) is { Count: > 0 } missing)
            {
                yield return steps.Mount(MountStage, unit.MountName, options.HolderAddress, unit.MountPoint, missing);
            }
        }

        foreach (Change change in Registrations(site, steps, test))
        {
            yield return change;
        }
    }

    // Registrations and mounts of the source go, as far as their hosts are there.
    private static IEnumerable<Change> LetGo(Site site, FailoverSteps steps, int stage)
    {
        foreach (FailoverUnit unit in site.Units.Where(u => u.Old is not null))
        {
            foreach (KnownVm vm in site.OldVms(unit))
            {
                if (site.Inventory.HostOf(vm) is { Connected: true })
                {
                    yield return steps.Unregister(stage, vm, vm.IsOn && stage == UnregisterStage);
                }
                else
                {
                    steps.Log.Fail(vm.Name + ": its old registration stays as long as "
                        + (site.Inventory.HostOf(vm)?.Name ?? "its host") + " is away; vCenter cannot remove it.");
                }
            }

            foreach (Change change in steps.Dismount(stage + 10, unit.Old!, site.Inventory.Hosts))
            {
                yield return change;
            }

            if (unit.New is null && unit.Old!.Name == unit.MountName
                && unit.Old.Hosts.Any(h => site.Inventory.Hosts.Any(k => k.Ref == h && !k.Connected)))
            {
                yield return steps.FreeName(NameStage, unit.Old);
            }
        }
    }

    private static IEnumerable<Change> Registrations(Site site, FailoverSteps steps, bool test)
    {
        int n = 0;
        foreach ((FailoverUnit unit, VmNote vm) in site.InOrder())
        {
            KnownVm? known = site.Registered(unit, vm);
            bool on = site.Options.PowerOn && vm.IsOn && known is not { IsOn: true };
            if (known is null || on)
            {
                yield return steps.Register(
                    RegisterStage + n, vm, known?.Name ?? site.NewName(vm, test), unit.MountName, steps.Place(vm, n),
                    known?.Ref, on, test);
            }

            n++;
        }
    }
}
