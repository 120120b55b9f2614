using System.Globalization;

namespace ZfsEsx.Zfs;

/// <summary>Values as zfs and zpool print them, plain (<c>-p</c>) or for people. Pure.</summary>
internal static class ZfsText
{
    private const string Units = "BKMGTPEZ";

    /// <summary>What <c>date '+%Y-%m-%d %H:%M:%S'</c> says; null for anything else.</summary>
    public static DateTime? Time(string text) => DateTime.TryParseExact(
        text.Trim(), "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time)
            ? time : null;

    /// <summary>
    /// A number of bytes or errors: <c>8053063680</c>, <c>7.50G</c>, <c>456K</c>, <c>0</c>, <c>-</c>. What is printed
    /// for people is
    /// rounded by ZFS, so the result is as exact as the text.
    /// </summary>
    public static long Number(string text)
    {
        text = text.Trim();
        if (text.Length == 0 || text is "-" or "none")
        {
            return 0;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long plain))
        {
            return plain;
        }

        int unit = Units.IndexOf(char.ToUpperInvariant(text[text.Length - 1]));
        return unit >= 0 && double.TryParse(
            text.Substring(0, text.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? (long)(value * Math.Pow(1024, unit))
            : 0;
    }

    /// <summary><c>37</c>, <c>37%</c>; null for <c>-</c>.</summary>
    public static int? Percent(string text) =>
        double.TryParse(text.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? (int)value : null;

    /// <summary><c>1.00</c>, <c>6.97x</c>; 1 where the system does not say.</summary>
    public static double Ratio(string text) =>
        double.TryParse(text.Trim().TrimEnd('x'), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value : 1;

    /// <summary>Fields of the lines of <c>-H</c> output. Lines with too few fields are not of the table.</summary>
    public static IEnumerable<string[]> Table(string text, int fields) =>
        text.Split(['\n'], StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))
            .Where(f => f.Length >= fields);

    /// <summary><c>zfs get -H[p] -o property,value,source</c> of one dataset.</summary>
    public static IReadOnlyDictionary<string, ZfsProperty> Properties(string text)
    {
        Dictionary<string, ZfsProperty> properties = new(StringComparer.Ordinal);
        foreach (string[] fields in Table(text, 3))
        {
            properties[fields[0]] = new ZfsProperty(fields[1], fields[2]);
        }

        return properties;
    }

    /// <summary>
    /// The table of properties in zfs's own help: name, whether it can be set, whether it is inherited, values. It is
    /// made from the list that values are checked with.
    /// </summary>
    public static IReadOnlyDictionary<string, string> PropertyValues(string text)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string[] words in text.Split('\n')
            .Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length > 3))
        {
            values[words[0]] = string.Join(" ", words.Skip(3));
        }

        return values;
    }
}

/// <summary>A property of a dataset.</summary>
/// <param name="Value">As the system prints it.</param>
/// <param name="Source">
/// <c>local</c>, <c>default</c>, <c>inherited from …</c>, <c>received</c>, <c>temporary</c> or <c>-</c>.
/// </param>
internal sealed record ZfsProperty(string Value, string Source);
