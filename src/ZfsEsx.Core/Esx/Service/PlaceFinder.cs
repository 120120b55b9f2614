using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Chooses where VMs go: the host with most free memory that can run the VM, the datastore with most free space that
/// the
/// host can write to. Counts what it has given away. Pure.
/// </summary>
internal sealed class PlaceFinder
{
    private readonly HostServiceFacts _facts;
    private readonly IReadOnlyList<ServiceStore> _stores;
    private readonly IReadOnlyList<ServiceHost> _hosts;
    private readonly Dictionary<MoRef, long> _taken = [];
    private readonly Dictionary<MoRef, long> _memory = [];
    private readonly HashSet<(MoRef, string)> _names = [];

    public PlaceFinder(HostServiceFacts facts, HostServiceOptions options)
    {
        _facts = facts;
        _stores = Candidates(facts, options);
        _hosts = [.. facts.Hosts.Where(h => h.Ref != facts.Host.Ref && h.Connected && !h.InMaintenanceMode
            && (options.Destinations.Count == 0 || options.Destinations.Contains(h.Ref)))];
    }

    public IEnumerable<ServiceStore> Used => _stores.Where(s => _taken.ContainsKey(s.Ref));

    /// <summary>The datastores that VMs may be put on: given, or other storage VMs' shares.</summary>
    public static IReadOnlyList<ServiceStore> Candidates(HostServiceFacts facts, HostServiceOptions options)
    {
        ServiceStore[] given = [.. facts.Stores
            .Where(s => options.Datastores.Contains(s.Ref) && !facts.IsShare(s.Name))];
        return options.Datastores.Count > 0 ? given
            : [.. facts.Stores.Where(s => s.Nfs is NfsMount nfs && s.Hosts.Count > 0 && !facts.IsShare(s.Name)
                && !facts.Shares.Any(share => share.Mount.RemoteHost == nfs.RemoteHost || IsCopy(nfs, share.Mount)))];
    }

    /// <summary>Free space once all that was placed there has come.</summary>
    public long Free(ServiceStore store) => store.Free - (_taken.TryGetValue(store.Ref, out long taken) ? taken : 0);

    /// <summary>Finds a place, or says why there is none.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="parts">Its parts that must go; empty: its files stay.</param>
    /// <param name="leaves">Whether it must leave its host.</param>
    /// <param name="why">Why there is no place.</param>
    public (ServiceHost? Host, ServiceStore? Store)? Find(
        ServiceVm vm, IReadOnlyList<VmPart> parts, bool leaves, out string why)
    {
        why = "no other host can take it";
        List<string> reasons = [];
        IEnumerable<ServiceHost?> hosts = leaves ? HostsFor(vm, reasons) : [null];
        foreach (ServiceHost? host in hosts)
        {
            if (parts.Count == 0)
            {
                return Take(vm, host, null, parts);
            }

            MoRef runsOn = host?.Ref ?? vm.Host;
            ServiceStore? store = _stores.Where(s => Fits(vm, parts, s, runsOn, reasons))
                .OrderByDescending(Free).ThenBy(s => s.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault();
            if (store is not null)
            {
                return Take(vm, host, store, parts);
            }
        }

        why = reasons.Count > 0 ? string.Join("; ", reasons.Distinct()) : parts.Count > 0 && _stores.Count == 0
            ? "there is no other datastore for it" : why;
        return null;
    }

    private static bool IsCopy(NfsMount other, NfsMount share) =>
        other.RemotePath.StartsWith(share.RemotePath, StringComparison.Ordinal);

    private IEnumerable<ServiceHost?> HostsFor(ServiceVm vm, List<string> reasons)
    {
        ServiceHost? from = _facts.HostOf(vm.Host);
        foreach (ServiceHost host in _hosts.OrderBy(h => h.Compute != from?.Compute)
            .ThenByDescending(h => h.FreeMemoryMB - (_memory.TryGetValue(h.Ref, out long used) ? used : 0))
            .ThenBy(h => h.Name, StringComparer.OrdinalIgnoreCase))
        {
            string[] networks = [.. vm.Networks.Where(n => !host.Networks.Contains(n))];
            string[] stores =
            [
                .. _facts.Stores.Where(s => vm.Datastores.Contains(s.Ref) && !_facts.IsShare(s.Name)
                    && !s.Writers.Contains(host.Ref)).Select(s => s.Name),
            ];
            if (networks.Length + stores.Length == 0)
            {
                yield return host;
            }
            else
            {
                reasons.Add(host.Name + " lacks " + string.Join(", ",
                    networks.Select(n => "network " + n).Concat(stores.Select(s => "datastore " + s))));
            }
        }
    }

    private bool Fits(ServiceVm vm, IReadOnlyList<VmPart> parts, ServiceStore store, MoRef host, List<string> reasons)
    {
        string? fault = !store.Writers.Contains(host) ? _facts.HostName(host) + " cannot write to " + store.Name
            : Free(store) < Size(vm, parts) ? "it takes " + (ByteSize)Size(vm, parts) + ", and " + store.Name + " has "
                + (ByteSize)Math.Max(0, Free(store)) + " left"
            : Names(vm, parts).FirstOrDefault(n => _names.Contains((store.Ref, n.ToUpperInvariant()))
                || store.Folders?.Contains(n, StringComparer.OrdinalIgnoreCase) == true) is string name
                ? store.Name + " has a folder '" + name + "' already"
            : null;
        if (fault is not null)
        {
            reasons.Add(fault);
        }

        return fault is null;
    }

    // vCenter calls the new folder after the VM, or leaves its name.
    private static IEnumerable<string> Names(ServiceVm vm, IReadOnlyList<VmPart> parts) =>
        parts.Select(p => p.Folder.Split('/')[0]).Append(vm.Name).Where(n => n.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase);

    private long Size(ServiceVm vm, IReadOnlyList<VmPart> parts) => _facts.Stores
        .Where(s => parts.Any(p => p.Datastore == s.Name) && vm.Committed.ContainsKey(s.Ref)).Sum(s =>
            vm.Committed[s.Ref]);

    private (ServiceHost?, ServiceStore?)? Take(
        ServiceVm vm, ServiceHost? host, ServiceStore? store, IReadOnlyList<VmPart> parts)
    {
        if (host is not null)
        {
            _memory[host.Ref] = (_memory.TryGetValue(host.Ref, out long used) ? used : 0) + vm.MemoryMB;
        }

        if (store is not null)
        {
            _taken[store.Ref] = (_taken.TryGetValue(store.Ref, out long used) ? used : 0) + Size(vm, parts);
            _names.UnionWith(Names(vm, parts).Select(n => (store.Ref, n.ToUpperInvariant())));
        }

        return (host, store);
    }
}
