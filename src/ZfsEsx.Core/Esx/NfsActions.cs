using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <inheritdoc cref="INfsActions"/>
internal sealed class NfsActions(VimClient client) : INfsActions
{
    public async Task MountAsync(NfsHost host, NfsMount mount, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await CreateAsync(host, mount, ct).ConfigureAwait(false);
                return;
            }
            catch (ZfsEsxException e) when (e.IsFault("AlreadyExists", "DuplicateName")
                || e.Kind is FailureKind.Connection or FailureKind.Timeout)
            {
                // Somebody else mounted it since we looked, or vCenter has not finished what the first host began, or
                // it is mounted and the answer got lost.
                if (await HasAsync(host, mount, ct).ConfigureAwait(false))
                {
                    return;
                }

                if (attempt > 1 || e.Kind == FailureKind.Timeout)
                {
                    throw;
                }
            }
            catch (ZfsEsxException e) when (e.InnerException is VimFaultException fault)
            {
                throw NfsRefused.Explain(host, mount, fault, e);
            }
        }
    }

    public async Task RaiseAsync(
        NfsHost host, NfsLimits limits, IReadOnlyList<(VimValue Option, long Value)> settings, CancellationToken ct) =>
        await client.CallAsync(
            limits.OptionManager, "UpdateOptions", host.Name, "Raise " + limits.Key, ct,
            settings.Select(s => Arg.T(
                "changedValue", "OptionValue",
                Arg.E("key", s.Option["key"].Text), Arg.Number("value", s.Option["value"].XsiType ?? "long", s.Value)))
                .ToArray()).ConfigureAwait(false);

    public async Task DismountAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct)
    {
        try
        {
            await client.CallAsync(
                host.DatastoreSystem, "RemoveDatastore", host.Name, "Unmount datastore " + datastore.Name, ct,
                Arg.E("datastore", datastore.Ref)).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("NotFound", "ManagedObjectNotFound")
            || e.Kind is FailureKind.Connection or FailureKind.Timeout)
        {
            // Somebody else has unmounted it since we looked, or it is unmounted and the answer got lost.
            NfsFacts now = await NfsFacts.ReadOwnAsync(client, [host.Ref], ct).ConfigureAwait(false);
            if (now.Datastores.Any(d => d.Ref == datastore.Ref && d.Hosts.Contains(host.Ref)))
            {
                throw;
            }
        }
        catch (ZfsEsxException e) when (e.IsFault("ResourceInUse"))
        {
            NfsFacts now = await NfsFacts.ReadOwnAsync(client, [host.Ref], ct).ConfigureAwait(false);
            ILookup<MoRef, string> users = await UsersAsync(
                client, now.Datastores.Where(d => d.Ref == datastore.Ref), ct).ConfigureAwait(false);
            string[] vms = [.. users[host.Ref].OrderBy(v => v, StringComparer.OrdinalIgnoreCase)];
            throw vms.Length > 0 ? InUse(host, datastore.Name, vms, e) : new ZfsEsxException(
                "DatastoreInUse", FailureKind.InUse, host.Name + " " + datastore.Name,
                "Datastore " + datastore.Name + " is in use on " + host.Name + ", by no VM of that host.",
                await IsHeartbeatAsync(host, datastore, ct).ConfigureAwait(false)
                    ? "vSphere HA uses it for its heartbeat: "
                        + "choose other heartbeat datastores in the cluster's settings."
                    : "An open file, an ISO image in a virtual drive, a scratch or log directory of the host or the "
                        + "heartbeat of vSphere HA may be on it.",
                e);
        }
    }

    /// <summary>The names of the VMs with files on datastores, by host.</summary>
    public static async Task<ILookup<MoRef, string>> UsersAsync(
        VimClient client, IEnumerable<DatastoreFact> datastores, CancellationToken ct)
    {
        MoRef[] users = datastores.SelectMany(d => d.VMs).Distinct().ToArray();
        IReadOnlyList<VimObject> vms = users.Length == 0
            ? []
            : await client.RetrieveAsync(users, "VirtualMachine", ["name", "runtime.host"], ct).ConfigureAwait(false);
        return vms.ToLookup(v => v["runtime.host"].Ref, v => v.Name);
    }

    public static ZfsEsxException InUse(
        NfsHost host, string name, IReadOnlyList<string> vms, ZfsEsxException? cause = null) => new(
        "DatastoreInUse", FailureKind.InUse, host.Name + " " + name,
        "VMs of " + host.Name + " have files on datastore " + name + ": " + string.Join(", ", vms) + ".",
        "Move them to another datastore (Storage vMotion) or remove them from the inventory first.", cause);

    private Task<VimValue> CreateAsync(NfsHost host, NfsMount mount, CancellationToken ct) => client.CallAsync(
        host.DatastoreSystem, "CreateNasDatastore", host.Name, "Mount " + NfsExports.Text(mount), ct,
        Arg.O(
            "spec",
            new Arg?[]
            {
                Arg.E("remoteHost", mount.RemoteHost), // must be there for NFS 4.1 too, which does not look at it
                Arg.E("remotePath", mount.RemotePath),
                Arg.E("localPath", mount.Name),
                Arg.E("accessMode", mount.ReadOnly ? "readOnly" : "readWrite"),
                Arg.E("type", mount.Type),
            }
            .Concat(mount.Nfs41 ? mount.Servers.Select(s => Arg.E("remoteHostNames", s)) : [])
            .Append(mount.Nfs41 ? Arg.E("securityType", "AUTH_SYS") : null)));

    private async Task<bool> HasAsync(NfsHost host, NfsMount mount, CancellationToken ct)
    {
        NfsFacts now = await NfsFacts.ReadOwnAsync(client, [host.Ref], ct).ConfigureAwait(false);
        return now.Datastores.Any(d =>
            d.Type == mount.Type && NfsExports.IsExport(d, mount)
            && Inventory.Same(d.Name, mount.Name) && d.Hosts.Contains(host.Ref));
    }

    // Only a better reason is at stake: where it cannot be had, the advice names all that may be.
    private async Task<bool> IsHeartbeatAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct)
    {
        if (host.Parent.Type != "ClusterComputeResource")
        {
            return false;
        }

        try
        {
            VimValue info = await client.CallAsync(
                host.Parent, "RetrieveDasAdvancedRuntimeInfo", host.Name, "Read the cluster's heartbeat", ct)
                    .ConfigureAwait(false);
            return info.All("heartbeatDatastoreInfo").Any(h =>
                h["datastore"].Ref == datastore.Ref && h.All("hosts").Any(m => m.Ref == host.Ref));
        }
        catch (ZfsEsxException)
        {
            return false;
        }
    }
}
