using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>NFS datastores on many hosts.</summary>
public static class NfsDatastore
{
    /// <summary>The NFS datastores of hosts, one object for each host and datastore, read at once.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="name">Only the datastore of this name; all when null.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async Task<IReadOnlyList<ZfsNfsDatastore>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string? name, CancellationToken ct)
    {
        NfsFacts facts = await NfsFacts.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        return facts.Mounts.Where(m => name is null || Inventory.Same(m.Name, name))
            .OrderBy(m => m.Name, StringComparer.Ordinal).ToArray();
    }

    /// <summary>
    /// Mounts an export on hosts under one name: the first host alone, because it makes the datastore in vCenter, then
    /// the others side by side.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidName</c>, <c>InvalidPath</c>, <c>DatastoreNameTaken</c>, <c>ExportMountedOtherwise</c>,
    /// <c>HostNotConnected</c>: nothing has been changed. Applying: <c>NfsMountRefused</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanMountAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, NfsMount mount, CancellationToken ct)
    {
        NfsMount wanted = NfsPlanner.Normalise(mount);
        NfsFacts facts = await NfsFacts.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings) =
            NfsPlanner.Mount(facts, wanted, new NfsActions(client));
        return new Plan<IReadOnlyList<ZfsNfsDatastore>>(
            changes,
            async token => changes.Count == 0
                ? facts.Mounts.Where(m => Inventory.Same(m.Name, wanted.Name)).ToArray()
                : await GetAsync(client, hosts, wanted.Name, token).ConfigureAwait(false),
            warnings);
    }

    /// <summary>Unmounts a datastore from hosts. A host that has it not is left alone.</summary>
    /// <exception cref="ZfsEsxException"><c>DatastoreInUse</c>: VMs of a host use it; nothing has been
    /// changed.</exception>
    public static async Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanDismountAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string name, CancellationToken ct)
    {
        NfsFacts facts = await NfsFacts.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        MoRef[] users = facts.Datastores.Where(d => d.IsNfs && Inventory.Same(d.Name, name)).SelectMany(d => d.VMs)
            .ToArray();
        IReadOnlyList<VimObject> vms = users.Length == 0
            ? []
            : await client.RetrieveAsync(users, "VirtualMachine", ["name", "runtime.host"], ct).ConfigureAwait(false);
        ILookup<MoRef, string> byHost = vms.ToLookup(v => v["runtime.host"].Ref, v => v.Name);
        return new Plan<IReadOnlyList<ZfsNfsDatastore>>(
            NfsPlanner.Dismount(facts, name, byHost, new NfsActions(client)),
            token => GetAsync(client, hosts, name, token));
    }
}
