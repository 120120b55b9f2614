using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>NFS datastores on many hosts.</summary>
public static class NfsDatastore
{
    /// <summary>The NFS datastores of hosts, one object for each host and datastore, read in one call.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="name">Only the datastore of this name; all when null.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async Task<IReadOnlyList<ZfsNfsDatastore>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string? name, CancellationToken ct)
    {
        NfsFacts facts = await NfsFacts.ReadOwnAsync(client, hosts, ct).ConfigureAwait(false);
        return facts.Mounts.Where(m => name is null || Inventory.Same(m.Name, name))
            .OrderBy(m => m.Name, StringComparer.Ordinal).ToArray();
    }

    /// <summary>
    /// Mounts an export on hosts under one name: the first host alone, because it makes the datastore in vCenter, then
    /// the others side by side.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidName</c>, <c>InvalidPath</c>, <c>InvalidServer</c>, <c>ExportMountedOtherwise</c>: nothing has been
    /// changed. In the plan's refusals: <c>DatastoreNameTaken</c>, <c>DatastoreModeDiffers</c>,
    /// <c>NfsLimitReached</c>, <c>HostNotConnected</c>. Applying: <c>NfsMountRefused</c>, <c>NfsLimitReached</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanMountAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, NfsMount mount, CancellationToken ct)
    {
        NfsMount wanted = NfsExports.Normalise(mount);
        NfsFacts facts = await NfsFacts.ReadAsync(client, hosts, ct).ConfigureAwait(false);
        IReadOnlyDictionary<MoRef, NfsLimits> limits = await NfsLimits.ReadAsync(
            client, NfsPlanner.NearLimit(facts, wanted), wanted.Nfs41, ct).ConfigureAwait(false);
        List<ZfsEsxException> refusals = [];
        (IReadOnlyList<Change> changes, IReadOnlyList<string> warnings, IReadOnlyList<NfsHost> accepted) =
            NfsPlanner.Mount(facts, wanted, limits, new NfsActions(client), refusals);
        MoRef[] these = [.. accepted.Select(h => h.Ref)];
        return new Plan<IReadOnlyList<ZfsNfsDatastore>>(
            changes,
            async token => Of(
                wanted,
                these,
                changes.Count == 0 ? facts : await NfsFacts.ReadOwnAsync(client, these, token).ConfigureAwait(false)),
            warnings,
            refusals);
    }

    /// <summary>Unmounts a datastore from hosts. A host that has it not is left alone.</summary>
    /// <exception cref="ZfsEsxException">In the plan's refusals: <c>DatastoreInUse</c>, where VMs of a host use
    /// it.</exception>
    public static async Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanDismountAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string name, CancellationToken ct)
    {
        NfsFacts facts = await NfsFacts.ReadOwnAsync(client, hosts, ct).ConfigureAwait(false);
        ILookup<MoRef, string> users = await NfsActions.UsersAsync(
            client, facts.Datastores.Where(d => d.IsNfs && Inventory.Same(d.Name, name)), ct).ConfigureAwait(false);
        List<ZfsEsxException> refusals = [];
        IReadOnlyList<Change> changes = NfsPlanner.Dismount(facts, name, users, new NfsActions(client), refusals);
        string[] away =
        [
            .. facts.Mounts.Where(m => Inventory.Same(m.Name, name) && m is { Mounted: true, Accessible: false })
                .Select(m => m.VMHost),
        ];
        return new Plan<IReadOnlyList<ZfsNfsDatastore>>(
            changes,
            token => GetAsync(client, hosts, name, token),
            changes.Count == 0 || away.Length == 0 ? []
                : ["Datastore " + name + " does not answer on " + string.Join(", ", away)
                    + ". Unmounting it can take minutes or be refused: unmount a datastore before its share goes."],
            refusals);
    }

    /// <summary>Why a host that has a datastore cannot use it; null when it can.</summary>
    internal static ZfsEsxException? Problem(ZfsNfsDatastore datastore) => datastore.Accessible
        ? null
        : new ZfsEsxException(
            "DatastoreInaccessible", FailureKind.Connection, datastore.VMHost + " " + datastore.Name,
            datastore.VMHost + " has datastore " + datastore.Name + " mounted, but does not reach it: "
                + datastore.InaccessibleReason switch
                {
                    "AllPathsDown_Start" => datastore.RemoteHost + " has stopped answering.",
                    "AllPathsDown_Timeout" => datastore.RemoteHost + " has not answered for minutes.",
                    "PermanentDeviceLoss" => "the share is gone.",
                    _ => datastore.RemoteHost + " does not answer.",
                },
            "See that the storage VM is on and its NFS server runs, and that the host has its place in the storage "
                + "network: Get-EncapsulatedStorageNetwork.");

    // By export and by name: if vCenter has renamed one, it is shown with its name.
    private static ZfsNfsDatastore[] Of(NfsMount wanted, IReadOnlyList<MoRef> hosts, NfsFacts facts)
    {
        HashSet<string> ids =
        [
            .. facts.Datastores.Where(d => d.Type == wanted.Type
                && (NfsExports.IsExport(d, wanted) || Inventory.Same(d.Name, wanted.Name))).Select(d => d.Ref.Id),
        ];
        return [.. facts.Mounts.Where(m => ids.Contains(m.DatastoreId) && hosts.Any(h => h.Id == m.VMHostId))];
    }
}
