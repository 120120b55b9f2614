namespace ZfsEsx.Vim;

/// <summary>Names of inventory objects. vSphere stores %, / and \ in them as %25, %2f and %5c.</summary>
internal static class VimName
{
    public static string Escape(string name) => name.Replace("%", "%25").Replace("/", "%2f").Replace("\\", "%5c");

    public static string Unescape(string name) =>
        name.Replace("%2f", "/").Replace("%2F", "/").Replace("%5c", "\\").Replace("%5C", "\\").Replace("%25", "%");

    /// <summary>Refuses what no object can be called.</summary>
    /// <param name="what">The thing in words: <c>VM</c>, <c>port group</c>.</param>
    /// <param name="name">The name wanted.</param>
    /// <param name="longest">The most characters it may have.</param>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>.</exception>
    public static void Check(string what, string name, int longest = 80)
    {
        string? fault =
            name.Trim().Length == 0 ? "is empty"
            : name.Trim().Length != name.Length ? "begins or ends with a blank"
            : name.Any(char.IsControl) ? "has a line break or another control character"
            : Escape(name).Length > longest ? "is longer than " + longest + " characters"
            : null;
        if (fault is not null)
        {
            string shown = new(name.Select(c => char.IsControl(c) ? '?' : c).ToArray());
            throw new ZfsEsxException(
                "InvalidName", FailureKind.InvalidArgument, shown,
                "The " + what + " name '" + shown + "' " + fault + ".",
                "Choose another name.");
        }
    }
}
