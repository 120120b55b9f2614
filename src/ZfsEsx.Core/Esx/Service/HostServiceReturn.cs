using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>The way back. Pure.</summary>
internal static class HostServiceReturn
{
    /// <summary>The stages of the way back; mounting takes two, and waiting for what was never unmounted one.</summary>
    public const int PowerStage = 1, MountStage = 2, ReviveStage = 4, MoveStage = 5, NoteStage = 6;

    /// <summary>The first steps: the host takes VMs again, and its storage VM runs.</summary>
    public static IReadOnlyList<Change> Wake(HostServiceFacts facts, IHostServiceActions actions)
    {
        if (!facts.Host.Connected)
        {
            throw new ZfsEsxException(
                "HostNotConnected", FailureKind.Connection, facts.Host.Name,
                "The host " + facts.Host.Name + " is not connected.",
                "Wait until it has booted, connect it to vCenter again, and repeat the command.");
        }

        List<Change> changes = [];
        if (facts.Host.InMaintenanceMode)
        {
            changes.Add(new Change(
                facts.Host.Name, "Exit maintenance mode", (reporter, ct) =>
                    actions.ExitMaintenanceAsync(facts.Host, reporter, ct)));
        }

        if (!facts.StorageVm.IsOn)
        {
            changes.Add(new Change(
                facts.StorageVm.Name, "Power on", (reporter, ct) => actions.PowerOnAsync(facts.StorageVm, reporter, ct),
                stage: PowerStage, afterAll: true));
        }

        return changes;
    }

    /// <summary>The last steps: VMs go home, and the notes are taken off.</summary>
    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Settle(
        HostServiceFacts facts, IHostServiceActions actions)
    {
        List<string> warnings = [];
        List<Change> changes = [];
        VmMove[] moves = [.. facts.VMs.Select(vm => Home(facts, vm, warnings)).OfType<VmMove>()
            .OrderByDescending(m => m.Vm.Committed.Values.Sum()).ThenBy(m => m.Vm.Name,
                StringComparer.OrdinalIgnoreCase)];
        CheckRoom(facts, moves);
        changes.AddRange(moves.Select(move => new Change(
            move.Vm.Name, move.ToString(), (reporter, ct) => actions.MoveAsync(move, reporter, ct),
            stage: MoveStage, afterAll: true)));
        if (facts.StorageVm.ServiceNote.Length > 0)
        {
            changes.Add(new Change(
                facts.StorageVm.Name, "Take the note of what it serves off it",
                (reporter, ct) => actions.NoteAsync(facts.StorageVm, string.Empty, reporter, ct),
                stage: NoteStage, afterAll: true));
        }

        return (changes, warnings);
    }

    private static VmMove? Home(HostServiceFacts facts, ServiceVm vm, List<string> warnings)
    {
        if (facts.HomeOf(vm) is not HomeNote note)
        {
            // Interrupted when it was home already.
            return facts.IsTemplate(vm) && !vm.IsTemplate ? new VmMove { Vm = vm, Template = true } : null;
        }

        ServiceHost? host = facts.Hosts.FirstOrDefault(h => h.Ref.Value == note.Host);
        bool usable = host is { Connected: true } && (!host.InMaintenanceMode || host.Ref == facts.Host.Ref);
        if (note.Host.Length > 0 && vm.Host.Value != note.Host && !usable)
        {
            warnings.Add(vm.Name + " stays where it is: its host " + (host?.Name ?? note.Host)
                + " is away or in maintenance mode. Run the command again when it is back.");
            return null;
        }

        return new VmMove
        {
            Vm = vm,
            Parts = [.. vm.Parts.Where(p => note.Parts.Contains(p.Key)
                && !Inventory.Same(p.Datastore, note.Datastore))],
            Datastore = note.Datastore,
            Host = host is not null && vm.Host != host.Ref ? host : null,
            FromHost = facts.HostName(vm.Host),
            Pool = note.Pool.Length > 0 ? new MoRef("ResourcePool", note.Pool) : null,
            ClearsNote = true,
            Template = facts.IsTemplate(vm),
            Awaits = vm.Moving,
        };
    }

    // Only of a share that is mounted; of one that is still away nothing is known, and vCenter itself will look.
    private static void CheckRoom(HostServiceFacts facts, VmMove[] moves)
    {
        foreach (IGrouping<string, VmMove> there in moves.Where(m => m.Parts.Count > 0 && m.Awaits is null)
            .GroupBy(m => m.Datastore))
        {
            if (facts.Stores.FirstOrDefault(s => s.Name == there.Key && s.Writers.Count > 0) is not ServiceStore store)
            {
                continue;
            }

            long size = there.Sum(m => facts.Stores.Where(s => m.Parts.Any(p => p.Datastore == s.Name)
                && m.Vm.Committed.ContainsKey(s.Ref)).Sum(s => m.Vm.Committed[s.Ref]));
            string[] taken = [.. there
                .SelectMany(m => m.Parts.Select(p => p.Folder.Split('/')[0]).Append(m.Vm.Name).Distinct())
                .Where(n => n.Length > 0 && store.Folders?.Contains(n, StringComparer.OrdinalIgnoreCase) == true)];
            if (size > store.Free || taken.Length > 0)
            {
                throw new ZfsEsxException(
                    "NoPlaceForVm", FailureKind.LimitReached, store.Name,
                    size > store.Free
                        ? "The VMs that go back take " + (ByteSize)size + ", and " + store.Name + " has "
                        + (ByteSize)store.Free + " left."
                        : store.Name + " has folders already that VMs on their way back need: "
                        + string.Join(", ", taken) + ".",
                    "Free the space, or see whose these folders are and rename them; then repeat the command.");
            }
        }
    }
}
