using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>File systems that a storage VM shares by NFS.</summary>
public static class NfsShares
{
    /// <summary>Reads all shared file systems in one round trip.</summary>
    public static Task<IReadOnlyList<ZfsNfsShare>> GetAsync(ZfsHost host, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Plans to create (if missing) and share a file system to exactly these clients.</summary>
    /// <exception cref="ZfsEsxException"><c>ClientNameNotResolved</c>, <c>ClientAddressDiffers</c>, <c>PoolNotFound</c>, <c>MountPointInUse</c>, <c>NfsServerMissing</c>, <c>InvalidDatasetName</c>, <c>InvalidMountPoint</c>, <c>InvalidClientName</c>.</exception>
    public static Task<Plan<ZfsNfsShare>> PlanSetAsync(ZfsHost host, NfsShareRequest request, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Plans to end sharing. The file system and its data stay.</summary>
    /// <exception cref="ZfsEsxException"><c>FileSystemNotFound</c>.</exception>
    public static Task<Plan<ZfsNfsShare>> PlanRemoveAsync(ZfsHost host, string fileSystem, CancellationToken ct) =>
        throw new NotImplementedException();
}
