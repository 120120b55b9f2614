using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>What a configuration file of the agent says. Pure.</summary>
internal sealed class EdgeConfigText
{
    private readonly Dictionary<string, string> _values;

    private EdgeConfigText(Dictionary<string, string> values) => _values = values;

    /// <summary>The value of a key; null when the file does not have it.</summary>
    public string? this[string key] => _values.TryGetValue(key, out string? value) ? value : null;

    /// <summary>How old a replica may be; null when the file does not say.</summary>
    public TimeSpan? RecoveryPointObjective => Number("rpo") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public static EdgeConfigText Parse(IEnumerable<string> lines)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            int at = line.IndexOf('=');
            if (at > 0 && line[0] != '#')
            {
                values[line.Substring(0, at)] = line.Substring(at + 1);
            }
        }

        return new EdgeConfigText(values);
    }

    /// <summary>
    /// What another text says otherwise, as the end of a sentence: <c>: daily=7, rpo=1200 instead of 1800</c>.
    /// </summary>
    public string Differences(string wanted)
    {
        EdgeConfigText other = Parse(wanted.Split('\n'));
        string[] differences =
        [
            .. other._values.Keys.Union(_values.Keys).Where(k => this[k] != other[k]).Select(k =>
                other[k] is not { } value ? "no " + k + " instead of " + this[k]
                : k + "=" + value + (this[k] is { } was ? " instead of " + was : "")),
        ];
        return differences.Length == 0 ? "" : ": " + string.Join(", ", differences);
    }

    /// <summary>The options that lead to this file, as the source has it; where it says nothing, those given.</summary>
    public RingReplicationOptions Options(EdgeConfigText? target, RingReplicationOptions otherwise) => otherwise with
    {
        KeepOnSource = Number("keep") ?? otherwise.KeepOnSource,
        KeepOnReplica = target?.Number("keep") ?? otherwise.KeepOnReplica,
        KeepHourly = Number("hourly") ?? 0,
        KeepDaily = Number("daily") ?? 0,
        KeepWeekly = Number("weekly") ?? 0,
        KeepMonthly = Number("monthly") ?? 0,
        DivergencePolicy = this["divergence"] == "preserve" ? DivergencePolicy.Preserve : DivergencePolicy.Refuse,
        RateLimit = Long("rate") is { } rate ? new ByteSize(rate) : null,
        RecoveryPointObjective = RecoveryPointObjective,
        UserName = this["user"] ?? otherwise.UserName,
        Port = Number("port") ?? otherwise.Port,
        Ciphers = this["ciphers"],
    };

    private int? Number(string key) => Long(key) is { } n && n <= int.MaxValue ? (int)n : null;

    private long? Long(string key) =>
        long.TryParse(this[key], NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : null;
}
