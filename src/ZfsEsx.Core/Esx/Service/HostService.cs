using System.Diagnostics;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// A host is emptied for its service, and brought back. What is done is what the inventory shows, so a run that was
/// interrupted anywhere goes on when it is repeated; what the inventory does not show is noted in the VMs themselves.
/// </summary>
public static class HostService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(3);

    /// <summary>How far a host is on its way into service or back.</summary>
    public static async Task<EncapsulatedHostService> GetAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct) =>
        Result(await HostServiceReader.ReadAsync(client, host, options, ct).ConfigureAwait(false));

    /// <summary>
    /// Empties a host: VMs leave its storage VM's shares and the host, all hosts unmount the shares, the storage VM is
    /// shut down, and the host enters maintenance mode.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>HostNotConnected</c>, <c>StorageVmUnknown</c>, <c>StorageVmElsewhere</c>, <c>ShareUnknown</c>,
    /// <c>ToolsNotRunning</c>, <c>VmsCannotMove</c>, <c>NoPlaceForVm</c>, <c>NeedsVCenter</c>: nothing has been
    /// changed.
    /// Applying: <c>ShareNotEmpty</c>, <c>DatastoreInUse</c>, <c>ShutdownTimeout</c>, <c>MaintenanceTimeout</c>.
    /// </exception>
    public static async Task<Plan<EncapsulatedHostService>> PlanStartAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct)
    {
        HostServiceFacts facts = await HostServiceReader.ReadAsync(client, host, options, ct).ConfigureAwait(false);
        HostServiceRefusals.Check(facts, options);
        ServiceStore[] targets = [.. PlaceFinder.Candidates(facts, options)];
        ServiceStore[] shares = [.. facts.Shares.Select(facts.StoreOf).OfType<ServiceStore>()
            .Where(s => s.Writers.Count > 0)];
        facts = await FolderReader.ReadAsync(client, facts, targets, shares, ct).ConfigureAwait(false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            HostServicePlanner.Start(facts, options, new HostServiceActions(client));
        IReadOnlyList<Change> dismounts = await DismountAsync(client, facts, ct).ConfigureAwait(false);
        return Plan(client, host, options, facts, [.. changes, .. dismounts], warnings);
    }

    /// <summary>
    /// Brings a serviced host back: it leaves maintenance mode, its storage VM is powered on, all hosts mount the
    /// shares
    /// again, and the VMs go back to where they were.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>HostNotConnected</c>, <c>StorageVmUnknown</c>, <c>StorageVmElsewhere</c>, <c>NoPlaceForVm</c>,
    /// <c>DatastoreNameTaken</c>: nothing has been changed. Applying: <c>NfsMountRefused</c>.
    /// </exception>
    public static async Task<Plan<EncapsulatedHostService>> PlanCompleteAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct)
    {
        HostServiceFacts facts = await HostServiceReader.ReadAsync(client, host, options, ct).ConfigureAwait(false);
        HostServiceActions actions = new(client);
        List<Change> changes = [.. HostServiceReturn.Wake(facts, actions)];
        List<string> warnings = [];
        foreach (ShareNote share in facts.Shares)
        {
            changes.AddRange(await MountAsync(client, facts, share, options, warnings, ct).ConfigureAwait(false));
        }

        ServiceStore[] mounted = [.. facts.Shares.Select(facts.StoreOf).OfType<ServiceStore>()];
        foreach (ServiceStore store in mounted)
        {
            changes.AddRange(await ReviveAsync(client, facts, store, options, ct).ConfigureAwait(false));
        }

        facts = await FolderReader.ReadAsync(client, facts, [.. mounted.Where(s => s.Writers.Count > 0)], [], ct)
            .ConfigureAwait(false);
        (IReadOnlyList<Change> last, IReadOnlyList<string> more) = HostServiceReturn.Settle(facts, actions);
        return Plan(client, host, options, facts, [.. changes, .. last], [.. warnings, .. more]);
    }

    private static Plan<EncapsulatedHostService> Plan(
        VimClient client, MoRef host, HostServiceOptions options, HostServiceFacts facts, IEnumerable<Change> changes,
        IReadOnlyList<string> warnings)
    {
        Change[] all = [.. changes.OrderBy(c => c.Stage)];
        return new Plan<EncapsulatedHostService>(
            all,
            async ct => all.Length == 0 ? Result(facts) : await GetAsync(
                client, host, options with { StorageVm = facts.StorageVm.Ref }, ct).ConfigureAwait(false) with
            {
                // Once the note is off, only VMware Tools tell them.
                Shares = [.. facts.Shares.Select(s => s.Mount.Name)],
            },
            warnings);
    }

    private static async Task<IReadOnlyList<Change>> DismountAsync(
        VimClient client, HostServiceFacts facts, CancellationToken ct)
    {
        List<Change> changes = [];
        MoRef[] hosts = [.. facts.Hosts.Where(h => h.Connected).Select(h => h.Ref)];
        NfsFacts nfs = await NfsFacts.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        ILookup<MoRef, string> nobody = Array.Empty<string>().ToLookup(_ => default(MoRef));
        foreach (ServiceStore store in facts.Shares.Select(facts.StoreOf).OfType<ServiceStore>())
        {
            Task? check = null;
            object once = new();
            List<ZfsEsxException> refusals = [];
            IReadOnlyList<Change> dismounts = NfsPlanner.Dismount(nfs, store.Name, nobody, new NfsActions(client),
                refusals);
            if (refusals.Count > 0)
            {
                throw refusals[0]; // the storage VM goes down: a host that keeps the share would hang on it
            }

            changes.AddRange(dismounts.Select(c => new Change(
                c.Target, c.Action,
                async (reporter, token) =>
                {
                    Task empty;
                    lock (once)
                    {
                        empty = check ??= CheckEmptyAsync(client, facts, store, token);
                    }

                    await empty.ConfigureAwait(false);
                    await c.ApplyAsync(reporter, token).ConfigureAwait(false);
                },
                c.Risk, HostServicePlanner.DismountStage, afterAll: true)));
        }

        return changes;
    }

    // Before the first host lets go: somebody may have put a VM there since the plan was made.
    private static async Task CheckEmptyAsync(
        VimClient client, HostServiceFacts facts, ServiceStore store, CancellationToken ct)
    {
        IReadOnlyList<VimObject> read = await client.RetrieveAsync(
            new PropertyQuery().Read("Datastore", "vm").Read("VirtualMachine", "name")
                .From([store.Ref], PropertyQuery.Step("Datastore", "vm")), ct).ConfigureAwait(false);
        string[] left = [.. read.Where(o => o.Ref.Type == "VirtualMachine" && o.Ref != facts.StorageVm.Ref)
            .Select(o => o.Name)];
        if (left.Length > 0)
        {
            throw new ZfsEsxException(
                "ShareNotEmpty", FailureKind.InUse, store.Name,
                "VMs still use " + store.Name + ": " + string.Join(", ", left) + ".",
                "Repeat the command: what has come since it began is moved as well.");
        }
    }

    private static async Task<IReadOnlyList<Change>> MountAsync(
        VimClient client, HostServiceFacts facts, ShareNote share, HostServiceOptions options, List<string> warnings,
        CancellationToken ct)
    {
        ServiceHost[] known = [.. facts.Hosts.Where(h => share.Hosts.Contains(h.Ref.Value))
            .OrderBy(h => h.Ref != facts.Host.Ref)];
        warnings.AddRange(known.Where(h => !h.Connected).Select(h =>
            h.Name + " is not connected; " + share.Mount.Name
                + " is not mounted on it. Mount-ZfsNfsDatastore does it later."));
        Plan<IReadOnlyList<ZfsNfsDatastore>> plan = await NfsDatastore.PlanMountAsync(
            client, [.. known.Where(h => h.Connected).Select(h => h.Ref)], share.Mount, ct).ConfigureAwait(false);
        return [.. plan.Changes.Select(c => new Change(
            c.Target, c.Action,
            (reporter, token) => UntilServedAsync(c, options.ShareTimeout, reporter, token), c.Risk,
            HostServiceReturn.MountStage + c.Stage, afterAll: true))];
    }

    // The storage VM has just been powered on: its NFS server answers when its pool is imported.
    private static async Task UntilServedAsync(Change mount, TimeSpan timeout, IReporter reporter, CancellationToken ct)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string activity = mount.Target + ": Wait for the share";
        try
        {
            while (true)
            {
                try
                {
                    await mount.ApplyAsync(reporter, ct).ConfigureAwait(false);
                    return;
                }
                catch (ZfsEsxException e) when (e.Id == "NfsMountRefused" && clock.Elapsed < timeout)
                {
                    reporter.Progress(activity, "Its storage VM does not serve it yet");
                    reporter.Verbose(e.Message);
                }

                await Task.Delay(s_pause, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    // A share that was never unmounted: hosts have given up on it while its storage VM was off, or will.
    private static async Task<IReadOnlyList<Change>> ReviveAsync(
        VimClient client, HostServiceFacts facts, ServiceStore store, HostServiceOptions options, CancellationToken ct)
    {
        ReviveOptions how = new() { Timeout = options.ShareTimeout };
        Plan<IReadOnlyList<ZfsNfsDatastore>> now =
            await StorageVm.PlanReviveAsync(client, [store.Ref], how, ct).ConfigureAwait(false);
        return facts.StorageVm.IsOn && now.Changes.Count == 0 ? [] :
        [
            new Change(
                store.Name, "Refresh until its hosts reach it, and read VMs again that are inaccessible",
                async (reporter, token) => await (await StorageVm.PlanReviveAsync(client, [store.Ref], how, token)
                    .ConfigureAwait(false)).RunAsync(reporter, token).ConfigureAwait(false),
                stage: HostServiceReturn.ReviveStage, afterAll: true),
        ];
    }

    private static EncapsulatedHostService Result(HostServiceFacts facts)
    {
        bool mounted = facts.Shares.Any(s => facts.StoreOf(s) is not null);
        bool ready = facts.Host.InMaintenanceMode && !facts.StorageVm.IsOn && !mounted;
        bool serving = !facts.Host.InMaintenanceMode && facts.StorageVm.IsOn && facts.StorageVm.ServiceNote.Length == 0
            && facts.VMs.All(v => facts.HomeOf(v) is null);
        return new EncapsulatedHostService
        {
            VMHost = facts.Host.Name,
            VMHostId = facts.Host.Ref.Id,
            StorageVM = facts.StorageVm.Name,
            StorageVMPower = facts.StorageVm.PowerState,
            InMaintenanceMode = facts.Host.InMaintenanceMode,
            State = ready ? "Ready" : serving ? "Serving" : "Unfinished",
            Shares = [.. facts.Shares.Select(s => s.Mount.Name)],
            Moved =
            [
                .. from vm in facts.VMs
                   let note = facts.HomeOf(vm)
                   where note is not null
                   orderby vm.Name
                   select new EncapsulatedHostServiceVm(
                       vm.Name, vm.Ref.Id, facts.HostName(vm.Host), vm.HomeDatastore,
                       note.Host.Length == 0 ? string.Empty : facts.HostName(new MoRef("HostSystem", note.Host)),
                           note.Datastore),
            ],
        };
    }
}
