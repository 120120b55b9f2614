namespace ZfsEsx.Lab;

/// <summary>A network card of a guest.</summary>
/// <param name="Mac">Its address.</param>
/// <param name="Network">The port group that it is connected to.</param>
/// <param name="HostName">In the hosts' guest: the host whose vmkernel port it is.</param>
internal sealed record GuestNic(string Mac, string Network, string? HostName = null);

/// <summary>A disk of a guest beside its system disk.</summary>
/// <param name="Serial">What the guest sees as its serial number, 20 characters at most.</param>
/// <param name="File">Where its content is kept on this machine.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Iops">Operations per second that it can do; 0 = no limit.</param>
/// <param name="BurstIops">What it can do for a short burst.</param>
internal sealed record GuestDisk(string Serial, string File, long Size, int Iops, int BurstIops);

/// <summary>Everything that a guest is made of.</summary>
internal sealed record GuestConfig
{
    /// <summary>The port group that leads to this machine, and through which ssh comes in.</summary>
    public const string ManagementNetwork = "VM Network";

    /// <summary>The port group of the storage network.</summary>
    public const string StorageNetwork = "eSAN-VM";

    public required string Name { get; init; }

    public required string HostName { get; init; }

    /// <summary>A new one makes a new machine: the old one's disks are forgotten.</summary>
    public required string Uuid { get; init; }

    /// <summary><c>storage</c> or <c>hosts</c>: what the guest does after its start.</summary>
    public required string Role { get; init; }

    public required int MemoryMB { get; init; }

    public int Cpus { get; init; } = 1;

    public IReadOnlyList<GuestNic> Nics { get; init; } = [];

    public IReadOnlyList<GuestDisk> Disks { get; init; } = [];
}
