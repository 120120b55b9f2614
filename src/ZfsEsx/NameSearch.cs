namespace ZfsEsx;

/// <summary>
/// What a Get- cmdlet is to find by name. A name with wildcards may match nothing; one without that is nowhere is an
/// error of its own, as usual in PowerShell.
/// </summary>
/// <param name="id">Name of the failure: <c>PoolNotFound</c>.</param>
/// <param name="what">What is looked for, in words: <c>pool</c>.</param>
/// <param name="names">The names; all are meant where none is given.</param>
/// <param name="namesOf">By what names a thing goes; it is shown by the first.</param>
/// <param name="advice">What to do when one is not there.</param>
internal sealed class NameSearch<T>(
    string id, string what, string[]? names, Func<T, IEnumerable<string>> namesOf, string advice)
{
    private readonly NamedThings _named = new(names, anywhere: true);
    private readonly List<string> _there = [];
    private readonly List<string> _places = [];
    private bool _looked;

    /// <summary>All that there is was looked at, not only what bears the name.</summary>
    public bool SeesAll { get; init; } = true;

    /// <summary>Every thing, whatever it is called.</summary>
    public static NameSearch<T> All { get; } = new("", "", null, _ => [""], "");

    /// <summary>Those that are meant, of what is in one place; null where there is but one place.</summary>
    public IEnumerable<T> In(string? place, IEnumerable<T> things)
    {
        T[] all = [.. things];
        _looked = true;
        _places.AddRange(place is null ? [] : [place]);
        _named.Missing(all.SelectMany(namesOf));
        _there.AddRange(all.Select(t => namesOf(t).First()));
        return all.Where(t => namesOf(t).Any(_named.Matches));
    }

    /// <summary>Names that are in none of the places; nothing where no place could be looked at.</summary>
    public IEnumerable<ZfsEsxException> NotFound() => (_looked ? _named.Nowhere() : []).Select(
        name => new ZfsEsxException(
            id, FailureKind.NotFound, name,
            "There is no " + what + " '" + name + "'"
                + (_places.Count > 0 ? " on " + string.Join(", ", _places) : "") + "."
                + (SeesAll ? " " + NearNames.Say(name, _there) : ""),
            advice));
}
