using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Vim;
using ZfsEsx.Zfs;

namespace ZfsEsx.Failover;

/// <summary>What becomes of a clone on hosts.</summary>
public sealed record CloneMount
{
    /// <summary>Where hosts reach the storage VM: its address in the storage network.</summary>
    public required string ServerAddress { get; init; }

    /// <summary>The hosts that mount it.</summary>
    public required IReadOnlyList<MoRef> Hosts { get; init; }

    /// <summary>The datastore's name; the last part of the mount point when null.</summary>
    public string? Datastore { get; init; }

    /// <summary>The VMs in it are registered, with their network disconnected.</summary>
    public bool Register { get; init; }

    /// <summary>They are switched on.</summary>
    public bool PowerOn { get; init; }

    /// <summary>Behind their names.</summary>
    public string Suffix { get; init; } = "-clone";
}

/// <summary>Clones of replicas as datastores on hosts, with the VMs in them: to look at, and to test.</summary>
public static class MountedClone
{
    /// <summary>
    /// What has to be done so that the clone exists, is shared with the hosts, mounted by them and, if wanted, its VMs
    /// are registered under other names, as copies, with their network disconnected.
    /// </summary>
    /// <exception cref="ZfsEsxException">Those of <see cref="ReplicaClone.PlanNewAsync"/>; <c>HostNotConnected</c>,
    /// <c>NoStorageAddress</c>.</exception>
    public static async Task<Plan<ZfsReplicaClone>> PlanNewAsync(
        VimClient client, ZfsHost host, ReplicaCloneOptions options, CloneMount mount, CancellationToken ct)
    {
        FailoverInventory inventory = await FailoverInventory.ReadAsync(client, mount.Hosts, ct).ConfigureAwait(false);
        inventory.CheckChosen(mount.ServerAddress, inventory.ClientsOf(mount.ServerAddress));
        (Plan<ZfsReplicaClone> plan, WantedClone wanted) =
            await ReplicaClone.PlanWantedAsync(host, options, ct).ConfigureAwait(false);
        DatastoreFact? store = inventory.Store(mount.ServerAddress, wanted.MountPoint);
        if (options.Clients.Count == 0)
        {
            // Only now it is known where the clone is mounted, and so which hosts have it and must keep it.
            IReadOnlyList<NfsClient> clients = await StandInActions.ClientsAsync(
                host, inventory.ClientsOf(mount.ServerAddress, store), ct).ConfigureAwait(false);
            plan = (await ReplicaClone.PlanWantedAsync(
                host, options with { Clients = [.. clients.Select(c => c.Name)] }, ct).ConfigureAwait(false)).Plan;
        }

        string name = mount.Datastore ?? wanted.MountPoint.Split('/').Last();
        KnownHost[] missing = [.. inventory.Chosen.Where(h => store is null || !store.Hosts.Contains(h.Ref))];
        string target = host.Name + ": " + wanted.Name;
        List<Change> changes = [.. plan.Changes.Select(c => new Change(c.Target, c.Action, c.ApplyAsync, c.Risk))];
        if (store is null)
        {
            // Nobody has it mounted, so no lock in it can be anybody's.
            changes.Add(new Change(
                target, "Remove the locks of other hosts in it",
                (_, token) => CloneContent.ReadAsync(host, wanted.Name, wanted.MountPoint, unlock: true, token),
                stage: 1, afterAll: true));
        }

        if (missing.Length > 0)
        {
            changes.Add(new Change(
                "datastore " + name,
                "Mount " + mount.ServerAddress + ":" + wanted.MountPoint + " on "
                    + string.Join(", ", missing.Select(h => h.Name)),
                async (reporter, token) =>
                {
                    Plan<IReadOnlyList<ZfsNfsDatastore>> mounts = await NfsDatastore.PlanMountAsync(
                        client,
                        [.. missing.Select(h => h.Ref)],
                        new NfsMount { Name = name, RemoteHost = mount.ServerAddress, RemotePath = wanted.MountPoint },
                        token).ConfigureAwait(false);
                    await mounts.RunAsync(reporter, token).ConfigureAwait(false);
                },
                stage: 2, afterAll: true));
        }

        if (mount.Register && await IsLeftAsync(host, plan.Changes.Count > 0, wanted, mount, inventory, store, ct)
            .ConfigureAwait(false))
        {
            changes.Add(new Change(
                "VMs of " + name,
                "Register them with '" + mount.Suffix + "' behind their names, as copies, network disconnected"
                    + (mount.PowerOn ? ", and power them on" : string.Empty),
                (reporter, token) => RegisterAsync(client, host, wanted, mount, reporter, token),
                stage: 3, afterAll: true));
        }

        return new Plan<ZfsReplicaClone>(changes, plan.ReadAsync, plan.Warnings);
    }

    /// <summary>
    /// What has to be done so that the clone is gone, with all that was made of it: its VMs are switched off and taken
    /// off the inventory, all hosts unmount it. The replica stays.
    /// </summary>
    /// <exception cref="ZfsEsxException">Those of <see cref="ReplicaClone.PlanRemoveAsync"/>.</exception>
    public static async Task<Plan<bool>> PlanRemoveAsync(
        IReadOnlyList<VimClient> clients, ZfsHost host, string name, CancellationToken ct)
    {
        Plan<bool> plan = await ReplicaClone.PlanRemoveAsync(host, name, ct).ConfigureAwait(false);
        ZfsReplicaClone clone =
            (await ReplicaClone.GetAsync(host, ct).ConfigureAwait(false)).First(c => c.Name == name);
        string[] addresses = [.. (await HostNetwork.GetAsync(host, ct).ConfigureAwait(false))
            .Select(n => n.Address).OfType<string>()];
        List<Change> changes = [];
        bool mounted = false;
        foreach (VimClient client in clients)
        {
            FailoverInventory inventory = await FailoverInventory.ReadAsync(client, [], ct).ConfigureAwait(false);
            foreach (DatastoreFact store in addresses
                .Select(a => inventory.Store(a, clone.MountPoint))
                .OfType<DatastoreFact>())
            {
                mounted = true;
                VmActions actions = new(client);
                changes.AddRange(inventory.On(store.Name).Select(vm => new Change(
                    vm.Name, (vm.IsOn ? "Power off, and take it" : "Take it") + " off the inventory",
                    async (reporter, token) =>
                    {
                        await actions.PowerOffAsync(vm.Ref, vm.Name, reporter, token).ConfigureAwait(false);
                        await actions.UnregisterAsync(vm.Ref, vm.Name, token).ConfigureAwait(false);
                    },
                    ChangeRisk.Disruptive)));
                MoRef[] hosts =
                    [.. inventory.Hosts.Where(h => h.Connected && store.Hosts.Contains(h.Ref)).Select(h => h.Ref)];
                NfsFacts facts = await NfsFacts.ReadOwnAsync(client, hosts, ct).ConfigureAwait(false);
                changes.AddRange(facts.Hosts.Select(h => new Change(
                    h.Name, "Unmount datastore " + store.Name,
                    (_, token) => new NfsActions(client).DismountAsync(h, store, token), ChangeRisk.Disruptive, 1,
                    afterAll: true)));
            }
        }

        changes.AddRange(plan.Changes.Select(c =>
            new Change(c.Target, c.Action, c.ApplyAsync, c.Risk, 2, afterAll: true)));
        return new Plan<bool>(changes, plan.ReadAsync, mounted ? [] : plan.Warnings);
    }

    private static async Task<bool> IsLeftAsync(
        ZfsHost host,
        bool changes,
        WantedClone wanted,
        CloneMount mount,
        FailoverInventory inventory,
        DatastoreFact? store,
        CancellationToken ct)
    {
        if (changes || store is null)
        {
            return true;
        }

        CloneContent content = await CloneContent.ReadAsync(host, wanted.Name, wanted.MountPoint, unlock: false, ct)
            .ConfigureAwait(false);
        return content.VMs.Any(v => inventory.On(store.Name).FirstOrDefault(k => k.File == v.File) is not { } known
            || (mount.PowerOn && !known.IsOn));
    }

    private static async Task RegisterAsync(
        VimClient client, ZfsHost host, WantedClone wanted, CloneMount mount, IReporter reporter, CancellationToken ct)
    {
        CloneContent content = await CloneContent.ReadAsync(host, wanted.Name, wanted.MountPoint, unlock: false, ct)
            .ConfigureAwait(false);
        FailoverInventory inventory = await FailoverInventory.ReadAsync(client, mount.Hosts, ct).ConfigureAwait(false);
        DatastoreFact store = inventory.Store(mount.ServerAddress, wanted.MountPoint)!;
        VmActions actions = new(client);
        ZfsEsxException? refused = null;
        for (int i = 0; i < content.VMs.Count; i++)
        {
            FoundVm vm = content.VMs[i];
            KnownVm? known = inventory.On(store.Name).FirstOrDefault(k => k.File == vm.File);
            KnownHost place = inventory.Chosen[i % inventory.Chosen.Count];
            string name = known?.Name ?? vm.Name + mount.Suffix;
            MoRef registered = known?.Ref ?? await actions.RegisterAsync(
                "[" + store.Name + "] " + vm.File, name, new VmPlace(place.VmFolder, place.Pool, place.Ref, place.Name),
                reporter, ct).ConfigureAwait(false);
            try
            {
                await actions.IsolateAsync(registered, name, reporter, ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (e.Id == "DiskElsewhere")
            {
                refused ??= e; // the others can be had
                continue;
            }

            if (mount.PowerOn && known is not { IsOn: true })
            {
                await actions.PowerOnAsync(registered, name, moved: false, reporter, ct).ConfigureAwait(false);
            }
        }

        if (refused is not null)
        {
            throw refused;
        }
    }
}
