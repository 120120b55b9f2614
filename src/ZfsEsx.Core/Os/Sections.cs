using System.Text;

namespace ZfsEsx.Os;

/// <summary>
/// The answer of a script that asks several things in one round trip: every part begins with a line of a record
/// separator
/// (octal 036, which no program here prints) and its name. Pure.
/// </summary>
internal static class Sections
{
    /// <summary>Name to text; parts of the same name are joined, missing ones are absent.</summary>
    public static IReadOnlyDictionary<string, string> Split(string text)
    {
        Dictionary<string, StringBuilder> parts = new(StringComparer.Ordinal);
        StringBuilder? part = null;
        string[] lines =
            (text.EndsWith("\n", StringComparison.Ordinal) ? text.Substring(0, text.Length - 1) : text).Split('\n');
        foreach (string line in lines)
        {
            if (line.Length > 0 && line[0] == '\u001e')
            {
                string name = line.Substring(1).TrimEnd();
                if (!parts.TryGetValue(name, out part))
                {
                    parts[name] = part = new StringBuilder();
                }
            }
            else
            {
                part?.Append(line).Append('\n');
            }
        }

        Dictionary<string, string> result = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, StringBuilder> p in parts)
        {
            result[p.Key] = p.Value.ToString();
        }

        return result;
    }

    /// <summary>A part's text, or nothing.</summary>
    public static string Get(this IReadOnlyDictionary<string, string> parts, string name) =>
        parts.TryGetValue(name, out string? text) ? text : "";

    /// <summary>A part's lines that are not empty.</summary>
    public static string[] Lines(this IReadOnlyDictionary<string, string> parts, string name) =>
        parts.Get(name).Split(['\n'], StringSplitOptions.RemoveEmptyEntries);
}
