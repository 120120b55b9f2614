namespace ZfsEsx.Help;

/// <summary>An example: what is typed, what comes back, and words around it.</summary>
internal sealed record Example(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>
/// One page of docs/en-US. Its form is fixed: a title, the synopsis, then <c>## Description</c>, <c>## Parameters</c>
/// with a <c>### -Name</c> each, <c>## Examples</c> with a <c>###</c> each, and optionally <c>## Notes</c> and
/// <c>## Related</c>.
/// </summary>
internal sealed record Page(
    string Title,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters,
    IReadOnlyList<Example> Examples,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Related)
{
    private static readonly string[] s_sections = ["Description", "Parameters", "Examples", "Notes", "Related"];

    /// <exception cref="FormatException">The page has not the fixed form.</exception>
    public static Page Parse(string text)
    {
        List<Section> tree = Section.Read(text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n'));
        Section title = tree.FirstOrDefault(s => s.Level == 1)
            ?? throw new FormatException("The page has no '# Title'.");
        foreach (Section unknown in tree.Where(s => s.Level == 2 && !s_sections.Contains(s.Heading)))
        {
            throw new FormatException("Unknown section '## " + unknown.Heading + "'.");
        }

        return new Page(
            title.Heading,
            string.Join(" ", Prose.Paragraphs(title.Lines)),
            Prose.Paragraphs(Lines(tree, "Description")),
            Under(tree, "Parameters").ToDictionary(
                s => s.Heading.TrimStart('-'), s => Prose.Paragraphs(s.Lines), StringComparer.Ordinal),
            [.. Under(tree, "Examples").Select(ToExample)],
            Prose.Paragraphs(Lines(tree, "Notes")),
            [.. Lines(tree, "Related").Select(l => Prose.Plain(l.TrimStart('-', ' '))).Where(l => l.Length > 0)]);
    }

    private static Example ToExample(Section section)
    {
        List<string> code = [], rest = [];
        bool inside = false;
        foreach (string line in section.Lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside;
                if (!inside)
                {
                    code.Add("");
                }
            }
            else
            {
                (inside ? code : rest).Add(line);
            }
        }

        return new Example(section.Heading, string.Join("\n", code).Trim('\n'), Prose.Paragraphs(rest));
    }

    private static List<string> Lines(List<Section> tree, string heading) =>
        tree.FirstOrDefault(s => s.Level == 2 && s.Heading == heading)?.Lines ?? [];

    private static IEnumerable<Section> Under(List<Section> tree, string heading) =>
        tree.SkipWhile(s => s.Level != 2 || s.Heading != heading).Skip(1).TakeWhile(s => s.Level == 3);

    private sealed record Section(int Level, string Heading, List<string> Lines)
    {
        public static List<Section> Read(IEnumerable<string> lines)
        {
            List<Section> sections = [];
            bool inCode = false;
            foreach (string line in lines)
            {
                inCode ^= line.StartsWith("```", StringComparison.Ordinal);
                int level = line.TakeWhile(c => c == '#').Count();
                if (!inCode && level is > 0 and < 4 && line.Length > level && line[level] == ' ')
                {
                    sections.Add(new Section(level, line.Substring(level).Trim(), []));
                }
                else if (sections.Count > 0)
                {
                    sections[sections.Count - 1].Lines.Add(line);
                }
            }

            return sections;
        }
    }
}
