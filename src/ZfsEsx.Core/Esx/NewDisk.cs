using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>How the space of a virtual disk is taken.</summary>
public enum VirtualDiskFormat
{
    /// <summary>As it is written.</summary>
    Thin,

    /// <summary>At once; written with zeroes when first used.</summary>
    Thick,

    /// <summary>At once, and written with zeroes at once: takes long to make, and never waits later.</summary>
    EagerZeroedThick,
}

/// <summary>A virtual disk as it should be.</summary>
/// <param name="Size">Its size, in whole kilobytes.</param>
public sealed record NewDisk(ByteSize Size)
{
    /// <summary>
    /// How its space is taken; null: thin where it has to be made. ZFS copies on write, so a thin disk grows to its
    /// full size.
    /// </summary>
    public VirtualDiskFormat? Format { get; init; }

    /// <summary>The datastore that it goes to; beside the VM's other files when null.</summary>
    public MoRef? Datastore { get; init; }

    /// <summary>The name of that datastore, once it has been looked up.</summary>
    internal string? DatastoreName { get; init; }

    internal bool Thin => Format is null or VirtualDiskFormat.Thin;

    /// <summary>A thin disk beside the VM's other files.</summary>
    public static implicit operator NewDisk(ByteSize size) => new(size);

    /// <inheritdoc cref="op_Implicit(ByteSize)"/>
    public static implicit operator NewDisk(long bytes) => new((ByteSize)bytes);

    /// <inheritdoc/>
    public override string ToString() => Words(Format ?? VirtualDiskFormat.Thin) + " disk of " + Size
        + (DatastoreName is null ? string.Empty : " on datastore " + DatastoreName);

    internal static string Words(VirtualDiskFormat format) => format switch
    {
        VirtualDiskFormat.Thin => "thin",
        VirtualDiskFormat.Thick => "thick",
        _ => "eager-zeroed",
    };
}
