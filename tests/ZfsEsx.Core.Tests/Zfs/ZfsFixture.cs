namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>What real systems answered: Fixtures/zfs.</summary>
internal static class ZfsFixture
{
    /// <summary>A file's text, without the lines that tell command and exit code.</summary>
    public static string Text(string name) => string.Concat(
        File.ReadAllText(Path.Combine(Root(), name)).SplitAfterNewlines()
            .Where(l => !l.StartsWith("$ ", StringComparison.Ordinal)
                && !l.StartsWith("--- ", StringComparison.Ordinal)));

    /// <summary>The texts of all files of a pattern: <c>openzfs-2.3.9/pool-*.txt</c>.</summary>
    public static IEnumerable<string> Files(string pattern) => Directory
        .GetFiles(Path.Combine(Root(), Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern))
        .Order(StringComparer.Ordinal).Select(f => Text(Path.GetRelativePath(Root(), f)));

    private static IEnumerable<string> SplitAfterNewlines(this string text) =>
        text.Split('\n').Select((l, i) => (l, i)).Where(p => p.l.Length > 0 || p.i < text.Count(c => c == '\n'))
            .Select(p => p.l + "\n");

    private static string Root()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string path = Path.Combine(d.FullName, "Fixtures", "zfs");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException("Fixtures/zfs is not above " + AppContext.BaseDirectory);
    }
}
