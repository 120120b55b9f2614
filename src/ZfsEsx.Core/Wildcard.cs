using System.Text.RegularExpressions;

namespace ZfsEsx;

/// <summary>PowerShell's simple wildcards, * and ?, without regard to case.</summary>
internal static class Wildcard
{
    /// <summary>Whether the whole text matches.</summary>
    public static bool Matches(string pattern, string text) => Regex.IsMatch(
        text,
        "^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".") + "$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);
}
