using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A storage VM as it should be.</summary>
public sealed record NewStorageVm
{
    /// <summary>Its name in the inventory.</summary>
    public required string Name { get; init; }

    /// <summary>The host whose disks and devices it gets.</summary>
    public required MoRef Host { get; init; }

    /// <summary>The template or powered-off VM that it is cloned from.</summary>
    public required MoRef Template { get; init; }

    /// <summary>
    /// Where its files go. When null: the datastore with the most free space among those that only this host has, else
    /// the template's. Never an NFS datastore: it may come from a storage VM.
    /// </summary>
    public MoRef? Datastore { get; init; }

    /// <summary>The inventory folder it is put into; the template's when null.</summary>
    public MoRef? Folder { get; init; }

    /// <summary>Its memory, in whole megabytes. The article: 4 GB without deduplication.</summary>
    public ByteSize Memory { get; init; } = 4L << 30;

    /// <summary>Number of virtual processors.</summary>
    public int NumCpu { get; init; } = 2;

    /// <summary>Sizes of its data disks; they come after the template's own disks and are thin.</summary>
    public IReadOnlyList<ByteSize> DataDisks { get; init; } = [];

    /// <summary>Port group of the first adapter.</summary>
    public string ManagementNetwork { get; init; } = "VM Network";

    /// <summary>Port group of the second adapter.</summary>
    public string StorageNetwork { get; init; } = "eSAN-VM";

    /// <summary>Values that the guest can read as <c>guestinfo.NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> GuestInfo { get; init; } = new Dictionary<string, string>();
}
