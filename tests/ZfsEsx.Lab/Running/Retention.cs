namespace ZfsEsx.Lab;

/// <summary>Keeps the cache from growing with every change of the image.</summary>
internal static class Retention
{
    /// <summary>Removes all finished entries of a directory but the newest ones.</summary>
    public static void KeepNewest(string directory, int count)
    {
        IEnumerable<DirectoryInfo> old = new DirectoryInfo(directory).GetDirectories()
            .Where(entry => entry.Extension.Length == 0)
            .OrderByDescending(entry => entry.LastWriteTimeUtc)
            .Skip(count);
        foreach (DirectoryInfo entry in old)
        {
            entry.Delete(recursive: true);
        }
    }
}
