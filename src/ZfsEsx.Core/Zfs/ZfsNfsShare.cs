namespace ZfsEsx.Zfs;

/// <summary>A file system that a storage VM shares by NFS.</summary>
/// <param name="ZfsHost">The storage VM.</param>
/// <param name="FileSystem">The file system: <c>sp1/nas/vol0</c>.</param>
/// <param name="MountPoint">Where it is mounted, which is the path that clients mount.</param>
/// <param name="Options">The file system's own <c>sharenfs</c>.</param>
/// <param name="Clients">
/// Names, addresses or networks that may mount it, according to <paramref name="Options"/>.
/// </param>
/// <param name="Exported">
/// Those to whom the system's NFS server really exports it now, spelled as in <paramref name="Options"/> where they are
/// clients.
/// </param>
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
    /// <summary>Clients may only read.</summary>
    public bool ReadOnly =>
        Options.Split(',', ':').Any(o => o == "ro" || o.StartsWith("ro=", StringComparison.Ordinal));

    /// <inheritdoc/>
    public override string ToString() => ZfsHost + ":" + MountPoint;
}

/// <summary>A client that a file system is shared to.</summary>
/// <param name="Name">Its name, which must resolve on the storage VM.</param>
/// <param name="Address">The address it really uses (of the host's vmkernel port), compared when given.</param>
public sealed record NfsClient(string Name, string? Address = null);

/// <summary>An ESXi host that shall mount a share, as vSphere knows it.</summary>
/// <param name="Name">The host's name, for messages.</param>
/// <param name="Addresses">Its vmkernel ports' addresses with prefix: <c>10.99.0.101/24</c>.</param>
public sealed record MountingHost(string Name, IReadOnlyList<string> Addresses);

/// <summary>A shared file system that is wanted.</summary>
public sealed record NfsShareRequest
{
    /// <summary>The file system: <c>sp1/nas/vol0</c>; created with its parents when missing.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Absolute path where it is mounted; empty leaves it as it is.</summary>
    public string MountPoint { get; init; } = "";

    /// <summary>
    /// Who may mount it. Empty with <see cref="Hosts"/>: these hosts by their addresses; empty without: who may now.
    /// </summary>
    public IReadOnlyList<NfsClient> Clients { get; init; } = [];

    /// <summary>
    /// The hosts that shall mount it: then every client must be the address that one of them uses, and each must be a
    /// client.
    /// </summary>
    public IReadOnlyList<MountingHost> Hosts { get; init; } = [];

    /// <summary>
    /// Clients may write, as datastores need; null is yes, or as it is where the clients stay as they are.
    /// </summary>
    public bool? ReadWrite { get; init; }

    /// <summary>Record size in bytes, a power of two; left as it is when null.</summary>
    public long? RecordSize { get; init; }

    /// <summary><c>on</c>, <c>off</c>, <c>lz4</c>…; left as it is when null.</summary>
    public string? Compression { get; init; }

    /// <summary>
    /// When writes are on disk: <c>standard</c>, <c>always</c>, <c>disabled</c>; left as it is when null.
    /// </summary>
    public string? Sync { get; init; }

    /// <summary>The most that it may take with its snapshots and what is below it; 0 is no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>The most that it may take by itself; 0 is no limit.</summary>
    public long? RefQuota { get; init; }

    /// <summary>What is kept free for it; 0 is nothing.</summary>
    public long? RefReservation { get; init; }

    /// <summary>Keep access times; virtual disks have no use for them.</summary>
    public bool Atime { get; init; }

    /// <summary>Further properties of the file system.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>The clients are those that the share has.</summary>
    internal bool KeepsClients { get; init; }

    /// <summary>The value of <c>sharenfs</c> where it stays as it is.</summary>
    internal string? KeptOptions { get; init; }
}
