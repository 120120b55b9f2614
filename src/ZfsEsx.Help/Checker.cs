namespace ZfsEsx.Help;

/// <summary>Finds where pages and cmdlets disagree.</summary>
internal static class Checker
{
    /// <summary>The pages of a folder by cmdlet name; about_ topics are left out.</summary>
    public static Dictionary<string, Page> Pages(string folder, List<string> complaints)
    {
        Dictionary<string, Page> pages = new(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(folder, "*-*.md").OrderBy(f => f, StringComparer.Ordinal))
        {
            try
            {
                pages.Add(Path.GetFileNameWithoutExtension(file), Page.Parse(File.ReadAllText(file)));
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                complaints.Add(Path.GetFileName(file) + ": " + e.Message);
            }
        }

        return pages;
    }

    public static List<string> Complaints(IReadOnlyList<CmdletInfo> cmdlets, IReadOnlyDictionary<string, Page> pages)
    {
        List<string> found = [];
        foreach (CmdletInfo cmdlet in cmdlets)
        {
            if (!pages.TryGetValue(cmdlet.Name, out Page? page))
            {
                found.Add(cmdlet.Name + " has no page.");
                continue;
            }

            string[] names = [.. cmdlet.Parameters.Select(p => p.Name)];
            found.AddRange(names.Except(page.Parameters.Keys)
                .Select(p => cmdlet.Name + " -" + p + " is not documented."));
            found.AddRange(page.Parameters.Keys.Except(names)
                .Select(p => cmdlet.Name + " has no parameter -" + p + "."));
            found.AddRange(page.Parameters.Where(p => p.Value.Count == 0)
                .Select(p => cmdlet.Name + " -" + p.Key + " has an empty text."));
            found.AddRange(Missing(cmdlet, page));
        }

        found.AddRange(pages.Keys.Except(cmdlets.Select(c => c.Name))
            .Select(p => "There is a page but no cmdlet " + p + "."));
        return found;
    }

    private static IEnumerable<string> Missing(CmdletInfo cmdlet, Page page)
    {
        if (page.Title != cmdlet.Name)
        {
            yield return cmdlet.Name + ": the page's title is '" + page.Title + "'.";
        }

        if (page.Synopsis.Length == 0)
        {
            yield return cmdlet.Name + " has no synopsis.";
        }

        if (page.Description.Count == 0)
        {
            yield return cmdlet.Name + " has no description.";
        }

        if (!page.Examples.Any(e => e.Code.Contains(cmdlet.Name, StringComparison.Ordinal)))
        {
            yield return cmdlet.Name + " has no example that uses it.";
        }
    }
}
