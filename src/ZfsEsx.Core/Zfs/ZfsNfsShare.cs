namespace ZfsEsx.Zfs;

/// <summary>A file system that a storage VM shares by NFS.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="FileSystem">The file system: <c>sp1/nas/vol0</c>.</param>
/// <param name="MountPoint">Where it is mounted, which is the path that clients mount.</param>
/// <param name="Options">The file system's own <c>sharenfs</c>.</param>
/// <param name="Clients">
/// Names, addresses or networks that may mount it, according to <paramref name="Options"/>.
/// </param>
/// <param name="Exported">Those to whom the system's NFS server really exports it now.</param>
/// <param name="Mounted">True when the file system is mounted.</param>
public sealed record ZfsNfsShare(
    string ZfsHost,
    string FileSystem,
    string MountPoint,
    string Options,
    IReadOnlyList<string> Clients,
    IReadOnlyList<string> Exported,
    bool Mounted)
{
    /// <inheritdoc/>
    public override string ToString() => ZfsHost + ":" + MountPoint;
}

/// <summary>A client that a file system is shared to.</summary>
/// <param name="Name">Its name, which must resolve on the storage VM.</param>
/// <param name="Address">The address it really uses (of the host's vmkernel port), compared when given.</param>
public sealed record NfsClient(string Name, string? Address = null);

/// <summary>A shared file system that is wanted.</summary>
public sealed record NfsShareRequest
{
    /// <summary>The file system: <c>sp1/nas/vol0</c>; created with its parents when missing.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Absolute path where it is mounted.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Who may mount it.</summary>
    public required IReadOnlyList<NfsClient> Clients { get; init; }

    /// <summary>Clients may write, as datastores need.</summary>
    public bool ReadWrite { get; init; } = true;

    /// <summary>Record size in bytes, a power of two; left as it is when null.</summary>
    public long? RecordSize { get; init; }

    /// <summary><c>on</c>, <c>off</c>, <c>lz4</c>…; left as it is when null.</summary>
    public string? Compression { get; init; }

    /// <summary>Keep access times; virtual disks have no use for them.</summary>
    public bool Atime { get; init; }

    /// <summary>Further properties of the file system.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}
