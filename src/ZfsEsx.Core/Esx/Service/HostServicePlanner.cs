using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for a host's service does.</summary>
internal interface IHostServiceActions
{
    Task NoteAsync(ServiceVm storageVm, string note, IReporter reporter, CancellationToken ct);

    Task MoveAsync(VmMove move, IReporter reporter, CancellationToken ct);

    Task ShutDownAsync(ServiceVm storageVm, HostServiceOptions options, IReporter reporter, CancellationToken ct);

    Task EnterMaintenanceAsync(ServiceHost host, TimeSpan timeout, IReporter reporter, CancellationToken ct);

    Task ExitMaintenanceAsync(ServiceHost host, IReporter reporter, CancellationToken ct);

    Task PowerOnAsync(ServiceVm storageVm, IReporter reporter, CancellationToken ct);
}

/// <summary>Compares what is observed with a host that can be serviced. Pure.</summary>
internal static class HostServicePlanner
{
    /// <summary>The stages on the way out; unmounting is in between.</summary>
    public const int MoveStage = 1, DismountStage = 2, ShutdownStage = 3, MaintenanceStage = 4;

    /// <summary>What is done besides unmounting the shares.</summary>
    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Start(
        HostServiceFacts facts, HostServiceOptions options, IHostServiceActions actions)
    {
        HostServiceRefusals.Check(facts, options);
        List<string> warnings = [.. facts.Orphans.Select(o => "No registered VM uses " + o
            + ". It cannot be reached while the share is away.")];
        List<Change> changes = [];
        string note = ShareNote.Write(facts.Shares, facts.Templates);
        if (note != facts.StorageVm.ServiceNote)
        {
            changes.Add(new Change(
                facts.StorageVm.Name,
                "Note in it what it serves: " + string.Join(", ", facts.Shares.Select(s => s.Mount.Name + " on "
                    + s.Hosts.Count + (s.Hosts.Count == 1 ? " host" : " hosts"))),
                (reporter, ct) => actions.NoteAsync(facts.StorageVm, note, reporter, ct)));
        }

        foreach (VmMove move in Moves(facts, options, warnings))
        {
            changes.Add(new Change(
                move.Vm.Name, move.ToString(), (reporter, ct) => actions.MoveAsync(move, reporter, ct),
                    stage: MoveStage));
        }

        if (facts.StorageVm.IsOn)
        {
            changes.Add(new Change(
                facts.StorageVm.Name, HostServiceRefusals.ShutdownWords(facts.StorageVm, options),
                (reporter, ct) => actions.ShutDownAsync(facts.StorageVm, options, reporter, ct),
                ChangeRisk.Disruptive, ShutdownStage, afterAll: true));
        }

        if (!facts.Host.InMaintenanceMode)
        {
            changes.Add(new Change(
                facts.Host.Name,
                "Enter maintenance mode, for at most " + options.MaintenanceTimeout.TotalMinutes + " minutes",
                (reporter, ct) => actions.EnterMaintenanceAsync(facts.Host, options.MaintenanceTimeout, reporter, ct),
                ChangeRisk.Disruptive, MaintenanceStage, afterAll: true));
        }

        return (changes, warnings);
    }

    /// <summary>Where every VM goes that cannot stay.</summary>
    public static IReadOnlyList<VmMove> Moves(HostServiceFacts facts, HostServiceOptions options, List<string> warnings)
    {
        PlaceFinder places = new(facts, options);
        List<VmMove> moves = [];
        List<string> problems = [];
        foreach (ServiceVm vm in facts.VMs.OrderByDescending(v => v.Committed.Values.Sum())
            .ThenBy(v => v.Name, StringComparer.OrdinalIgnoreCase))
        {
            VmPart[] parts = facts.OnShare(vm);
            bool leaves = vm.Host == facts.Host.Ref && vm.IsOn && (parts.Length > 0 || !facts.Host.Evacuates);
            HomeNote? own = facts.HomeOf(vm);
            bool template = facts.IsTemplate(vm);
            VmMove move = new() { Vm = vm, Parts = parts, FromHost = facts.HostName(vm.Host), Template = template };
            if (!leaves && parts.Length == 0)
            {
                moves.AddRange(template && !vm.IsTemplate ? [move] : []);
                continue;
            }

            (ServiceHost? Host, ServiceStore? Store)? place = (null, null);
            string why = string.Empty;
            if (facts.IsVCenter && vm.Moving is null)
            {
                place = places.Find(vm, parts, leaves, out why);
            }

            if (!facts.IsVCenter || place is null)
            {
                problems.Add(vm.Name + (facts.IsVCenter ? ": " + why : string.Empty));
                continue;
            }

            ServiceHost? to = place.Value.Host;
            MoRef? pool = to is not null && to.Compute != facts.HostOf(vm.Host)?.Compute ? to.Pool : null;
            moves.Add(move with
            {
                Datastore = place.Value.Store?.Name ?? string.Empty,
                Host = to,
                Pool = pool,
                Awaits = vm.Moving,
                Leaves = leaves ? vm.Host : default,
                Note = NoteOf(vm, own, new HomeNote(
                    facts.StorageVm.InstanceUuid, parts.Length > 0 ? parts[0].Datastore : string.Empty,
                    [.. parts.Select(p => p.Key)], leaves ? vm.Host.Value : string.Empty,
                    pool is null ? string.Empty : vm.Pool.Value), warnings),
            });
        }

        if (problems.Count > 0)
        {
            throw facts.IsVCenter ? HostServiceRefusals.NoPlace(facts, problems)
                : HostServiceRefusals.NeedsVCenter(facts, problems);
        }

        warnings.AddRange(places.Used.Where(s => s.Capacity > 0 && places.Free(s) < s.Capacity / 10).Select(s =>
            s.Name + " will have only " + (ByteSize)places.Free(s) + " left of " + (ByteSize)s.Capacity
            + "; ZFS gets slow when a pool is nearly full."));
        string[] byItself = [.. facts.VMs.Where(v => v.Host == facts.Host.Ref && v.IsOn && facts.Host.Evacuates
            && moves.All(m => m.Vm != v)).Select(v => v.Name)];
        if (byItself.Length > 0 && !facts.Host.InMaintenanceMode)
        {
            warnings.Add("vCenter (DRS) moves these when the host enters maintenance mode: "
                + string.Join(", ", byItself) + ".");
        }

        return moves;
    }

    // A home that another host's service has noted stays; one that we have noted half is completed.
    private static string NoteOf(ServiceVm vm, HomeNote? own, HomeNote now, List<string> warnings)
    {
        if (own is null && HomeNote.Read(vm.HomeNote) is not null)
        {
            warnings.Add(vm.Name
                + " is away from home already, because another host is in service. It goes back to that "
                + "home when the other host's service is completed.");
            return string.Empty;
        }

        HomeNote note = own is null ? now : own with
        {
            Datastore = own.Datastore.Length > 0 ? own.Datastore : now.Datastore,
            Parts = own.Parts.Count > 0 ? own.Parts : now.Parts,
            Host = own.Host.Length > 0 ? own.Host : now.Host,
            Pool = own.Pool.Length > 0 ? own.Pool : now.Pool,
        };
        return note.ToString() == vm.HomeNote ? string.Empty : note.ToString();
    }
}
