namespace ZfsEsx.Esx;

/// <summary>How devices are attached to a VM.</summary>
public sealed record AttachOptions
{
    /// <summary>
    /// True sets <c>pciPassthruN.msiEnabled</c> to FALSE, so that the devices use an interrupt line; false leaves them
    /// message signalled interrupts. Null decides by the class: a line for storage controllers other than NVMe, where
    /// nothing else is set; nothing for NVMe, which needs MSI-X, and for all other classes.
    /// </summary>
    public bool? DisableMsi { get; init; }

    /// <summary>
    /// Size of the 64-bit MMIO window in GB, a power of two; only for devices with more than 16 GB of memory space.
    /// Null leaves it alone.
    /// </summary>
    public int? Mmio64GB { get; init; }

    /// <summary>
    /// Any free device of the same kind does, chosen at power-on: the address may change. Not for devices whose content
    /// belongs to the VM. Needs ESXi 7.0 and virtual hardware 17.
    /// </summary>
    public bool Dynamic { get; init; }
}
