using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ZfsEsx.Os;

/// <summary>Addresses of a storage VM's interfaces.</summary>
public static class HostNetwork
{
    /// <summary>Reads the interfaces.</summary>
    public static Task<IReadOnlyList<ZfsHostNetwork>> GetAsync(ZfsHost host, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Plans to give one interface its address, now and after a restart.</summary>
    /// <exception cref="ZfsEsxException"><c>InterfaceNotFound</c>, <c>ManagementInterface</c>, <c>AddressInUse</c>, <c>InvalidAddress</c>, <c>NetworkManagerNotSupported</c>.</exception>
    public static Task<Plan<ZfsHostNetwork>> PlanSetAsync(ZfsHost host, HostNetworkRequest request, CancellationToken ct) =>
        throw new NotImplementedException();
}
