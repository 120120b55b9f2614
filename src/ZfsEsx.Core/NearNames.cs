namespace ZfsEsx;

/// <summary>What there is, for somebody who has named something else. Pure.</summary>
internal static class NearNames
{
    private const int Most = 5;

    /// <summary>All names where they are few, else those nearest to the one given.</summary>
    public static string Say(string name, IEnumerable<string> known)
    {
        string[] all = [.. known.Distinct(StringComparer.OrdinalIgnoreCase)];
        return all.Length switch
        {
            0 => "There is none at all.",
            <= Most => "There is: " + string.Join(", ", all) + ".",
            _ => "Near it, of " + all.Length + ": " + string.Join(", ", Nearest(name, all)) + ".",
        };
    }

    /// <summary>The nearest names, the nearest first.</summary>
    public static IReadOnlyList<string> Nearest(string name, IEnumerable<string> known) =>
    [
        .. known.Distinct()
            .Select(k => (Name: k, Distance: Distance(k.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(k => k.Distance).ThenBy(k => k.Name, StringComparer.OrdinalIgnoreCase).Take(Most)
            .Select(k => k.Name),
    ];

    // Letters to change, add or leave out; a name that contains the other is near, however long.
    private static int Distance(string left, string right)
    {
        if (right.Length > 0 && left.Contains(right))
        {
            return 0;
        }

        int[] row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int cost = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(cost, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
