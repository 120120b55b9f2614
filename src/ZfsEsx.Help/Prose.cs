using System.Text;
using System.Text.RegularExpressions;

namespace ZfsEsx.Help;

/// <summary>The little Markdown that the pages use, as plain text.</summary>
internal static partial class Prose
{
    /// <summary>
    /// Paragraphs with their lines joined; each list item and each line of code is a paragraph of its own.
    /// </summary>
    public static IReadOnlyList<string> Paragraphs(IEnumerable<string> lines)
    {
        List<string> paragraphs = [];
        bool open = false, code = false;
        foreach (string line in lines)
        {
            string text = line.Trim();
            if (text.StartsWith("```", StringComparison.Ordinal))
            {
                code = !code;
                open = false;
            }
            else if (code)
            {
                paragraphs.Add("    " + line);
            }
            else if (text.Length == 0)
            {
                open = false;
            }
            else if (!open || ListItem().IsMatch(text) || text.StartsWith('|'))
            {
                paragraphs.Add(Plain(text));
                open = true;
            }
            else
            {
                paragraphs[^1] += " " + Plain(text);
            }
        }

        return paragraphs;
    }

    /// <summary>A text without the marks for code, emphasis and links.</summary>
    public static string Plain(string text) =>
        Emphasis().Replace(Link().Replace(text, "$1"), "$2").Replace("`", "", StringComparison.Ordinal);

    /// <summary>An about_ topic as the text file that Get-Help shows.</summary>
    public static string About(string markdown)
    {
        StringBuilder text = new();
        bool code = false;
        foreach (string line in markdown.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                code = !code;
            }
            else if (code)
            {
                text.Append("        ").Append(line).Append('\n');
            }
            else if (line.StartsWith('#'))
            {
                text.Append(Plain(line.TrimStart('#').Trim()).ToUpperInvariant()).Append('\n');
            }
            else
            {
                text.Append(line.Length > 0 ? "    " + Plain(line) : "").Append('\n');
            }
        }

        return string.Join("\n", text.ToString().Split('\n').Select(l => l.TrimEnd()));
    }

    [GeneratedRegex(@"^([-*]|\d+\.)\s")]
    private static partial Regex ListItem();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(\*\*|(?<!\w)\*(?=\w))([^*`]+)\1?(?:\*\*|\*(?!\w))")]
    private static partial Regex Emphasis();
}
