using System.Globalization;

namespace ZfsEsx.Esx;

/// <summary>PCI classes in words: the part of the PCI-SIG's code and ID assignment that hosts have.</summary>
internal static class PciClass
{
    public const ushort NvmeController = 0x0108;

    private static readonly Dictionary<ushort, string> s_names = new()
    {
        [0x0100] = "SCSI storage controller",
        [0x0101] = "IDE interface",
        [0x0104] = "RAID bus controller",
        [0x0105] = "ATA controller",
        [0x0106] = "SATA controller",
        [0x0107] = "Serial attached SCSI controller",
        [0x0108] = "Non-volatile memory controller",
        [0x0180] = "Mass storage controller",
        [0x0200] = "Ethernet controller",
        [0x0207] = "InfiniBand controller",
        [0x0280] = "Network controller",
        [0x0300] = "VGA compatible controller",
        [0x0302] = "3D controller",
        [0x0380] = "Display controller",
        [0x0403] = "Audio device",
        [0x0500] = "RAM memory",
        [0x0600] = "Host bridge",
        [0x0601] = "ISA bridge",
        [0x0604] = "PCI bridge",
        [0x0680] = "Bridge",
        [0x0700] = "Serial controller",
        [0x0780] = "Communication controller",
        [0x0880] = "System peripheral",
        [0x0c03] = "USB controller",
        [0x0c04] = "Fibre Channel",
        [0x0c05] = "SMBus",
        [0x0c06] = "InfiniBand",
        [0x0b40] = "Co-processor",
        [0x1000] = "Network and computing encryption device",
        [0x1080] = "Encryption controller",
        [0x1101] = "Performance counters",
        [0x1200] = "Processing accelerator",
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
        [0x0b] = "Processor",
        [0x0c] = "Serial bus controller",
        [0x0d] = "Wireless controller",
        [0x10] = "Encryption controller",
        [0x11] = "Signal processing controller",
        [0x12] = "Processing accelerator",
    };

    public static string InWords(ushort classId) =>
        s_names.TryGetValue(classId, out string? name) || s_bases.TryGetValue(classId >> 8, out name)
            ? name
            : "Class " + Hex(classId);

    /// <summary>Four hexadecimal digits, as lspci and the PCI ID list write ids.</summary>
    public static string Hex(ushort id) => id.ToString("x4", CultureInfo.InvariantCulture);
}
