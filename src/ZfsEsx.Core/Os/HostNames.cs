using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ZfsEsx.Os;

/// <summary>A name and the address it stands for.</summary>
/// <param name="Name">Host name, with or without domain.</param>
/// <param name="Address">IPv4 or IPv6 address.</param>
public sealed record HostEntry(string Name, string Address);

/// <summary>The names a storage VM knows by itself.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="HostName">What it calls itself.</param>
/// <param name="Entries">The entries of its hosts file that ZfsEsx keeps.</param>
/// <param name="OtherEntries">All other entries of its hosts file.</param>
public sealed record ZfsHostName(
    string ZfsHost, string HostName, IReadOnlyList<HostEntry> Entries, IReadOnlyList<HostEntry> OtherEntries);

/// <summary>Host name and hosts file of a storage VM.</summary>
public static class HostNames
{
    /// <summary>Reads them.</summary>
    public static Task<ZfsHostName> GetAsync(ZfsHost host, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Plans to set the host name (null: leave it) and to add entries to the hosts file; entries of other names stay.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidHostName</c>, <c>InvalidAddress</c>, <c>HostEntryConflict</c>.</exception>
    public static Task<Plan<ZfsHostName>> PlanSetAsync(
        ZfsHost host, string? hostName, IReadOnlyList<HostEntry> entries, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>What the storage VM itself makes of names: every name with its IPv4 addresses, none when it does not resolve.</summary>
    public static Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ResolveAsync(
        ZfsHost host, IReadOnlyList<string> names, CancellationToken ct) => throw new NotImplementedException();
}
