using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>The steps that failovers of all kinds are made of, with what they learn on their way.</summary>
internal sealed class FailoverSteps(VimClient client, FailoverOptions options, FailoverInventory inventory, StepLog log)
{
    private readonly object _lock = new();
    private readonly Dictionary<string, string> _names = [];
    private readonly Dictionary<string, string> _problems = [];

    public VmActions VMs { get; } = new(client);

    public StepLog Log => log;

    /// <summary>What went wrong with VMs, by name.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    private string Holder => options.Holder.Name;

    public Change Fence(int stage) => log.Step(
        stage, Holder, "Take no more increments of " + options.Source,
        (_, ct) => StandInActions.FenceAsync(options.Holder, options.Source, ct));

    public Change Clone(int stage, FailoverUnit unit, bool test) => log.Step(
        stage, Holder + ": " + unit.CloneName,
        "Clone the newest snapshot of " + unit.Replica.Dataset + ", mounted at " + unit.MountPoint,
        (_, ct) => StandInActions.CloneAsync(options.Holder, options.Source, unit, test, ct));

    /// <summary>Mounts a clone that has served already.</summary>
    public Change MountClone(int stage, FailoverUnit unit) => log.Step(
        stage, Holder + ": " + unit.CloneName, "Mount it at " + unit.MountPoint + " again",
        (_, ct) => StandInActions.MountAsync(options.Holder, unit, ct));

    public Change Prepare(int stage, FailoverUnit unit, IReadOnlyList<VmNote> notes, bool test) => log.Step(
        stage, Holder + ": " + unit.CloneName, "Remove the locks of lost hosts in the clone, and note its VMs there",
        async (reporter, ct) =>
        {
            CloneContent content =
                await StandInActions.PrepareAsync(options.Holder, unit, notes, ct).ConfigureAwait(false);
            foreach (VmNote gone in content.Notes.Where(n => !content.VMs.Any(v => v.File == n.File)))
            {
                log.Fail(gone.Name + ": " + gone.File
                    + " is not in the replica; it may be younger than the last cycle.");
            }

            if (!test)
            {
                await StandInActions.SettleAsync(options.Holder, unit, ct).ConfigureAwait(false);
            }
        });

    /// <summary>Writes the note of its VMs into a file system, before they are taken off the inventory.</summary>
    public Change Note(
        int stage, ZfsHost host, string dataset, string mountPoint, IReadOnlyList<VmNote> vms) => log.Step(
        stage, host.Name + ": " + dataset, "Note its VMs in it",
        (_, ct) => host.UploadAsync(mountPoint + "/" + VmNotes.FileName, VmNotes.Write(vms), "0600", ct));

    public Change Share(int stage, FailoverUnit unit, IReadOnlyList<string> clients) => log.Step(
        stage, Holder + ": " + unit.CloneName, "Share " + unit.MountPoint + " with " + string.Join(", ", clients),
        (reporter, ct) => StandInActions.ShareAsync(options.Holder, unit, clients, reporter, ct));

    public Change ShutDown(int stage, KnownVm vm) => log.Step(
        stage, vm.Name, vm.ToolsRunning ? "Shut down its guest" : "Power off",
        (reporter, ct) => vm.ToolsRunning
            ? VMs.ShutdownAsync(vm.Ref, vm.Name, options.ShutdownTimeout, ct)
            : VMs.PowerOffAsync(vm.Ref, vm.Name, reporter, ct),
        ChangeRisk.Disruptive);

    public Change Unregister(int stage, KnownVm vm, bool off) => log.Step(
        stage, vm.Name, (off ? "Power off, and take it" : "Take it") + " off the inventory; its files stay",
        async (reporter, ct) =>
        {
            if (off)
            {
                await VMs.PowerOffAsync(vm.Ref, vm.Name, reporter, ct).ConfigureAwait(false);
            }

            await VMs.UnregisterAsync(vm.Ref, vm.Name, ct).ConfigureAwait(false);
        },
        ChangeRisk.Disruptive);

    /// <summary>Takes a datastore off hosts that are there; those that do not have it are left alone.</summary>
    public IEnumerable<Change> Dismount(int stage, DatastoreFact store, IEnumerable<KnownHost> hosts) => hosts
        .Where(h => h.Connected && store.Hosts.Contains(h.Ref))
        .Select(h => log.Step(
            stage, h.Name, "Unmount datastore " + store.Name + " (" + NfsExports.Text(store) + ")",
            async (_, ct) =>
            {
                NfsFacts facts = await NfsFacts.ReadOwnAsync(client, [h.Ref], ct).ConfigureAwait(false);
                if (facts.Datastores.FirstOrDefault(d => d.Ref == store.Ref && d.Hosts.Contains(h.Ref)) is { } mounted)
                {
                    await new NfsActions(client).DismountAsync(facts.Hosts[0], mounted, ct).ConfigureAwait(false);
                }
            },
            ChangeRisk.Disruptive));

    /// <summary>Gives the name of a datastore free that hosts which are away still hold in the inventory.</summary>
    public Change FreeName(int stage, DatastoreFact store) => log.Step(
        stage, store.Name, "Rename it to " + store.Name + " (lost)",
        (reporter, ct) => VMs.RenameAsync(store.Ref, store.Name, store.Name + " (lost)", reporter, ct),
        tolerant: true);

    /// <summary>Mounts an export on hosts; what vCenter really calls it is kept for those who register.</summary>
    public Change Mount(int stage, string name, string server, string path, IReadOnlyList<KnownHost> hosts) => log.Step(
        stage, "datastore " + name,
        "Mount " + server + ":" + path + " on " + string.Join(", ", hosts.Select(h => h.Name)),
        async (reporter, ct) =>
        {
            NfsMount mount = new() { Name = name, RemoteHost = server, RemotePath = path, RaiseLimit = true };
            MoRef[] these = [.. hosts.Select(h => h.Ref)];
            Plan<IReadOnlyList<ZfsNfsDatastore>> plan =
                await NfsDatastore.PlanMountAsync(client, these, mount, ct).ConfigureAwait(false);
            IReadOnlyList<ZfsNfsDatastore> mounted = await plan.RunAsync(reporter, ct).ConfigureAwait(false);
            string called = mounted.Count > 0 ? mounted[0].Name : name;
            Called(name, called);
            if (called != name)
            {
                log.Fail("vCenter calls the datastore '" + called + "' as long as the old one of that name is in its "
                    + "inventory; on the hosts it is " + name + ".");
            }
        });

    public void Called(string name, string called)
    {
        lock (_lock)
        {
            _names[name] = called;
        }
    }

    /// <summary>Registers a VM, and switches it on when it ran.</summary>
    public Change Register(
        int stage, VmNote vm, string name, string datastore, VmPlace place, MoRef? known, bool on, bool test) =>
        log.Step(
            stage, name,
            (known is null ? "Register on " + place.HostName : "Found registered")
                + (test ? ", disconnect its network" : string.Empty)
                + (on ? ", power on and answer '" + (test ? "copied" : "moved") + "'" : string.Empty),
            async (reporter, ct) =>
            {
                try
                {
                    string path =
                        "[" + (_names.TryGetValue(datastore, out string? called) ? called : datastore) + "] " + vm.File;
                    MoRef registered = known
                        ?? await VMs.RegisterAsync(path, name, place, reporter, ct).ConfigureAwait(false);
                    if (test)
                    {
                        await VMs.IsolateAsync(registered, name, reporter, ct).ConfigureAwait(false);
                    }

                    if (on)
                    {
                        await VMs.PowerOnAsync(registered, name, moved: !test, reporter, ct).ConfigureAwait(false);
                    }
                }
                catch (ZfsEsxException e)
                {
                    lock (_lock)
                    {
                        _problems[name] = e.Message;
                    }

                    throw;
                }
            },
            tolerant: true);

    /// <summary>Where the n-th VM goes: its own host if that is among the chosen, else they take turns.</summary>
    public VmPlace Place(VmNote vm, int n)
    {
        KnownHost[] hosts = [.. inventory.Chosen.Where(h => h.Connected)];
        KnownHost host = hosts.FirstOrDefault(h => h.Name == vm.Host) ?? hosts[n % hosts.Length];
        return new VmPlace(
            vm.Folder.Length > 0 && inventory.VMs.Any(v => v.Folder.Value == vm.Folder)
                ? new MoRef("Folder", vm.Folder) : host.VmFolder,
            host.Pool, host.Ref, host.Name);
    }
}
