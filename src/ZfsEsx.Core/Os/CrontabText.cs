namespace ZfsEsx.Os;

/// <summary>
/// Our blocks in root's crontab: one line each, between two marks with a title. Everything else in the crontab is kept
/// as it is, character by character. Pure.
/// </summary>
internal static class CrontabText
{
    /// <summary>The crontab with the block of this title saying exactly this line.</summary>
    public static string Set(string crontab, string title, string line)
    {
        List<string> lines = Split(crontab, title, out int at);
        lines.InsertRange(at, [Begin(title), line, End(title)]);
        return Join(lines);
    }

    /// <summary>The crontab without the block; empty when nothing else was in it.</summary>
    public static string Remove(string crontab, string title) => Join(Split(crontab, title, out _));

    /// <summary>The line of the block; null without a block, or with one that is not ours any more.</summary>
    public static string? Find(string crontab, string title)
    {
        string[] lines = Lines(crontab);
        int begin = Array.IndexOf(lines, Begin(title));
        return begin >= 0 && begin + 2 < lines.Length && lines[begin + 2] == End(title) ? lines[begin + 1] : null;
    }

    private static string Begin(string title) => "# BEGIN ZfsEsx " + title;

    private static string End(string title) => "# END ZfsEsx " + title;

    /// <summary>
    /// All lines but those of our block(s), and where the first of them was (at the end when there was none).
    /// </summary>
    private static List<string> Split(string crontab, string title, out int at)
    {
        List<string> rest = [];
        at = -1;
        string[] lines = Lines(crontab);
        for (int i = 0; i < lines.Length; i++)
        {
            // A begin without its end is left alone but for itself: what follows may be the user's.
            int end = lines[i] == Begin(title) ? Array.IndexOf(lines, End(title), i) : -1;
            if (lines[i] == Begin(title) && (end < 0 || end > i + 2))
            {
                continue;
            }

            if (end >= 0)
            {
                at = at < 0 ? rest.Count : at;
                i = end;
                continue;
            }

            if (lines[i] != End(title))
            {
                rest.Add(lines[i]);
            }
        }

        at = at < 0 ? rest.Count : at;
        return rest;
    }

    private static string[] Lines(string crontab) =>
        crontab.Length == 0
            ? []
            : (crontab.EndsWith("\n", StringComparison.Ordinal)
                ? crontab.Substring(0, crontab.Length - 1)
                : crontab).Split('\n');

    private static string Join(List<string> lines) => lines.Count == 0 ? "" : string.Join("\n", lines) + "\n";
}
