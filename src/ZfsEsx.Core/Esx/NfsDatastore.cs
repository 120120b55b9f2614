using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>NFS datastores on many hosts.</summary>
public static class NfsDatastore
{
    /// <summary>The NFS datastores of hosts, one object for each host and datastore, read at once.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="name">Only the datastore of this name; all when null.</param>
    /// <param name="ct">Ends the reading.</param>
    public static Task<IReadOnlyList<ZfsNfsDatastore>> GetAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string? name, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Mounts an export on hosts under one name: the first host alone, then the others side by side.</summary>
    public static Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanMountAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, NfsMount mount, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Unmounts a datastore from hosts. Refused while a VM of the host uses it.</summary>
    public static Task<Plan<IReadOnlyList<ZfsNfsDatastore>>> PlanDismountAsync(
        VimClient client, IReadOnlyList<MoRef> hosts, string name, CancellationToken ct) =>
        throw new NotImplementedException();
}
