using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>The network between storage VMs and hosts.</summary>
public static class StorageNetwork
{
    /// <summary>The storage network of all hosts, read in one call; a host without the switch is left out.</summary>
    public static Task<IReadOnlyList<EncapsulatedStorageNetwork>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string switchName, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Makes or completes the storage network on hosts.</summary>
    public static Task<Plan<IReadOnlyList<EncapsulatedStorageNetwork>>> PlanNewAsync(
        VimClient client, IReadOnlyList<StorageNetworkAddress> hosts, NewStorageNetwork wanted, CancellationToken ct) =>
        throw new NotImplementedException();
}
