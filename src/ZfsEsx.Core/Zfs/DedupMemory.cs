namespace ZfsEsx.Zfs;

/// <summary>What deduplication costs. Pure.</summary>
internal static class DedupMemory
{
    /// <summary>A plain warning about switching deduplication on; null for off.</summary>
    public static string? Warning(string fileSystem, string value) => value == "off" ? null
        : "Deduplication of " + fileSystem + " keeps a table in memory: about 320 bytes for each block, which is 2.5 GB per "
            + "TB of data in blocks of 128 KB, 20 GB in blocks of 16 KB. Without that memory every write waits for disks. "
            + "Test-EncapsulatedZpool shows the table's size and what is needed.";
}
