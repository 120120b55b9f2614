using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>A data set where a clone is wanted, or is to be removed.</summary>
internal sealed record CloneFound(string Origin, bool Marked, string MountPoint, bool Mounted, long Written);

/// <summary>A replica and the place of its clone, as they are.</summary>
/// <param name="ReplicaFound">The replica exists.</param>
/// <param name="Root">
/// The root of replicas that it lies under, as its inherited mark says; null when there is none.
/// </param>
/// <param name="Source">The storage VM that the replicas under that root come from.</param>
/// <param name="Snapshots">Names of the replica's snapshots, oldest first.</param>
/// <param name="Existing">What has the name of the clone now.</param>
/// <param name="Below">Snapshots and file systems below the clone.</param>
internal sealed record CloneState(
    bool ReplicaFound,
    string? Root,
    string Source,
    IReadOnlyList<string> Snapshots,
    CloneFound? Existing,
    IReadOnlyList<string> Below)
{
    /// <summary>File systems that can be mounted, by where.</summary>
    public ILookup<string, string> MountPoints { get; init; } = Array.Empty<string>().ToLookup(m => m);

    private const string InheritedFrom = "inherited from ";

    private const string ReadScript =
        """
        if [ -n "$1" ] && mark=$(zfs get -H -o value,source zfsesx:source "$1" 2>/dev/null); then
          printf 'MARK\t%s\n' "$mark"
          zfs get -Hp -r -d 1 -o name,value createtxg "$1" 2>/dev/null | awk '{ print "SNAP\t" $0 }'
        fi
        if [ -n "$2" ]; then
          zfs get -Hp -o property,value,source origin,mountpoint,mounted,used,zfsesx:clone "$2" 2>/dev/null | awk '{ print "CLONE\t" $0 }'
          zfs list -H -r -t filesystem,volume,snapshot -o name "$2" 2>/dev/null | awk '{ print "BELOW\t" $0 }'
          zfs list -H -t filesystem -o canmount,name,mountpoint 2>/dev/null | awk '$1 != "off" { print "MOUNT\t" $0 }'
        fi
        exit 0
        """;

    private const string ListScript =
        """
        zfs list -H -t filesystem -o name,origin,zfsesx:clone 2>/dev/null | awk -F '\t' '$2 != "-" && $3 != "-" { print "\047" $1 "\047" }' |
          xargs -n 100 zfs get -Hp -o name,property,value,source origin,mountpoint,mounted,sharenfs,creation,zfsesx:clone 2>/dev/null
        exit 0
        """;

    public static async Task<CloneState> ReadAsync(ZfsHost host, string replica, string clone, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(ReadScript, replica, clone),
            "CloneUnreadable",
            host.Name,
            "The data sets of " + host.Name + " cannot be read",
            null,
            ct).ConfigureAwait(false);
        return Parse(replica, clone, answer.Lines);
    }

    public static async Task<IReadOnlyList<ZfsReplicaClone>> ListAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(ListScript),
            "CloneUnreadable",
            host.Name,
            "The clones of " + host.Name + " cannot be read",
            null,
            ct).ConfigureAwait(false);
        return ParseList(host.Name, answer.Lines);
    }

    internal static CloneState Parse(string replica, string clone, string[] lines)
    {
        ILookup<string, string[]> by = lines.Select(l => l.Split('\t')).ToLookup(w => w[0], w => w.Skip(1).ToArray());
        string[]? mark = by["MARK"].FirstOrDefault(w => w.Length == 2);
        Dictionary<string, string[]> properties = by["CLONE"].Where(w => w.Length == 3).ToDictionary(w => w[0]);
        string? root = mark is null || mark[0] == "-" ? null
            : mark[1] == "local" ? replica
            : mark[1].StartsWith(InheritedFrom, StringComparison.Ordinal) ? mark[1].Substring(InheritedFrom.Length)
            : null;
        return new CloneState(
            mark is not null,
            root,
            mark?[0] ?? "",
            [
                .. by["SNAP"].Where(w => w.Length == 2 && w[0].StartsWith(replica + "@", StringComparison.Ordinal))
                    .OrderBy(w => Number(w[1])).Select(w => w[0].Substring(replica.Length + 1)),
            ],
            properties.Count == 0 ? null : new CloneFound(
                Value(properties, "origin"),
                properties.TryGetValue("zfsesx:clone", out string[]? own) && own[1] != "-" && own[2] == "local",
                Value(properties, "mountpoint"),
                Value(properties, "mounted") == "yes",
                Number(Value(properties, "used"))),
            [.. by["BELOW"].Select(w => w[0]).Where(n => n != clone)])
        {
            MountPoints = by["MOUNT"].Where(w => w.Length == 3).ToLookup(w => w[2], w => w[1]),
        };
    }

    internal static IReadOnlyList<ZfsReplicaClone> ParseList(string host, string[] lines)
    {
        List<ZfsReplicaClone> clones = [];
        foreach (IGrouping<string, string[]> rows in lines
            .Select(l => l.Split('\t'))
            .Where(w => w.Length == 4)
            .GroupBy(w => w[0]))
        {
            Dictionary<string, string[]> properties = rows.ToDictionary(w => w[1], w => w.Skip(1).ToArray());
            string[] origin = Value(properties, "origin").Split('@');
            if (origin.Length == 2 && properties.TryGetValue("zfsesx:clone", out string[]? own) && own[2] == "local")
            {
                clones.Add(new ZfsReplicaClone(
                    host,
                    rows.Key,
                    origin[0],
                    origin[1],
                    Value(properties, "mountpoint"),
                    Value(properties, "mounted") == "yes",
                    Value(properties, "sharenfs"),
                    new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)
                        .AddSeconds(Number(Value(properties, "creation")))));
            }
        }

        return clones;
    }

    private static string Value(Dictionary<string, string[]> properties, string name) =>
        properties.TryGetValue(name, out string[]? words) ? words[1] : "-";

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : 0;
}
