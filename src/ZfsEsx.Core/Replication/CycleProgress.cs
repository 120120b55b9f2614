using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>What the agent answers to <c>status</c>, and what the cycle we have started has said.</summary>
/// <param name="Code">Its exit code once it has ended; null while it runs.</param>
/// <param name="Status">What it does now.</param>
/// <param name="Percent">How much of this file system has been sent, where zfs tells it.</param>
/// <param name="Said">Its own words.</param>
/// <param name="Report">The last report.</param>
internal sealed record CycleProgress(int? Code, string Status, int? Percent, string Said, CycleReport? Report)
{
    public static CycleProgress Parse(IEnumerable<string> lines)
    {
        int? code = null;
        string status = "Comparing both sides";
        int? percent = null;
        List<string> said = [];
        CycleReport? report = null;
        string[] now = [];
        foreach (string line in lines)
        {
            string[] words = line.Split('\t');
            switch (words[0])
            {
                case "now" when words.Length >= 5:
                    now = words;
                    status = words[3] + " (" + words[1] + " of " + words[2] + ")";
                    break;
                case "progress" when words.Length >= 3 && now.Length > 0
                    && Number(words[2]) is > 0 and { } size && Number(words[1]) is { } sent:
                    status += ", " + new ByteSize(sent) + " of " + new ByteSize(size);
                    percent = (int)System.Math.Min(100, sent * 100 / size);
                    break;
                case "said" when words.Length >= 2 && words[1].StartsWith("ended ", System.StringComparison.Ordinal):
                    code = (int?)Number(words[1].Substring(6));
                    break;
                case "said" when words.Length >= 2:
                    said.Add(words[1]);
                    break;
                default:
                    report = line.StartsWith("{", System.StringComparison.Ordinal) ? CycleReport.Parse(line) : report;
                    break;
            }
        }

        return new CycleProgress(code, status, percent, string.Join(" ", said.Where(s => s.Length > 0)), report);
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : null;
}
