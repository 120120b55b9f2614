using System.Globalization;
using System.Text.RegularExpressions;

namespace ZfsEsx.Zfs;

/// <summary>
/// The line of a system's file that limits the ARC. Everything else in the file is kept as it is. Pure.
/// </summary>
internal sealed class ArcSetting
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline;

    /// <summary>Linux: an option of the kernel's module.</summary>
    public static readonly ArcSetting Module = new(
        "/etc/modprobe.d/zfs.conf", "#", @"^(?<before>[^#\r\n]*\bzfs_arc_max=)(?<value>[^\s#]+)",
        "options zfs zfs_arc_max=", 1);

    /// <summary>OpenSolaris and illumos: read when the system starts.</summary>
    public static readonly ArcSetting System = new(
        "/etc/system", "*", @"^(?<before>[ \t]*set[ \t]+zfs:zfs_arc_max[ \t]*=[ \t]*)(?<value>[^\s*]+)",
        "set zfs:zfs_arc_max = ", 1);

    /// <summary>zfs-fuse: in megabytes, read when its daemon starts.</summary>
    public static readonly ArcSetting Fuse = new(
        "/etc/zfs/zfsrc", "#", @"^(?<before>[ \t]*max-arc-size[ \t]*=[ \t]*)(?<value>[^\s#]+)",
        "max-arc-size = ", 1 << 20);

    private readonly string _comment;
    private readonly Regex _line;
    private readonly string _new;

    private ArcSetting(string path, string comment, string line, string text, long unit)
    {
        Path = path;
        Unit = unit;
        _comment = comment + " ZfsEsx: the most that the ARC may take (Set-ZfsArc).";
        _line = new Regex(line, Options);
        _new = text;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes that 1 means in it.</summary>
    public long Unit { get; }

    /// <summary>The limit in bytes; the last line counts. Null without one.</summary>
    public long? Find(string text)
    {
        long? found = null;
        foreach (Match m in _line.Matches(text))
        {
            found = Number(m.Groups["value"].Value) is long n && n > 0 && n < long.MaxValue / Unit ? n * Unit : found;
        }

        return found;
    }

    /// <summary>The text with this limit: every line that sets it is changed, or one is added at the end.</summary>
    public string Set(string text, long bytes)
    {
        string value = (bytes / Unit).ToString(CultureInfo.InvariantCulture);
        return _line.IsMatch(text)
            ? _line.Replace(text, m => m.Groups["before"].Value + value)
            : text + (text.Length == 0 || text.EndsWith("\n", StringComparison.Ordinal) ? "" : "\n")
                + _comment + "\n" + _new + value + "\n";
    }

    private static long? Number(string text) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(
                    text.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex)
                ? hex : null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long plain) ? plain : null;
}
