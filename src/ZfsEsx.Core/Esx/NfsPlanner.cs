using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>What a plan for NFS datastores does to a host.</summary>
internal interface INfsActions
{
    Task MountAsync(NfsHost host, NfsMount mount, CancellationToken ct);

    Task DismountAsync(NfsHost host, DatastoreFact datastore, CancellationToken ct);
}

/// <summary>
/// Compares the datastores of hosts with the mount wanted. Pure. vSphere knows an NFS volume by the texts of server and
/// path, so both are compared and passed on as texts.
/// </summary>
internal static class NfsPlanner
{
    /// <summary>One way to write one export; refuses what cannot be one.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>, <c>InvalidPath</c>, <c>InvalidServer</c>.</exception>
    public static NfsMount Normalise(NfsMount mount)
    {
        VimName.Check("datastore", mount.Name);
        if (mount.Name.IndexOfAny(['/', '\\']) >= 0)
        {
            throw new ZfsEsxException(
                "InvalidName", FailureKind.InvalidArgument, mount.Name,
                "The datastore name '" + mount.Name + "' has a slash.",
                "Hosts keep a datastore as a directory of its name: choose one without slashes.");
        }

        string server = mount.RemoteHost.Trim();
        if (server.Length == 0 || server.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or ','))
        {
            throw new ZfsEsxException(
                "InvalidServer", FailureKind.InvalidArgument, mount.RemoteHost,
                "'" + Shown(mount.RemoteHost) + "' is not the name or address of an NFS server.");
        }

        if (!mount.RemotePath.StartsWith("/", StringComparison.Ordinal) || mount.RemotePath.Any(char.IsControl))
        {
            throw new ZfsEsxException(
                "InvalidPath", FailureKind.InvalidArgument, mount.RemotePath,
                "'" + Shown(mount.RemotePath) + "' is not an absolute path.",
                "Give the exported directory as in /export/uss1-nas-vol0.");
        }

        return mount with { RemoteHost = server, RemotePath = NormalPath(mount.RemotePath) };
    }

    public static (IReadOnlyList<Change> Changes, IReadOnlyList<string> Warnings) Mount(
        NfsFacts facts, NfsMount wanted, INfsActions actions)
    {
        string type = wanted.Nfs41 ? "NFS41" : "NFS";
        DatastoreFact[] sameExport = facts.Datastores.Where(d => d.IsNfs && IsExport(d, wanted)).ToArray();
        if (sameExport.FirstOrDefault(d => d.Type != type && d.Hosts.Count > 0) is DatastoreFact other)
        {
            throw new ZfsEsxException(
                "ExportMountedOtherwise", FailureKind.InUse, wanted.RemoteHost + ":" + wanted.RemotePath,
                Export(wanted) + " is mounted as " + (other.Type == "NFS41" ? "NFS 4.1" : "NFS 3") + " (datastore "
                    + other.Name + ").",
                "Both versions lock files in different ways; mounted with both, VMs' disks get damaged. Use the "
                    + "same version on all hosts.");
        }

        // To vCenter another way of writing the export would be another datastore.
        NfsMount exact = sameExport.FirstOrDefault(d => d.Type == type) is DatastoreFact same
            ? wanted with { RemoteHost = same.RemoteHost, RemotePath = same.RemotePath }
            : wanted;
        List<Change> changes = [];
        List<string> warnings = [];
        bool exists = sameExport.Any(d => d.Type == type && d.Hosts.Count > 0);
        foreach (NfsHost host in facts.Hosts)
        {
            if (IsMounted(facts, host, sameExport, wanted, warnings))
            {
                continue;
            }

            if (!host.Connected)
            {
                throw new ZfsEsxException(
                    "HostNotConnected", FailureKind.Connection, host.Name,
                    "The host " + host.Name + " is not connected.",
                    "Connect it to vCenter again, and repeat the command.");
            }

            changes.Add(new Change(
                host.Name,
                "Mount " + Export(exact) + " as datastore " + wanted.Name + " (" + (wanted.Nfs41 ? "NFS 4.1" : "NFS 3")
                + (wanted.ReadOnly ? ", read-only)" : ")"),
                (_, ct) => actions.MountAsync(host, exact, ct),
                stage: changes.Count == 0 || exists ? 0 : 1));
        }

        string[] elsewhere = facts.Datastores
            .Where(d => Inventory.Same(d.Name, wanted.Name) && !sameExport.Contains(d) && changes.Count > 0)
            .Select(d => d.Ref.Id).ToArray();
        warnings.AddRange(elsewhere.Select(id => "Another datastore is called " + wanted.Name + " too (" + id
            + "). In the same datacenter vCenter would rename the new one."));
        return (changes, warnings);
    }

    public static IReadOnlyList<Change> Dismount(
        NfsFacts facts, string name, ILookup<MoRef, string> vmsByHost, INfsActions actions)
    {
        List<Change> changes = [];
        foreach (NfsHost host in facts.Hosts)
        {
            DatastoreFact? mounted = facts.Datastores
                .FirstOrDefault(d => d.IsNfs && Inventory.Same(d.Name, name) && d.Hosts.Contains(host.Ref));
            if (mounted is null)
            {
                continue;
            }

            string[] users = vmsByHost[host.Ref].OrderBy(v => v, StringComparer.OrdinalIgnoreCase).ToArray();
            if (users.Length > 0)
            {
                throw new ZfsEsxException(
                    "DatastoreInUse", FailureKind.InUse, host.Name + " " + name,
                    "VMs of " + host.Name + " have files on datastore " + name + ": " + string.Join(", ", users) + ".",
                    "Move them to another datastore (Storage vMotion) or remove them from the inventory first.");
            }

            changes.Add(new Change(
                host.Name, "Unmount datastore " + name, (_, ct) =>
                    actions.DismountAsync(host, mounted, ct), ChangeRisk.Disruptive));
        }

        return changes;
    }

    internal static string Export(NfsMount mount) => mount.RemoteHost + ":" + mount.RemotePath;

    internal static bool IsExport(DatastoreFact datastore, NfsMount wanted) =>
        string.Equals(datastore.RemoteHost, wanted.RemoteHost, StringComparison.OrdinalIgnoreCase)
        && NormalPath(datastore.RemotePath) == NormalPath(wanted.RemotePath);

    private static bool IsMounted(
        NfsFacts facts, NfsHost host, DatastoreFact[] sameExport, NfsMount wanted, List<string> warnings)
    {
        DatastoreFact? mounted = sameExport.FirstOrDefault(d => d.Hosts.Contains(host.Ref));
        DatastoreFact? named = facts.Datastores.FirstOrDefault(d =>
            Inventory.Same(d.Name, wanted.Name) && d.Hosts.Contains(host.Ref));
        if (mounted is null && named is null)
        {
            return false;
        }

        if (mounted is null)
        {
            throw Taken(
                host, wanted, "The name " + wanted.Name + " belongs to another datastore on " + host.Name + ": "
                + (named!.IsNfs ? named.RemoteHost + ":" + named.RemotePath : "a " + named.Type + " volume") + ".",
                "Choose another name.");
        }

        if (!Inventory.Same(mounted.Name, wanted.Name))
        {
            throw Taken(
                host, wanted, Export(wanted) + " is mounted on " + host.Name + " already, as datastore " + mounted.Name
                    + ".",
                "Use that name, or unmount it first: Dismount-ZfsNfsDatastore.");
        }

        ZfsNfsDatastore state = facts.Mounts.First(m => m.VMHostId == host.Ref.Id && m.DatastoreId == mounted.Ref.Id);
        if (state.AccessMode == "readOnly" != wanted.ReadOnly)
        {
            throw new ZfsEsxException(
                "DatastoreModeDiffers", FailureKind.InvalidState, host.Name + " " + wanted.Name,
                "Datastore " + wanted.Name + " is mounted on " + host.Name + " as " + state.AccessMode + ".",
                "Unmount it first: Dismount-ZfsNfsDatastore.");
        }

        if (!state.Accessible)
        {
            warnings.Add("Datastore " + wanted.Name + " is mounted on " + host.Name
                + " but not accessible: is the storage VM up?");
        }

        return true;
    }

    private static ZfsEsxException Taken(NfsHost host, NfsMount wanted, string message, string advice) =>
        new("DatastoreNameTaken", FailureKind.AlreadyExists, host.Name + " " + wanted.Name, message, advice);

    private static string NormalPath(string path)
    {
        string normal = path;
        while (normal.Contains("//"))
        {
            normal = normal.Replace("//", "/");
        }

        return normal.Length > 1 ? normal.TrimEnd('/') : normal;
    }

    private static string Shown(string text) => new(text.Select(c => char.IsControl(c) ? '?' : c).ToArray());
}
