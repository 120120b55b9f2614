using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>Pools of a storage VM.</summary>
public static class Zpools
{
    /// <summary>Reads all pools in one round trip.</summary>
    public static Task<IReadOnlyList<Zpool>> GetAsync(ZfsHost host, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Plans a new pool. A pool of this name on exactly these disks is left as it is.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidPoolName</c>, <c>PoolNameTaken</c>, <c>DiskNotFound</c>, <c>DiskInUse</c>, <c>DiskTwice</c>, <c>InvalidLayout</c>, <c>InvalidProperty</c>.</exception>
    public static Task<Plan<Zpool>> PlanNewAsync(ZfsHost host, ZpoolRequest request, CancellationToken ct) =>
        throw new NotImplementedException();
}
