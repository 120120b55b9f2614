using ZfsEsx.Esx;
using ZfsEsx.Replication;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>Pools and inventory as they are when a failover is planned.</summary>
internal sealed class Site
{
    private readonly List<string> _left = [];
    private readonly HashSet<FailoverUnit> _unwritten = [];
    private readonly HashSet<FailoverUnit> _notedAtHome = [];

    private Site(FailoverOptions options, ReplicaSet set, FailoverInventory inventory)
    {
        Options = options;
        Set = set;
        Inventory = inventory;
    }

    public FailoverOptions Options { get; }

    public ReplicaSet Set { get; }

    public FailoverInventory Inventory { get; }

    public IReadOnlyList<FailoverUnit> Units { get; private set; } = [];

    /// <summary>The VMs of each file system, by our note and by the inventory.</summary>
    public Dictionary<FailoverUnit, IReadOnlyList<VmNote>> Notes { get; } = [];

    /// <summary>Stand-ins have taken over: before that a source that answers is still the one to go on with.</summary>
    public bool IsOver => Set.Fenced && Units.All(u => u.StandIn is { Role: "primary" } && u.New is not null);

    public bool IsTest { get; private init; }

    /// <summary>The source, where it takes part.</summary>
    public SourceSide? Side { get; private init; }

    public static async Task<Site> ReadAsync(
        VimClient client, FailoverOptions options, bool test, CancellationToken ct)
    {
        Task<ReplicaSet> reading = ReplicaSet.ReadAsync(options.Holder, options.Source, ct);
        FailoverInventory inventory =
            await FailoverInventory.ReadAsync(client, options.Hosts, ct).ConfigureAwait(false);
        Site site = Of(
            options, await reading.ConfigureAwait(false), inventory,
            test || options.SourceHost is null ? null : await SourceSide.ReadAsync(options, ct).ConfigureAwait(false),
            test);
        foreach (FailoverUnit unit in site.Units)
        {
            IReadOnlyList<VmNote> noted = unit.StandIn is { Mounted: true }
                ? (await CloneContent.ReadAsync(options.Holder, unit.CloneName, unit.MountPoint, unlock: false, ct)
                    .ConfigureAwait(false)).Notes : [];
            if (noted.Count == 0 && unit.StandIn is not { Mounted: true }
                && site.Side?.FileOf(unit) is { Mounted: true } file)
            {
                noted =
                    (await CloneContent.ReadAsync(options.SourceHost!, file.Name, file.MountPoint, unlock: false, ct)
                        .ConfigureAwait(false)).Notes;
                if (noted.Count > 0)
                {
                    site._notedAtHome.Add(unit);
                }
            }

            site.Note(unit, noted);
        }

        return site;
    }

    internal static Site Of(
        FailoverOptions options, ReplicaSet set, FailoverInventory inventory, SourceSide? side, bool test)
    {
        Site site = new(options, set, inventory) { IsTest = test, Side = side };
        site.Units = FailoverUnits.Of(
            set, inventory.Nfs.Datastores, options.HolderAddress, options.FileSystems, options.Datastores, test,
            site._left);
        return site;
    }

    /// <summary>What is noted of a file system's VMs, with those that have come since.</summary>
    internal void Note(FailoverUnit unit, IReadOnlyList<VmNote> noted)
    {
        DatastoreFact? store = Lives(unit, noted.Count > 0);
        Notes[unit] = store is null ? noted : VmNotes.Merge(noted, VmNotes.Of(Inventory, store.Name));
        if (!Notes[unit].SequenceEqual(noted))
        {
            _unwritten.Add(unit);
        }
    }

    /// <summary>The same with some of its file systems.</summary>
    public Site Only(Func<FailoverUnit, bool> which) => With(u => which(u) ? u : null);

    /// <summary>The same with its file systems seen otherwise; null leaves one out.</summary>
    public Site With(Func<FailoverUnit, FailoverUnit?> seen)
    {
        Site other = new(Options, Set, Inventory) { IsTest = IsTest, Side = Side };
        List<FailoverUnit> units = [];
        foreach (FailoverUnit unit in Units)
        {
            if (seen(unit) is { } changed)
            {
                units.Add(changed);
                other.Notes[changed] = Notes[unit];
                if (_unwritten.Contains(unit))
                {
                    other._unwritten.Add(changed);
                }
            }
        }

        other.Units = units;
        return other;
    }

    /// <summary>The note that lies in a file system is not complete.</summary>
    public bool IsUnwritten(FailoverUnit unit) => _unwritten.Contains(unit);

    /// <summary>There is a note in the source's own file system.</summary>
    public bool IsNotedAtHome(FailoverUnit unit) => _notedAtHome.Contains(unit);

    /// <exception cref="ZfsEsxException"><c>HostNotConnected</c>, <c>NoStorageAddress</c>.</exception>
    public void CheckHosts() =>
        Inventory.CheckChosen(Options.HolderAddress, Inventory.ClientsOf(Options.HolderAddress));

    /// <summary>The chosen hosts that do not have a stand-in's datastore yet.</summary>
    public IReadOnlyList<KnownHost> Missing(FailoverUnit unit) =>
        [.. Inventory.Chosen.Where(h => unit.New is null || !unit.New.Hosts.Contains(h.Ref))];

    /// <summary>Registrations of a file system's VMs on the source's datastore.</summary>
    public IEnumerable<KnownVm> OldVms(FailoverUnit unit) => unit.Old is null || unit.Old == unit.New ? []
        : Inventory.On(unit.Old.Name);

    public KnownVm? Registered(FailoverUnit unit, VmNote vm) => RegisteredOn(unit.New, vm);

    public KnownVm? RegisteredOn(DatastoreFact? store, VmNote vm) => store is null ? null
        : Inventory.On(store.Name).FirstOrDefault(v => v.File == vm.File);

    // Where new VMs of a file system come into being: on the stand-in once there is one, on the source's share before.
    // What is registered on a test's datastore is the test's own.
    private DatastoreFact? Lives(FailoverUnit unit, bool noted) => unit.StandIn switch
    {
        null => unit.Old,
        { Role: "new" } => unit.Old,
        { IsTest: false } when unit.New is not null => unit.New,
        _ => noted ? null : unit.Old,
    };

    // What a stand-in is there for is not at home, whatever a lost host's old registrations say.
    private KnownVm? RegisteredAtHome(FailoverUnit unit, VmNote vm) =>
        IsTest || unit.StandIn is not null ? null : RegisteredOn(unit.Old, vm);

    public IEnumerable<(FailoverUnit Unit, VmNote Vm)> InOrder() => VmNotes.InOrder(Units.SelectMany(u => Notes[u]))
        .Select(v => (Units.First(u => Notes[u].Any(n => ReferenceEquals(n, v))), v));

    /// <summary>Its own name, unless a registration that cannot be removed now has it.</summary>
    public string NewName(VmNote vm, bool test) => test ? vm.Name + "-test"
        : Inventory.VMs.Any(v => v.Name == vm.Name && Inventory.HostOf(v) is not { Connected: true })
            ? vm.Name + " (failover)" : vm.Name;

    public Plan<ZfsReplicaFailover> Plan(
        VimClient client, string mode, IEnumerable<Change> changes, FailoverSteps steps) => new(
        [.. changes.OrderBy(c => c.Stage)],
        async ct => (await ReadAsync(client, Options, IsTest, ct).ConfigureAwait(false))
            .Report(mode, steps.Log, steps.Problems),
        [.. _left.Select(l => l + " of " + Set.Source + " belongs to no datastore that is known, and is left out. "
            + "-Datastore says which one it is.")]);

    // The fence is when it began, on whatever day it is repeated.
    private double Lost(StepLog log)
    {
        DateTime began = CycleReport.Time(Set.Fence) ?? Set.Now.AddSeconds(-log.Seconds);
        return Math.Round(Math.Max(0, Units.Max(u => (began - u.Replica.Current).TotalMinutes)), 1);
    }

    public ZfsReplicaFailover Report(string mode, StepLog log, IReadOnlyDictionary<string, string> problems)
    {
        FailoverVm[] vms =
        [
            .. InOrder()
                .Select(p => (p.Unit, p.Vm, Known: Registered(p.Unit, p.Vm) ?? RegisteredAtHome(p.Unit, p.Vm)))
                .Select(v => new FailoverVm(
                    v.Known?.Name ?? v.Vm.Name, v.Known?.Ref.Id ?? string.Empty,
                    v.Known is null ? string.Empty : Inventory.HostOf(v.Known)?.Name ?? string.Empty, v.Unit.MountName,
                    v.Known is null ? "NotRegistered" : v.Known.IsOn ? "On" : "Off",
                    problems.TryGetValue(v.Known?.Name ?? v.Vm.Name, out string? problem) ? problem : null)),
        ];
        bool over = Units.Count > 0 && Units.All(u => u.StandIn is { Role: "primary" } && u.New is not null);
        return new ZfsReplicaFailover
        {
            Source = Set.Source,
            ZfsHost = Options.Holder.Name,
            Mode = mode,
            State = over ? "FailedOver"
                : Set.Fenced || Units.Any(u => u.StandIn is { IsTest: false }) ? "Unfinished"
                : "Home",
            FileSystems =
            [
                .. Units.Select(u => new FailoverFileSystem(
                    u.Replica.Relative, u.MountName, u.Replica.Dataset,
                    u.StandIn?.Origin.Split('@')[1] ?? u.Replica.Snapshot, u.Replica.Taken,
                    u.StandIn is null ? string.Empty : u.CloneName)),
            ],
            VMs = vms,
            Steps = log.Steps,
            MinutesLost = mode is "Unplanned" or "Test" ? Lost(log) : null,
            Seconds = log.Seconds,
            NotPossible = log.NotPossible,
        };
    }
}
