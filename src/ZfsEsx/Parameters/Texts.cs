using System.Collections;
using System.Globalization;
using ZfsEsx.Interop;

namespace ZfsEsx.Parameters;

internal static class Texts
{
    /// <summary>A hashtable of a user as names and texts; numbers are written the same in every culture.</summary>
    internal static IReadOnlyDictionary<string, string> ToTexts(this IDictionary? table) => (table ?? new Hashtable())
        .Cast<DictionaryEntry>()
        .ToDictionary(
            e => Text(e.Key),
            e => Text(e.Value));

    private static string Text(object? value) =>
        System.Convert.ToString(Duck.Bare(value), CultureInfo.InvariantCulture) ?? "";
}
