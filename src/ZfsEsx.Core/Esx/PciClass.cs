using System.Globalization;

namespace ZfsEsx.Esx;

/// <summary>PCI classes in words: the part of the PCI-SIG's code and ID assignment that hosts have.</summary>
internal static class PciClass
{
    private const ushort NvmeController = 0x0108;

    private static readonly Dictionary<ushort, string> s_names = new()
    {
        [0x0100] = "SCSI storage controller",
        [0x0101] = "IDE interface",
        [0x0102] = "Floppy disk controller",
        [0x0103] = "IPI bus controller",
        [0x0104] = "RAID bus controller",
        [0x0105] = "ATA controller",
        [0x0106] = "SATA controller",
        [0x0107] = "Serial attached SCSI controller",
        [0x0108] = "Non-volatile memory controller",
        [0x0109] = "Universal flash storage controller",
        [0x0180] = "Mass storage controller",
        [0x0200] = "Ethernet controller",
        [0x0207] = "InfiniBand controller",
        [0x0208] = "Fabric controller",
        [0x0280] = "Network controller",
        [0x0300] = "VGA compatible controller",
        [0x0301] = "XGA compatible controller",
        [0x0302] = "3D controller",
        [0x0380] = "Display controller",
        [0x0400] = "Multimedia video controller",
        [0x0401] = "Multimedia audio controller",
        [0x0403] = "Audio device",
        [0x0480] = "Multimedia controller",
        [0x0500] = "RAM memory",
        [0x0501] = "Flash memory",
        [0x0502] = "CXL memory",
        [0x0580] = "Memory controller",
        [0x0600] = "Host bridge",
        [0x0601] = "ISA bridge",
        [0x0604] = "PCI bridge",
        [0x0607] = "CardBus bridge",
        [0x0609] = "Semi-transparent PCI bridge",
        [0x060a] = "InfiniBand to PCI host bridge",
        [0x0680] = "Bridge",
        [0x0700] = "Serial controller",
        [0x0701] = "Parallel controller",
        [0x0703] = "Modem",
        [0x0780] = "Communication controller",
        [0x0800] = "Interrupt controller",
        [0x0801] = "DMA controller",
        [0x0802] = "Timer",
        [0x0803] = "Real-time clock",
        [0x0804] = "Hot-plug controller",
        [0x0805] = "SD host controller",
        [0x0806] = "IOMMU",
        [0x0807] = "Root complex event collector",
        [0x0880] = "System peripheral",
        [0x0b40] = "Co-processor",
        [0x0c00] = "FireWire controller",
        [0x0c03] = "USB controller",
        [0x0c04] = "Fibre Channel",
        [0x0c05] = "SMBus",
        [0x0c06] = "InfiniBand",
        [0x0c07] = "IPMI interface",
        [0x0c80] = "Serial bus controller",
        [0x0d80] = "Wireless controller",
        [0x1000] = "Network and computing encryption device",
        [0x1010] = "Entertainment encryption device",
        [0x1080] = "Encryption controller",
        [0x1100] = "DPIO module",
        [0x1101] = "Performance counters",
        [0x1110] = "Communication synchronizer",
        [0x1120] = "Signal processing management",
        [0x1180] = "Signal processing controller",
        [0x1200] = "Processing accelerator",
        [0x1300] = "Non-essential instrumentation",
        [0x4000] = "Co-processor",
    };

    private static readonly Dictionary<int, string> s_bases = new()
    {
        [0x00] = "Unclassified device",
        [0x01] = "Storage controller",
        [0x02] = "Network controller",
        [0x03] = "Display controller",
        [0x04] = "Multimedia controller",
        [0x05] = "Memory controller",
        [0x06] = "Bridge",
        [0x07] = "Communication controller",
        [0x08] = "System peripheral",
        [0x09] = "Input device controller",
        [0x0a] = "Docking station",
        [0x0b] = "Processor",
        [0x0c] = "Serial bus controller",
        [0x0d] = "Wireless controller",
        [0x0e] = "Intelligent controller",
        [0x0f] = "Satellite communications controller",
        [0x10] = "Encryption controller",
        [0x11] = "Signal processing controller",
        [0x12] = "Processing accelerator",
        [0x13] = "Non-essential instrumentation",
    };

    /// <param name="classId">Class and subclass.</param>
    /// <param name="hostsName">What the host calls it (8.0.3 and later), for classes newer than this table.</param>
    public static string InWords(ushort classId, string hostsName = "") =>
        s_names.TryGetValue(classId, out string? name) ? name
            : hostsName.Length > 0 ? hostsName
            : s_bases.TryGetValue(classId >> 8, out name) ? name
            : "Class " + Hex(classId);

    /// <summary>
    /// Whether a device of the class is given to storage VMs with an interrupt line instead of messages: the drivers of
    /// older systems for host bus adapters lose interrupts otherwise. NVMe needs MSI-X, and other classes are left
    /// alone.
    /// </summary>
    public static bool WantsInterruptLine(ushort classId) => classId >> 8 == 0x01 && classId != NvmeController;

    /// <summary>Four hexadecimal digits, as lspci and the PCI ID list write ids.</summary>
    public static string Hex(ushort id) => id.ToString("x4", CultureInfo.InvariantCulture);
}
