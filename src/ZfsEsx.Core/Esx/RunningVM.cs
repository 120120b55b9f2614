using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A VM that runs on a host, and what its absence would mean.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPinned">Nothing can move it: it has devices of this host, or disks that only this host sees.</param>
/// <param name="Role">What others need it for: <c>vCenter Server</c>, <c>storage VM</c>; null for any other VM.</param>
internal sealed record RunningVM(string Name, bool IsPinned = false, string? Role = null)
{
    /// <summary>What must be read of a VM to know it.</summary>
    public static readonly string[] Paths =
        ["datastore", "guest.hostName", "guest.ipAddress", "guest.net", "summary.config.product.name"];

    /// <param name="vm">The VM.</param>
    /// <param name="hasDevices">Whether devices are passed through to it.</param>
    /// <param name="localDatastores">Datastores that only one host sees.</param>
    /// <param name="nfsServers">The NFS servers that hosts have datastores of.</param>
    /// <param name="server">The address of the server that we are connected to.</param>
    public static RunningVM Read(
        VimObject vm,
        bool hasDevices,
        ICollection<MoRef> localDatastores,
        ICollection<string> nfsServers,
        string server)
    {
        HashSet<string> addresses = new(StringComparer.OrdinalIgnoreCase)
        {
            vm["guest.hostName"].Text, vm["guest.ipAddress"].Text,
        };
        addresses.UnionWith(vm["guest.net"].Items.SelectMany(n => n.All("ipAddress")).Select(a => a.Text));
        addresses.Remove(string.Empty);
        return new RunningVM(
            vm.Name,
            hasDevices || vm["datastore"].Items.Any(d => localDatastores.Contains(d.Ref)),
            vm["summary.config.product.name"].Text.StartsWith("VMware vCenter", StringComparison.Ordinal)
                || addresses.Contains(server) ? "vCenter Server"
            : hasDevices || addresses.Overlaps(nfsServers) ? "storage VM"
            : null);
    }

    public override string ToString() => Role is null ? Name : Name + " (" + Role + ")";
}
