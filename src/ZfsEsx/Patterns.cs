using System.Management.Automation;

namespace ZfsEsx;

/// <summary>Names with wildcards as cmdlets take them; none means all.</summary>
internal static class Patterns
{
    internal static Func<string, bool> Any(string[]? patterns)
    {
        if (patterns is null || patterns.Length == 0)
        {
            return _ => true;
        }

        WildcardPattern[] compiled = [.. patterns.Select(p => new WildcardPattern(p, WildcardOptions.IgnoreCase))];
        return text => compiled.Any(p => p.IsMatch(text));
    }
}
