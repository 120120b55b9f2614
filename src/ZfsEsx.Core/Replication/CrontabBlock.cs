using ZfsEsx.Os;

namespace ZfsEsx.Replication;

/// <summary>
/// Our block in root's crontab, one per neighbour. Minutes are lists and there is no <c>%</c>: cron of the Solaris
/// family knows no steps and reads a percent sign as a new line.
/// </summary>
internal static class CrontabBlock
{
    private const string Agent = AgentFiles.Folder + "/agent.sh";

    /// <summary>The crontab with our block for this neighbour saying exactly this.</summary>
    public static string Set(string crontab, string neighbour, ReplicationSchedule schedule) => CrontabText.Set(
        crontab, Title(neighbour), schedule.CronFields + " " + Agent + " cycle " + neighbour + " >/dev/null 2>&1");

    /// <summary>The crontab without our block for this neighbour; empty when nothing else was in it.</summary>
    public static string Remove(string crontab, string neighbour) => CrontabText.Remove(crontab, Title(neighbour));

    /// <summary>
    /// When our block for this neighbour runs a cycle; null without a block, or with one that is not ours any more.
    /// </summary>
    public static ReplicationSchedule? Find(string crontab, string neighbour)
    {
        string[] words = (CrontabText.Find(crontab, Title(neighbour)) ?? "")
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 8 && words[5] == Agent && words[6] == "cycle" && words[7] == neighbour
            ? ReplicationSchedule.FromCronFields(words)
            : null;
    }

    private static string Title(string neighbour) => "replication to " + neighbour;
}
