namespace ZfsEsx.Replication;

/// <summary>
/// Our block in root's crontab, one per neighbour, between two marks. Everything else in the crontab is kept as it is,
/// character by character. Minutes are lists and there is no <c>%</c>: cron of the Solaris family knows no steps and
/// reads a percent sign as a new line.
/// </summary>
internal static class CrontabBlock
{
    private const string Agent = AgentFiles.Folder + "/agent.sh";

    /// <summary>The crontab with our block for this neighbour saying exactly this.</summary>
    public static string Set(string crontab, string neighbour, ReplicationSchedule schedule)
    {
        List<string> lines = Split(crontab, neighbour, out int at);
        lines.InsertRange(
            at,
            [Begin(neighbour), schedule.CronFields + " " + Agent + " cycle " + neighbour + " >/dev/null 2>&1", End(neighbour)]);
        return Join(lines);
    }

    /// <summary>The crontab without our block for this neighbour; empty when nothing else was in it.</summary>
    public static string Remove(string crontab, string neighbour) => Join(Split(crontab, neighbour, out _));

    /// <summary>When our block for this neighbour runs a cycle; null without a block, or with one that is not ours any more.</summary>
    public static ReplicationSchedule? Find(string crontab, string neighbour)
    {
        string[] lines = Lines(crontab);
        int begin = Array.IndexOf(lines, Begin(neighbour));
        if (begin < 0 || begin + 2 >= lines.Length || lines[begin + 2] != End(neighbour))
        {
            return null;
        }

        string[] words = lines[begin + 1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 8 && words[5] == Agent && words[6] == "cycle" && words[7] == neighbour
            ? ReplicationSchedule.FromCronFields(words[0], words[1])
            : null;
    }

    private static string Begin(string neighbour) => "# BEGIN ZfsEsx replication to " + neighbour;

    private static string End(string neighbour) => "# END ZfsEsx replication to " + neighbour;

    /// <summary>All lines but those of our block(s), and where the first of them was (at the end when there was none).</summary>
    private static List<string> Split(string crontab, string neighbour, out int at)
    {
        List<string> rest = [];
        at = -1;
        string[] lines = Lines(crontab);
        for (int i = 0; i < lines.Length; i++)
        {
            // A begin without its end is left alone but for itself: what follows may be the user's.
            int end = lines[i] == Begin(neighbour) ? Array.IndexOf(lines, End(neighbour), i) : -1;
            if (lines[i] == Begin(neighbour) && (end < 0 || end > i + 2))
            {
                continue;
            }

            if (end >= 0)
            {
                at = at < 0 ? rest.Count : at;
                i = end;
                continue;
            }

            if (lines[i] != End(neighbour))
            {
                rest.Add(lines[i]);
            }
        }

        at = at < 0 ? rest.Count : at;
        return rest;
    }

    private static string[] Lines(string crontab) =>
        crontab.Length == 0 ? [] : (crontab.EndsWith("\n", StringComparison.Ordinal) ? crontab.Substring(0, crontab.Length - 1) : crontab).Split('\n');

    private static string Join(List<string> lines) => lines.Count == 0 ? "" : string.Join("\n", lines) + "\n";
}
