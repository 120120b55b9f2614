using System;
using System.Threading;
using System.Threading.Tasks;
using ZfsEsx.Os;

namespace ZfsEsx.Replication;

/// <summary>How one storage VM is let in by its neighbour.</summary>
public sealed record ReplicationTrustOptions
{
    /// <summary>The account on the target that the source logs in as. With <c>root</c> no sudo rule is written.</summary>
    public string UserName { get; init; } = "zfsadm";

    /// <summary>Where the source reaches the target: its address on the storage network.</summary>
    public required string Address { get; init; }

    /// <summary>The target's ssh port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Name of the source in the ring; the host's name when null.</summary>
    public string? SourceName { get; init; }

    /// <summary>Name of the target in the ring; the host's name when null.</summary>
    public string? NeighbourName { get; init; }
}

/// <summary>Whether a storage VM may send to its neighbour, as read from both.</summary>
/// <param name="Source">The sending storage VM.</param>
/// <param name="Neighbour">The receiving one.</param>
/// <param name="UserName">The account on the neighbour.</param>
/// <param name="Address">Where the source reaches the neighbour.</param>
/// <param name="Port">Its ssh port.</param>
/// <param name="KeyFingerprint">SHA-256 fingerprint of the source's key; null when there is none.</param>
/// <param name="AuthorizedKeysFile">The file on the neighbour that lets it in.</param>
/// <param name="Missing">What is not in order, in words; empty when all is.</param>
public sealed record ZfsReplicationTrust(
    string Source,
    string Neighbour,
    string UserName,
    string Address,
    int Port,
    string? KeyFingerprint,
    string? AuthorizedKeysFile,
    System.Collections.Generic.IReadOnlyList<string> Missing)
{
    /// <summary>True when nothing is missing.</summary>
    public bool InOrder => Missing.Count == 0;
}

/// <summary>What the neighbour's agent answered when the source really connected.</summary>
/// <param name="Source">The sending storage VM.</param>
/// <param name="Neighbour">The receiving one.</param>
/// <param name="Succeeded">The agent answered.</param>
/// <param name="Answer">Its greeting, or why there was none.</param>
/// <param name="Seconds">How long login and greeting took.</param>
public sealed record ZfsReplicationTrustTest(string Source, string Neighbour, bool Succeeded, string Answer, double Seconds);

/// <summary>
/// Lets a storage VM send to its neighbour and do nothing else there: a key that never leaves the source, a forced
/// command, a sudo rule for exactly that command, and the neighbour's host key pinned from what the neighbour itself says.
/// </summary>
public static class ReplicationTrust
{
    /// <summary>What has to be done so that <paramref name="source"/> may send to <paramref name="target"/>.</summary>
    public static Task<Plan<ZfsReplicationTrust>> PlanNewAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>The trust as it is.</summary>
    public static Task<ZfsReplicationTrust> GetAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>Connects from the source with its key, exactly as a cycle does, and reads the agent's greeting.</summary>
    public static Task<ZfsReplicationTrustTest> TestAsync(
        ZfsHost source, ReplicationTrustOptions options, CancellationToken ct) =>
        throw new NotImplementedException();

    /// <summary>What has to be removed so that the source can no longer log in. The account and the replicas stay.</summary>
    public static Task<Plan<ZfsReplicationTrust>> PlanRemoveAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct) =>
        throw new NotImplementedException();
}
