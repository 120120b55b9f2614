namespace ZfsEsx.Lab;

/// <summary>Keeps the cache from growing with every change of the image.</summary>
internal static class Retention
{
    /// <summary>True when the entry exists, which is from now on the one used last.</summary>
    public static bool Use(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return false;
        }

        Directory.SetLastWriteTimeUtc(directory, DateTime.UtcNow);
        return true;
    }

    /// <summary>Removes all finished entries of a directory but those used last.</summary>
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
