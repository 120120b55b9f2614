using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A host as a place to run VMs.</summary>
internal sealed record ServiceHost
{
    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public bool Connected { get; init; } = true;

    public bool InMaintenanceMode { get; init; }

    /// <summary>Its cluster, or the compute resource that it is alone in: moving between them needs a pool.</summary>
    public MoRef Compute { get; init; }

    public MoRef Pool { get; init; }

    /// <summary>Its cluster moves running VMs away by itself.</summary>
    public bool Evacuates { get; init; }

    public long FreeMemoryMB { get; init; }

    /// <summary>Names of its port groups, and keys of distributed ones.</summary>
    public IReadOnlyCollection<string> Networks { get; init; } = [];
}

/// <summary>A datastore as a place for files.</summary>
internal sealed record ServiceStore
{
    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public MoRef Browser { get; init; }

    /// <summary>How it is mounted; null for others than NFS.</summary>
    public NfsMount? Nfs { get; init; }

    public long Free { get; init; }

    public long Capacity { get; init; }

    public IReadOnlyList<MoRef> VMs { get; init; } = [];

    /// <summary>The hosts that have it.</summary>
    public IReadOnlyList<MoRef> Hosts { get; init; } = [];

    /// <summary>Those of them that can write to it now.</summary>
    public IReadOnlyCollection<MoRef> Writers { get; init; } = [];

    /// <summary>Names in its topmost folder; null where nobody has looked.</summary>
    public IReadOnlyCollection<string>? Folders { get; init; }
}

/// <summary>What is observed of a host that shall be serviced, and of all that depends on it.</summary>
internal sealed record HostServiceFacts
{
    public required ServiceHost Host { get; init; }

    public IReadOnlyList<ServiceHost> Hosts { get; init; } = [];

    public IReadOnlyList<ServiceStore> Stores { get; init; } = [];

    public required ServiceVm StorageVm { get; init; }

    /// <summary>
    /// VMs of this host, VMs on its shares wherever they run, and VMs that belong there; no storage VM of this host.
    /// </summary>
    public IReadOnlyList<ServiceVm> VMs { get; init; } = [];

    /// <summary>The storage VM's shares as they are, or were, mounted.</summary>
    public IReadOnlyList<ShareNote> Shares { get; init; } = [];

    /// <summary>The values of references of VMs that are templates, or were before the service began.</summary>
    public IReadOnlyCollection<string> Templates { get; init; } = [];

    /// <summary>Configurations on a share that belong to no registered VM.</summary>
    public IReadOnlyList<string> Orphans { get; init; } = [];

    public bool IsVCenter { get; init; } = true;

    public string Server { get; init; } = string.Empty;

    public ServiceHost? HostOf(MoRef host) => Hosts.FirstOrDefault(h => h.Ref == host);

    public string HostName(MoRef host) => HostOf(host)?.Name ?? host.Value;

    /// <summary>The datastore of a share; null while nobody has it mounted.</summary>
    public ServiceStore? StoreOf(ShareNote share) => Stores.FirstOrDefault(s =>
        s.Nfs is NfsMount nfs && nfs.RemoteHost == share.Mount.RemoteHost && nfs.RemotePath == share.Mount.RemotePath
        && s.Hosts.Count > 0);

    public bool IsShare(string datastore) => Shares.Any(s => Inventory.Same(s.Mount.Name, datastore));

    public bool IsTemplate(ServiceVm vm) => vm.IsTemplate || Templates.Contains(vm.Ref.Value);

    /// <summary>The parts of a VM that lie on one of the shares.</summary>
    public VmPart[] OnShare(ServiceVm vm) => [.. vm.Parts.Where(p => IsShare(p.Datastore))];

    /// <summary>Whether a VM uses a share in any way.</summary>
    public bool UsesShare(ServiceVm vm) =>
        OnShare(vm).Length > 0
            || Shares.Any(s => StoreOf(s) is ServiceStore store && vm.Datastores.Contains(store.Ref));

    /// <summary>Where a VM belongs, when this host's service has moved it.</summary>
    public HomeNote? HomeOf(ServiceVm vm) =>
        HomeNote.Read(vm.HomeNote) is HomeNote note && note.StorageVm == StorageVm.InstanceUuid ? note : null;
}
