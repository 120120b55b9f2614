using System.Collections;
using ZfsEsx.Os;
using ZfsEsx.Replication;

namespace ZfsEsx.Completers;

/// <summary>Names of replicas.</summary>
public sealed class ReplicaCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await KnownReplica.ReadAsync(host, ct).ConfigureAwait(false)).Select(r => r.Dataset)];
}

/// <summary>Names of storage VMs of which there are replicas.</summary>
public sealed class ReplicaSourceCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await KnownReplica.ReadAsync(host, ct).ConfigureAwait(false)).Select(r => r.Source)];
}

/// <summary>File systems of which there are replicas, by their names below the pool: those of -Source.</summary>
public sealed class ReplicatedFileSystemCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await KnownReplica.ReadAsync(host, ct).ConfigureAwait(false)).Select(r => r.Source + " " + r.Relative)];

    private protected override IEnumerable<string> Offer(IEnumerable<string> read, IDictionary bound)
    {
        string[] sources = Given(bound, "Source");
        return read.Select(r => r.Split(' '))
            .Where(r => sources.Length == 0 || sources.Contains(r[0], StringComparer.OrdinalIgnoreCase))
            .Select(r => r[1]);
    }
}

/// <summary>Names of clones of replicas.</summary>
public sealed class ReplicaCloneCompleter : StorageVmCompleter
{
    private protected override async Task<IReadOnlyList<string>> ReadAsync(ZfsHost host, CancellationToken ct) =>
        [.. (await ReplicaClone.GetAsync(host, ct).ConfigureAwait(false)).Select(c => c.Name)];
}
