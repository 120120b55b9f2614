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
            catch (ZfsEsxException e) when (e.IsFault("AlreadyExists", "DuplicateName"))
            {
                // Somebody else mounted it since we looked, or vCenter has not finished what the first host began.
                if (await HasAsync(host, mount, ct).ConfigureAwait(false))
                {
                    return;
                }

                if (attempt > 1)
                {
                    throw;
                }
            }
            catch (ZfsEsxException e) when (e.InnerException is VimFaultException fault && IsAboutTheMount(fault))
            {
                throw Refused(host, mount, fault, e);
            }
        }
    }

    public async Task DismountAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct)
    {
        try
        {
            await client.CallAsync(
                host.DatastoreSystem, "RemoveDatastore", host.Name, "Unmount datastore " + datastore.Name, ct,
                Arg.E("datastore", datastore.Ref)).ConfigureAwait(false);
        }
        catch (ZfsEsxException e) when (e.IsFault("ResourceInUse"))
        {
            throw new ZfsEsxException(
                "DatastoreInUse", FailureKind.InUse, host.Name + " " + datastore.Name,
                "Datastore " + datastore.Name + " is in use on " + host.Name + ".",
                "A VM, an ISO image in a virtual drive or the cluster's heartbeat (vSphere HA) may use it.", e);
        }
    }

    private Task<VimValue> CreateAsync(NfsHost host, NfsMount mount, CancellationToken ct) => client.CallAsync(
        host.DatastoreSystem, "CreateNasDatastore", host.Name, "Mount " + NfsPlanner.Export(mount), ct,
        Arg.O(
            "spec",
            Arg.E("remoteHost", mount.RemoteHost), // must be there for NFS 4.1 too, which does not look at it
            Arg.E("remotePath", mount.RemotePath),
            Arg.E("localPath", mount.Name),
            Arg.E("accessMode", mount.ReadOnly ? "readOnly" : "readWrite"),
            Arg.E("type", mount.Nfs41 ? "NFS41" : "NFS"),
            mount.Nfs41 ? Arg.E("remoteHostNames", mount.RemoteHost) : null,
            mount.Nfs41 ? Arg.E("securityType", "AUTH_SYS") : null));

    private async Task<bool> HasAsync(NfsHost host, NfsMount mount, CancellationToken ct)
    {
        NfsFacts now = await NfsFacts.ReadAsync(client, [host.Ref], ct).ConfigureAwait(false);
        return now.Datastores.Any(d =>
            d.Type == (mount.Nfs41 ? "NFS41" : "NFS") && NfsPlanner.IsExport(d, mount)
            && Inventory.Same(d.Name, mount.Name) && d.Hosts.Contains(host.Ref));
    }

    private static bool IsAboutTheMount(VimFaultException fault) =>
        fault.FaultType is "HostConfigFault" or "PlatformConfigFault" or "NoVirtualNic" or "NoGateway"
            or "HostConfigFailed"
            or "NasConfigFault" or "NasConnectionLimitReached" or "NasVolumeNotMounted" or "NoHost";

    private static ZfsEsxException Refused(NfsHost host, NfsMount mount, VimFaultException fault, ZfsEsxException cause)
    {
        VmkernelPort? port = host.Ports.FirstOrDefault(p =>
            Subnet.Overlap(p.IPAddress, p.SubnetMask, mount.RemoteHost, p.SubnetMask));
        string from = port is null
            ? "The host has no vmkernel port in the server's subnet, so it goes through its gateway, if at all."
            : "The host comes from " + port.IPAddress + " (" + port.Device + ").";
        string path = NfsPlanner.Export(mount);
        string words = fault.Message.TrimEnd('.');
        string detail = fault.Detail["text"].Text.Trim();
        return new ZfsEsxException(
            "NfsMountRefused", FailureKind.Failed, host.Name + " " + mount.Name,
            host.Name + " could not mount " + path + ". " + from + " It says: " + words
            + (detail.Length > 0 && words.IndexOf(detail, StringComparison.Ordinal) < 0 ? " (" + detail + ")." : "."),
            "Check on the storage VM that the share exists and admits this host, and that the client's name "
                + "resolves there to "
            + (port is null ? "the host's address" : port.IPAddress)
                + ": Get-ZfsNfsShare. Then see that its NFS server runs and answers on that network.",
            cause);
    }
}
