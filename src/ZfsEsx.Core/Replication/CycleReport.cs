using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>What one cycle did for one file system.</summary>
internal sealed record CycleFileSystem(
    string Name,
    string Target,
    string Snapshot,
    string Guid,
    string? Base,
    long? Bytes,
    ReplicationResult Result,
    string? Error);

/// <summary>The agent's report of one cycle: one line of JSON.</summary>
internal sealed record CycleReport(
    string Run,
    string Neighbour,
    string? Snapshot,
    DateTime Start,
    int Seconds,
    int Code,
    int Sessions,
    string? Error,
    DateTime? AsOf,
    IReadOnlyList<CycleFileSystem> FileSystems)
{
    /// <summary>Reads a line; null when it is no report of a version we know.</summary>
    public static CycleReport? Parse(string line)
    {
        IReadOnlyDictionary<string, object?>? o = JsonText.Object(line);
        if (o is null
            || Text(o, "v") != "1"
            || Text(o, "run") is not { } run
            || Text(o, "neighbour") is not { } neighbour
            || Time(Text(o, "start")) is not { } start
            || !o.TryGetValue("filesystems", out object? list)
            || list is not List<object?> items)
        {
            return null;
        }

        return new CycleReport(
            run,
            neighbour,
            Text(o, "snapshot"),
            start,
            (int)(Number(o, "seconds") ?? 0),
            (int)(Number(o, "code") ?? 2),
            (int)(Number(o, "sessions") ?? 0),
            Text(o, "error"),
            Time(Text(o, "asof")),
            [.. items.OfType<IReadOnlyDictionary<string, object?>>().Select(FileSystem).OfType<CycleFileSystem>()]);
    }

    /// <summary>In one sentence, for messages: what was not delivered and why.</summary>
    public string Trouble()
    {
        List<string> parts = [];
        if (Error is not null)
        {
            parts.Add(Error);
        }

        foreach (CycleFileSystem fs in FileSystems.Where(f => f.Result != ReplicationResult.Ok).Take(3))
        {
            parts.Add(fs.Name + ": " + (fs.Error ?? fs.Result.ToString()));
        }

        int more = FileSystems.Count(f => f.Result != ReplicationResult.Ok) - 3;
        return string.Join("; ", parts)
            + (more > 0 ? "; and " + more.ToString(CultureInfo.InvariantCulture) + " more" : "");
    }

    internal static DateTime? Time(string? text) =>
        DateTime.TryParseExact(
            text,
            "yyyy-MM-dd'T'HH:mm:ss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTime time)
            ? time
            : null;

    private static CycleFileSystem? FileSystem(IReadOnlyDictionary<string, object?> o) =>
        Text(o, "name") is not { } name || Text(o, "target") is not { } target
            ? null
            : new CycleFileSystem(
                name,
                target,
                Text(o, "snapshot") ?? "",
                Text(o, "guid") ?? "",
                Text(o, "base"),
                Number(o, "bytes"),
                Text(o, "result") switch
                {
                    "ok" => ReplicationResult.Ok,
                    "diverged" => ReplicationResult.Diverged,
                    "lost" => ReplicationResult.Lost,
                    "refused" => ReplicationResult.Refused,
                    _ => ReplicationResult.Failed,
                },
                Text(o, "error"));

    private static string? Text(IReadOnlyDictionary<string, object?> o, string name) =>
        o.TryGetValue(name, out object? value) ? value as string : null;

    private static long? Number(IReadOnlyDictionary<string, object?> o, string name) =>
        long.TryParse(Text(o, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long n)
            ? n
            : null;
}
