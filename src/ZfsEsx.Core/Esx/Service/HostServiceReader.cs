using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Reads what a host's service needs to know: three reads, whatever the number of hosts and VMs.</summary>
internal static class HostServiceReader
{
    private static readonly string[] s_computePaths = ["host", "resourcePool"];

    public static async Task<HostServiceFacts> ReadAsync(
        VimClient client, MoRef host, HostServiceOptions options, CancellationToken ct)
    {
        IReadOnlyList<VimObject> read = await client.FindAsync(
            ["HostSystem", "Datastore", "VirtualMachine", "ComputeResource", "ClusterComputeResource"],
            new PropertyQuery()
                .Read("HostSystem", "name", "runtime.connectionState", "runtime.inMaintenanceMode",
                    "config.network.portgroup", "network", "summary.hardware.memorySize",
                    "summary.quickStats.overallMemoryUsage")
                .Read("Datastore", "name", "info", "host", "summary.freeSpace", "summary.capacity",
                    "summary.accessible", "vm", "browser")
                .Read("VirtualMachine", "name", "runtime.host", ServiceNotes.Path(ServiceNotes.Home),
                    ServiceNotes.Path(ServiceNotes.Service))
                .Read("ComputeResource", s_computePaths)
                .Read("ClusterComputeResource", [.. s_computePaths, "configurationEx"]),
            ct).ConfigureAwait(false);
        ServiceHost[] hosts = [.. Hosts(read)];
        ServiceStore[] stores = [.. read.Where(o => o.Ref.Type == "Datastore").Select(Store)];
        ServiceHost chosen = hosts.FirstOrDefault(h => h.Ref == host) ?? throw new ZfsEsxException(
            "ObjectNotFound", FailureKind.NotFound, host.Id, "There is no host " + host.Id + " on " + client.Name
                + ".",
            "It was removed meanwhile, or the id is of another server: name the host.");
        VimObject[] all = [.. read.Where(o => o.Ref.Type == "VirtualMachine")];
        IReadOnlyList<ServiceVm> here = await ServiceVm.ReadAsync(
            client,
            all.Where(v => v["runtime.host"].Ref == host)
                .Select(v => v.Ref).Concat(options.StorageVm is MoRef given ? [given] : []),
            ct).ConfigureAwait(false);
        ServiceVm storageVm = StorageVmOf(chosen, here, stores, options);
        ShareNote[] shares = [.. SharesOf(storageVm, stores, options)];
        string belongs = "storageVm=" + storageVm.InstanceUuid;
        MoRef[] wanted =
        [
            .. shares.SelectMany(s => stores.Where(d => d.Nfs is not null && d.Name == s.Mount.Name))
            .SelectMany(d => d.VMs)
                .Concat(all.Where(v => v[ServiceNotes.Path(ServiceNotes.Home)]["value"].Text
                    .IndexOf(belongs, StringComparison.Ordinal) >= 0).Select(v => v.Ref))
                .Where(r => here.All(v => v.Ref != r)),
        ];
        IReadOnlyList<ServiceVm> elsewhere = await ServiceVm.ReadAsync(client, wanted, ct).ConfigureAwait(false);
        ServiceVm[] vms = [.. here.Concat(elsewhere).Where(v => v.Ref != storageVm.Ref)];
        return new HostServiceFacts
        {
            Host = chosen,
            Hosts = hosts,
            Stores = stores,
            StorageVm = storageVm,
            VMs = vms,
            Shares = shares,
            Templates =
            [
                .. ShareNote.Templates(storageVm.ServiceNote).Concat(vms
                    .Where(v => v.IsTemplate && v.Parts.Any(p => shares.Any(s => s.Mount.Name == p.Datastore)))
                    .Select(v => v.Ref.Value)).Distinct(),
            ],
            IsVCenter = client.IsVCenter,
            Server = client.Name,
        };
    }

    private static ServiceVm StorageVmOf(
        ServiceHost host, IReadOnlyList<ServiceVm> here, ServiceStore[] stores, HostServiceOptions options)
    {
        if (options.StorageVm is MoRef given)
        {
            ServiceVm vm = here.First(v => v.Ref == given);
            return vm.Host == host.Ref ? vm : throw new ZfsEsxException(
                "StorageVmElsewhere", FailureKind.InvalidArgument, vm.Name,
                "The VM " + vm.Name + " is not on " + host.Name + ".", "Name the host that it is on, or another VM.");
        }

        ServiceVm[] found = [.. here.Where(v => v.ServiceNote.Length > 0)];
        found = found.Length > 0 ? found : [.. here
            .Where(v => stores.Any(s => s.Nfs is NfsMount nfs && Serves(v, nfs)))];
        found = found.Length > 0 ? found : [.. here.Where(v => v.HasPassthrough && !v.IsTemplate)];
        return found.Length == 1 ? found[0] : throw new ZfsEsxException(
            "StorageVmUnknown", FailureKind.NotFound, host.Name,
            found.Length == 0
                ? "No VM of " + host.Name
                + " is known to serve a datastore: none has the address of an NFS server, and none "
                    + "has a passed-through device."
                : "Several VMs of " + host.Name + " could be its storage VM: "
                + string.Join(", ", found.Select(v => v.Name)) + ".",
            "Say which it is with -StorageVM.");
    }

    private static bool Serves(ServiceVm vm, NfsMount nfs) =>
        vm.Addresses.Contains(nfs.RemoteHost) || Inventory.Same(vm.Name, nfs.RemoteHost);

    // What is noted has been mounted before the service began; what is mounted now may be more, or less.
    private static IEnumerable<ShareNote> SharesOf(ServiceVm storageVm, ServiceStore[] stores,
        HostServiceOptions options)
    {
        IReadOnlyList<ShareNote> noted = ShareNote.Read(storageVm.ServiceNote);
        ShareNote[] mounted =
        [
            .. stores.Where(s => s.Nfs is NfsMount nfs && s.Hosts.Count > 0
                    && (options.Shares.Contains(s.Ref) || (options.Shares.Count == 0 && Serves(storageVm, nfs))))
                .Select(s => new ShareNote(s.Nfs!, [.. s.Hosts.Select(h => h.Value)])),
        ];
        foreach (ShareNote share in noted)
        {
            ShareNote? now = mounted.FirstOrDefault(m => m.Mount == share.Mount);
            yield return share with { Hosts = [.. share.Hosts.Concat(now?.Hosts ?? []).Distinct()] };
        }

        foreach (ShareNote share in mounted.Where(m => noted.All(n => n.Mount != m.Mount)))
        {
            yield return share;
        }
    }

    private static IEnumerable<ServiceHost> Hosts(IReadOnlyList<VimObject> read)
    {
        VimObject[] computes = [.. read.Where(o => o["resourcePool"].Exists).GroupBy(o => o.Ref).Select(g => g.Last())];
        foreach (VimObject host in read.Where(o => o.Ref.Type == "HostSystem"))
        {
            VimObject? compute = computes.FirstOrDefault(c => c["host"].Items.Any(h => h.Ref == host.Ref));
            yield return new ServiceHost
            {
                Ref = host.Ref,
                Name = host.Name,
                Connected = host["runtime.connectionState"].Text == "connected",
                InMaintenanceMode = host["runtime.inMaintenanceMode"].Bool,
                Compute = compute?.Ref ?? default,
                Pool = compute?["resourcePool"].Ref ?? default,
                Evacuates = compute is not null && HostPciReader.MovesByItself(compute["configurationEx"]["drsConfig"]),
                FreeMemoryMB = (host["summary.hardware.memorySize"].Long >> 20)
                    - host["summary.quickStats.overallMemoryUsage"].Long,
                Networks =
                [
                    .. host["config.network.portgroup"].Items.Select(g => g["spec.name"].Text),
                    .. host["network"].Items.Select(n => n.Text),
                ],
            };
        }
    }

    private static ServiceStore Store(VimObject store)
    {
        VimValue nas = store["info"]["nas"];
        VimValue[] mounts = [.. store["host"].Items.Where(m =>
            !m["mountInfo"]["mounted"].Exists || m["mountInfo"]["mounted"].Bool)];
        return new ServiceStore
        {
            Ref = store.Ref,
            Name = store.Name,
            Browser = store["browser"].Ref,
            Nfs = !nas.Exists ? null : new NfsMount
            {
                Name = store.Name,
                RemoteHost = nas["remoteHost"].Text,
                RemotePath = nas["remotePath"].Text,
                Nfs41 = nas["type"].Text == "NFS41",
                ReadOnly = mounts.Length > 0 && mounts.All(m => m["mountInfo"]["accessMode"].Text == "readOnly"),
            },
            Free = store["summary.freeSpace"].Long,
            Capacity = store["summary.capacity"].Long,
            VMs = [.. store["vm"].Items.Select(v => v.Ref)],
            Hosts = [.. mounts.Select(m => m["key"].Ref)],
            Writers =
            [
                .. mounts.Where(m => m["mountInfo"]["accessMode"].Text != "readOnly"
                    && (!m["mountInfo"]["accessible"].Exists || m["mountInfo"]["accessible"].Bool)).Select(m =>
                        m["key"].Ref),
            ],
        };
    }
}
