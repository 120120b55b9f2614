using ZfsEsx.Esx;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Vim;
using ZfsEsx.Zfs;

namespace ZfsEsx.Completers;

/// <summary>Names of hosts.</summary>
public sealed class VMHostCompleter : InventoryCompleter
{
    private protected override Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct) =>
        Inventory.GetPlainNamesAsync(client, "HostSystem", ct);
}

/// <summary>Names of virtual machines and templates.</summary>
public sealed class VMCompleter : InventoryCompleter
{
    private protected override Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct) =>
        Inventory.GetPlainNamesAsync(client, "VirtualMachine", ct);
}

/// <summary>Names of datastores.</summary>
public sealed class DatastoreCompleter : InventoryCompleter
{
    private protected override Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct) =>
        Inventory.GetPlainNamesAsync(client, "Datastore", ct);
}

/// <summary>Names of NFS datastores.</summary>
public sealed class NfsDatastoreCompleter : InventoryCompleter
{
    private protected override Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct) =>
        Inventory.GetNfsDatastoreNamesAsync(client, ct);
}

/// <summary>Names of port groups.</summary>
public sealed class NetworkCompleter : InventoryCompleter
{
    private protected override Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct) =>
        Inventory.GetPlainNamesAsync(client, "Network", ct);
}

/// <summary>PCI devices that a VM could have: their names and addresses.</summary>
public sealed class DeviceCompleter : InventoryCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(VimClient client, CancellationToken ct)
    {
        MoRef[] hosts = [.. (await Inventory.GetHostsAsync(client, ct).ConfigureAwait(false)).Select(h => h.Reference)];
        return
        [
            .. (await DirectPath.GetAsync(client, hosts, ct).ConfigureAwait(false)).Where(d => d.Capable || d.Enabled)
                .SelectMany(d => new[] { d.Device, d.Id }),
        ];
    }
}

/// <summary>Names of pools.</summary>
public sealed class ZpoolCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await Zpools.GetAsync(host, ct).ConfigureAwait(false)).Select(p => p.Name)];
}

/// <summary>Names of disks.</summary>
public sealed class ZfsDiskCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await HostDisks.GetAsync(host, ct).ConfigureAwait(false)).Select(d => d.Name)];
}

/// <summary>Names of file systems.</summary>
public sealed class ZfsFileSystemCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        (await host.RunAsync(new RemoteCommand("zfs", "list", "-H", "-t", "filesystem", "-o", "name"), ct)
            .ConfigureAwait(false)).Lines;
}
