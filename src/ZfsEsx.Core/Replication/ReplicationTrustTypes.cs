namespace ZfsEsx.Replication;

/// <summary>How one storage VM is let in by its neighbour.</summary>
public sealed record ReplicationTrustOptions
{
    /// <summary>
    /// The account on the target that the source logs in as. With <c>root</c> no sudo rule is written.
    /// </summary>
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
    IReadOnlyList<string> Missing)
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
public sealed record ZfsReplicationTrustTest(
    string Source, string Neighbour, bool Succeeded, string Answer, double Seconds);
