using System.Globalization;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>Kinds of steps towards a share.</summary>
internal enum NfsShareStepKind
{
    /// <summary>Create the file system with the properties in the arguments.</summary>
    Create,

    /// <summary>Set the properties in the arguments.</summary>
    Set,

    /// <summary>Mount it.</summary>
    Mount,

    /// <summary>Set <c>sharenfs</c> to the first argument and see that it is exported.</summary>
    Share,

    /// <summary>Start the NFS server, now and with the system.</summary>
    Serve,
}

/// <summary>One step towards a share.</summary>
internal sealed record NfsShareStep(
    NfsShareStepKind Kind, string Action, IReadOnlyList<string> Arguments, ChangeRisk Risk = ChangeRisk.Safe);

/// <summary>Compares the share that is wanted with what is there. Pure.</summary>
internal static class NfsSharePlanner
{
    /// <summary>The steps; none when all is so. The request is a complete one.</summary>
    public static IReadOnlyList<NfsShareStep> Compare(
        string host, NfsShareState observed, NfsShareRequest request, IOsDialect dialect)
    {
        string fs = request.FileSystem;
        NfsShareRefusals.RefuseUnfit(host, observed, request);
        NfsHostMatch.Check(host, observed, request);
        bool exists = observed.Properties.Count > 0;
        if (exists && observed.Properties.TryGetValue("type", out ZfsProperty? type) && type.Value != "filesystem")
        {
            throw new ZfsEsxException(
                "NotAFileSystem", FailureKind.AlreadyExists, fs, fs + " on " + host + " is a " + type.Value
                    + ", not a file system.",
                "Choose another name; only file systems are shared by NFS.");
        }

        if (exists && request.ReadWrite != false && Value(observed, "readonly") == "on"
            && !request.Properties.ContainsKey("readonly"))
        {
            throw new ZfsEsxException(
                "FileSystemReadOnly", FailureKind.InvalidState, fs,
                fs + " on " + host + " is read-only, as replicas are, but shall be shared for writing.",
                "Share a clone of a replica instead: New-ZfsReplicaClone.");
        }

        List<NfsShareStep> steps = [];
        IReadOnlyList<KeyValuePair<string, string>> wrong = Wrong(observed, request);
        NfsShareRefusals.RefuseValues(host, observed, request, wrong);
        bool moved = wrong.Any(p => p.Key == "mountpoint");
        string[] assignments = [.. wrong.Select(p => ZfsName.Assignment(p.Key, p.Value))];
        if (!exists)
        {
            steps.Add(new NfsShareStep(
                NfsShareStepKind.Create,
                "Create file system " + fs + " mounted at " + request.MountPoint + Also(assignments.Skip(1)),
                    assignments));
        }
        else if (assignments.Length > 0)
        {
            steps.Add(new NfsShareStep(
                NfsShareStepKind.Set,
                "Set " + string.Join(
                    ", ", wrong.Select(p => p.Key + " from " + Value(observed, p.Key) + " to " + p.Value)),
                assignments, moved ? ChangeRisk.Disruptive : ChangeRisk.Safe));
        }

        if (exists && Value(observed, "mounted") == "no")
        {
            steps.Add(new NfsShareStep(NfsShareStepKind.Mount, "Mount " + fs + " at " + request.MountPoint, []));
        }

        string options = request.KeptOptions ?? dialect.ShareOptions(request);
        ZfsNfsShare? share = observed.Shares.FirstOrDefault(s => s.FileSystem == fs);
        if (share is null || share.Options != options || NotExported(share, request.Clients).Count > 0
            || moved || steps.Any(s => s.Kind == NfsShareStepKind.Mount))
        {
            string[] losing = [.. (share?.Clients ?? []).Except(request.Clients.Select(c => c.Name))];
            steps.Add(new NfsShareStep(
                NfsShareStepKind.Share,
                "Share " + request.MountPoint
                    + (request.ReadWrite != false ? " for reading and writing with " : " for reading with ")
                + string.Join(", ", request.Clients.Select(c => c.Name))
                + (losing.Length == 0 ? "" : "; no longer with " + string.Join(", ", losing)),
                ["sharenfs=" + options], losing.Length == 0 ? ChangeRisk.Safe : ChangeRisk.Disruptive));
        }

        // Last: some systems start no server as long as nothing is shared.
        if (observed.Server == NfsServerState.Stopped || observed.AtBoot == false)
        {
            steps.Add(new NfsShareStep(
                NfsShareStepKind.Serve,
                observed.Server == NfsServerState.Stopped ? "Start the NFS server, now and with the system"
                    : "Let the NFS server start with the system", []));
        }

        return steps;
    }

    /// <summary>The properties that are not as wanted; all of a file system that is still to be made.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Wrong(NfsShareState observed, NfsShareRequest request) =>
        [.. Wanted(request).Where(p =>
            observed.Properties.Count == 0 || !Same(p.Key, Value(observed, p.Key), p.Value))];

    /// <summary>Clients that the NFS server does not serve.</summary>
    public static IReadOnlyList<string> NotExported(ZfsNfsShare share, IReadOnlyList<NfsClient> clients) =>
        [.. clients.Select(c => c.Name).Where(n => !share.Exported.Contains(n, StringComparer.OrdinalIgnoreCase))];

    /// <summary>
    /// Who is served although the share's options do not name them: exported by hand, or by another program. Who is in
    /// a network that they name may mount it anyway.
    /// </summary>
    public static IReadOnlyList<string> NotWanted(ZfsNfsShare share) =>
    [
        .. share.Exported.Distinct(StringComparer.OrdinalIgnoreCase).Where(e => !share.Clients.Any(c =>
            c == "*" || string.Equals(c, e, StringComparison.OrdinalIgnoreCase)
            || (HostRules.IsAddress(e) && HostRules.TryPrefixed(c, out string network, out int prefix)
                && HostRules.SameNetwork(network, e, prefix)))),
    ];

    /// <summary>The size of the blocks that will be written.</summary>
    public static long RecordSize(NfsShareState observed, NfsShareRequest request) =>
        request.RecordSize
            ?? (ZfsText.Number(Value(observed, "recordsize")) is > 0 and long size ? size : DedupMemory.RecordSize);

    // The mount point comes first: Compare names the others as additions to it.
    internal static IEnumerable<KeyValuePair<string, string>> Wanted(NfsShareRequest request)
    {
        if (request.MountPoint.Length > 0)
        {
            yield return new("mountpoint", request.MountPoint);
        }

        yield return new("atime", request.Atime ? "on" : "off");
        if (request.RecordSize is long size)
        {
            if (size < 512 || size > 16 * 1024 * 1024 || (size & (size - 1)) != 0)
            {
                throw new ZfsEsxException(
                    "InvalidProperty", FailureKind.InvalidArgument, "recordsize",
                    "The record size " + size + " is not a power of two between 512 and 16777216 bytes.",
                    "Give 128KB, which is what is usual, or 16KB or 64KB for small random writes.");
            }

            yield return new("recordsize", size.ToString(CultureInfo.InvariantCulture));
        }

        if (request.Compression is not null)
        {
            yield return new("compression", request.Compression);
        }

        if (request.Sync is not null)
        {
            yield return new("sync", request.Sync);
        }

        foreach ((string name, long? bytes) in new[]
        {
            ("quota", request.Quota), ("refquota", request.RefQuota), ("refreservation", request.RefReservation),
        })
        {
            if (bytes is long n)
            {
                yield return new(name, n == 0 ? "none" : n.ToString(CultureInfo.InvariantCulture));
            }
        }

        foreach (KeyValuePair<string, string> p in request.Properties)
        {
            yield return p;
        }
    }

    private static string Value(NfsShareState observed, string name) =>
        observed.Properties.TryGetValue(name, out ZfsProperty? p) && p.Value != "-" ? p.Value : "";

    // Sizes are printed in bytes but may be wanted as 128K.
    private static bool Same(string name, string there, string wanted) =>
        there == wanted
        || (name is "recordsize" or "quota" or "refquota" or "reservation" or "refreservation"
            && ZfsText.Number(there) == ZfsText.Number(wanted));

    private static string Also(IEnumerable<string> assignments)
    {
        string text = string.Join(", ", assignments);
        return text.Length == 0 ? "" : " with " + text;
    }
}
