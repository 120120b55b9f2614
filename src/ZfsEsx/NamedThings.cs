using System.Management.Automation;

namespace ZfsEsx;

/// <summary>
/// Names that a cmdlet was given, with wildcards. What is named without any must be there, or nothing was found: on
/// each storage VM that was named, too, and on one of them where all connected ones are asked.
/// </summary>
internal sealed class NamedThings(string[]? names, bool anywhere)
{
    private readonly HashSet<string> _found = new(StringComparer.OrdinalIgnoreCase);
    private readonly string[] _plain =
        [.. (names ?? []).Where(n => !WildcardPattern.ContainsWildcardCharacters(n)).Distinct()];

    /// <summary>Whether a name is meant; all are where none was given.</summary>
    public Func<string, bool> Matches { get; } = Patterns.Any(names);

    /// <summary>A storage VM without any of them may be one where they need not be.</summary>
    public bool MayBeElsewhere => anywhere && _plain.Length > 0;

    /// <summary>What a storage VM should have and has not.</summary>
    public IReadOnlyList<string> Missing(IEnumerable<string> there)
    {
        HashSet<string> has = new(there, StringComparer.OrdinalIgnoreCase);
        _found.UnionWith(has);
        return anywhere ? [] : [.. _plain.Where(n => !has.Contains(n))];
    }

    /// <summary>What no storage VM has, of those that have been looked at.</summary>
    public IReadOnlyList<string> Nowhere() => anywhere ? [.. _plain.Where(n => !_found.Contains(n))] : [];
}
