using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Names in the inventory.</summary>
public static class Inventory
{
    /// <summary>All hosts.</summary>
    public static Task<IReadOnlyList<HostSystemInfo>> GetHostsAsync(VimClient client, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>The objects of these names, in their order; one look at the inventory for all of them.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="type"><c>HostSystem</c>, <c>VirtualMachine</c>, <c>Datastore</c> or <c>Network</c>.</param>
    /// <param name="names">Names as people see them, or PowerCLI ids.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException"><c>ObjectNotFound</c>, <c>ObjectAmbiguous</c>.</exception>
    public static Task<IReadOnlyList<MoRef>> ResolveAsync(
        VimClient client, string type, IReadOnlyList<string> names, CancellationToken ct) =>
        throw new NotImplementedException();
}
