namespace ZfsEsx.Esx;

/// <summary>An NFS datastore as one host sees it.</summary>
public sealed record ZfsNfsDatastore
{
    /// <summary>The datastore's name.</summary>
    public required string Name { get; init; }

    /// <summary>PowerCLI's id of the datastore; empty when it is not mounted.</summary>
    public required string DatastoreId { get; init; }

    /// <summary>The host's name.</summary>
    public required string VMHost { get; init; }

    /// <summary>PowerCLI's id of the host.</summary>
    public required string VMHostId { get; init; }

    /// <summary>
    /// The NFS server, exactly as the host was told; several addresses of NFS 4.1 with commas between them.
    /// </summary>
    public required string RemoteHost { get; init; }

    /// <summary>The exported directory.</summary>
    public required string RemotePath { get; init; }

    /// <summary><c>3</c> or <c>4.1</c>.</summary>
    public required string NfsVersion { get; init; }

    /// <summary>Whether the host has it mounted.</summary>
    public bool Mounted { get; init; }

    /// <summary>Whether the host reaches it now.</summary>
    public bool Accessible { get; init; }

    /// <summary>What the host says when it does not reach it: <c>AllPathsDown_Start</c>…; empty when it does.</summary>
    public string InaccessibleReason { get; init; } = string.Empty;

    /// <summary><c>readWrite</c> or <c>readOnly</c>.</summary>
    public string AccessMode { get; init; } = "readWrite";

    /// <summary>Size of the file system.</summary>
    public ByteSize Capacity { get; init; }

    /// <summary>Free space in it.</summary>
    public ByteSize FreeSpace { get; init; }

    /// <inheritdoc/>
    public override string ToString() => VMHost + " " + Name;
}

/// <summary>An NFS datastore as it should be on every host given.</summary>
public sealed record NfsMount
{
    /// <summary>The datastore's name on every host.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The NFS server. vSphere tells datastores apart by this very text, so an address, the same for all hosts, is
    /// best.
    /// </summary>
    public required string RemoteHost { get; init; }

    /// <summary>Further addresses of the same server. NFS 4.1 uses them all; NFS 3 has no use for them.</summary>
    public IReadOnlyList<string> OtherAddresses { get; init; } = [];

    /// <summary>The exported directory.</summary>
    public required string RemotePath { get; init; }

    /// <summary>NFS 4.1 instead of 3. One export must never be mounted with both.</summary>
    public bool Nfs41 { get; init; }

    /// <summary>Mounts it for reading only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Raises the number of NFS datastores that a host takes, where it is reached.</summary>
    public bool RaiseLimit { get; init; }

    internal string Type => Nfs41 ? "NFS41" : "NFS";

    internal IEnumerable<string> Servers => OtherAddresses.Prepend(RemoteHost);
}
