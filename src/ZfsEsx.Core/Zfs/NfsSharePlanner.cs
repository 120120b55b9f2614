using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

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
}

/// <summary>One step towards a share.</summary>
internal sealed record NfsShareStep(
    NfsShareStepKind Kind, string Action, IReadOnlyList<string> Arguments, ChangeRisk Risk = ChangeRisk.Safe);

/// <summary>Compares the share that is wanted with what is there. Pure.</summary>
internal static class NfsSharePlanner
{
    /// <summary>What is wrong with the request by itself.</summary>
    public static void Check(NfsShareRequest request)
    {
        ZfsName.Dataset(request.FileSystem);
        string m = request.MountPoint;
        if (m.Length < 2 || m[0] != '/' || m.Any(c => char.IsControl(c) || char.IsSurrogate(c)) || m.Length > 255
            || m.Substring(1).Split('/').Any(p => p is "" or "." or ".."))
        {
            throw new ZfsEsxException(
                "InvalidMountPoint", FailureKind.InvalidArgument, m,
                ShellQuote.Readable(m) + " is not an absolute path without ., .. and empty parts.");
        }

        // ESXi takes neither blanks nor other special characters in the path of an NFS datastore reliably.
        if (m.Any(c => c > '~'
            || c is ' ' or '"' or '\'' or '\\' or '`' or '$' or ';' or ',' or '*' or '?' or '#' or '(' or ')'))
        {
            throw new ZfsEsxException(
                "InvalidMountPoint", FailureKind.InvalidArgument, m,
                ShellQuote.Readable(m) + " has characters that NFS clients and export lists do not agree on.",
                "Use letters, digits, - _ . and slashes.");
        }

        if (request.Clients.Count == 0)
        {
            throw new ZfsEsxException(
                "InvalidClientName", FailureKind.InvalidArgument, request.FileSystem,
                    "No client is named that may mount " + request.FileSystem + ".");
        }

        foreach (NfsClient client in request.Clients)
        {
            if (!HostRules.IsAddressOrNetwork(client.Name))
            {
                HostRules.CheckedName(client.Name, "InvalidClientName");
            }

            if (client.Address is not null && !HostRules.IsAddress(client.Address))
            {
                throw new ZfsEsxException(
                    "InvalidAddress", FailureKind.InvalidArgument, client.Address,
                    ShellQuote.Readable(client.Address) + " is not an IPv4 address (expected for " + client.Name
                        + ").");
            }
        }

        _ = Wanted(request).Select(p => ZfsName.Assignment(p.Key, p.Value)).ToArray();
    }

    /// <summary>The steps; none when all is so.</summary>
    public static IReadOnlyList<NfsShareStep> Compare(
        string host, NfsServerState server, NfsShareState observed, NfsShareRequest request, IOsDialect dialect)
    {
        string fs = request.FileSystem;
        RefuseUnfit(host, server, observed, request);
        bool exists = observed.Properties.Count > 0;
        if (exists && observed.Properties.TryGetValue("type", out ZfsProperty? type) && type.Value != "filesystem")
        {
            throw new ZfsEsxException(
                "NotAFileSystem", FailureKind.AlreadyExists, fs, fs + " on " + host + " is a " + type.Value
                    + ", not a file system.");
        }

        if (exists && request.ReadWrite && Value(observed, "readonly") == "on"
            && !request.Properties.ContainsKey("readonly"))
        {
            throw new ZfsEsxException(
                "FileSystemReadOnly", FailureKind.InvalidState, fs,
                fs + " on " + host + " is read-only, as replicas are, but shall be shared for writing.",
                "Share a clone of a replica instead: New-ZfsReplicaClone.");
        }

        List<NfsShareStep> steps = [];
        KeyValuePair<string, string>[] wrong =
        [
            .. Wanted(request).Where(p => !exists || !Same(p.Key, Value(observed, p.Key), p.Value)),
        ];
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
            bool moved = wrong.Any(p => p.Key == "mountpoint");
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

        string options = dialect.ShareOptions(request);
        ZfsNfsShare? share = observed.Shares.FirstOrDefault(s => s.FileSystem == fs);
        if (share is null || share.Options != options || NotExported(share, request.Clients).Count > 0
            || steps.Count > 0)
        {
            string[] losing = [.. (share?.Clients ?? []).Except(request.Clients.Select(c => c.Name))];
            steps.Add(new NfsShareStep(
                NfsShareStepKind.Share,
                "Share " + request.MountPoint
                    + (request.ReadWrite ? " for reading and writing with " : " for reading with ")
                + string.Join(", ", request.Clients.Select(c => c.Name))
                + (losing.Length == 0 ? "" : "; no longer with " + string.Join(", ", losing)),
                ["sharenfs=" + options], losing.Length == 0 ? ChangeRisk.Safe : ChangeRisk.Disruptive));
        }

        return steps;
    }

    /// <summary>Clients that the NFS server does not serve.</summary>
    public static IReadOnlyList<string> NotExported(ZfsNfsShare share, IReadOnlyList<NfsClient> clients) =>
        [.. clients.Select(c => c.Name).Where(n => !share.Exported.Contains(n, StringComparer.OrdinalIgnoreCase))];

    private static void RefuseUnfit(string host, NfsServerState server, NfsShareState observed, NfsShareRequest request)
    {
        string fs = request.FileSystem;
        string pool = ZfsName.PoolOf(fs);
        if (!observed.Pools.TryGetValue(pool, out string? state))
        {
            throw new ZfsEsxException(
                "PoolNotFound", FailureKind.NotFound, pool,
                "There is no pool " + pool + " on " + host
                    + (observed.Pools.Count == 0 ? "." : "; it has " + string.Join(", ", observed.Pools.Keys) + "."),
                "Create it with New-EncapsulatedZpool.");
        }

        if (state is not ("ONLINE" or "DEGRADED"))
        {
            throw new ZfsEsxException(
                "PoolNotUsable", FailureKind.InvalidState, pool, "The pool " + pool + " on " + host + " is " + state
                    + ".",
                "See Get-EncapsulatedZpool; when its disks are back, run zpool clear on the storage VM.");
        }

        if (server != NfsServerState.Running)
        {
            throw server == NfsServerState.Missing
                ? new ZfsEsxException(
                    "NfsServerMissing", FailureKind.NotSupported, host, host + " has no NFS server.",
                    "Install it on the storage VM (Debian: nfs-kernel-server) and connect again.")
                : new ZfsEsxException(
                    "NfsServerStopped", FailureKind.InvalidState, host, "The NFS server of " + host + " does not run.",
                    "Start it on the storage VM (Debian: systemctl enable --now nfs-server) and connect again.");
        }

        foreach (NfsClient client in request.Clients.Where(c => !HostRules.IsAddressOrNetwork(c.Name)))
        {
            RefuseUnresolved(
                host, client, observed.Names.TryGetValue(client.Name, out IReadOnlyList<string>? found) ? found : []);
        }

        ZfsNfsShare? there = observed.Shares.FirstOrDefault(s => s.FileSystem == fs);
        if (observed.Shares.FirstOrDefault(
            s => s.MountPoint == request.MountPoint && s.FileSystem != fs) is ZfsNfsShare other)
        {
            throw MountPointInUse(host, request.MountPoint, "it is the mount point of " + other.FileSystem);
        }

        bool mountedHere = there is { Mounted: true } && there.MountPoint == request.MountPoint;
        if (!mountedHere && observed.MountedThere.Length > 0)
        {
            throw MountPointInUse(host, request.MountPoint, observed.MountedThere);
        }

        if (!mountedHere && observed.InDirectory.Length > 0)
        {
            throw MountPointInUse(host, request.MountPoint, "the directory is not empty ("
                + ShellQuote.Readable(observed.InDirectory) + ")");
        }
    }

    private static void RefuseUnresolved(string host, NfsClient client, IReadOnlyList<string> found)
    {
        string entry = "Set-ZfsHostName -ZfsHost " + host + " -Entry @{ '" + client.Name + "' = '"
            + (client.Address ?? "<address>") + "' }";
        if (found.Count == 0)
        {
            throw new ZfsEsxException(
                "ClientNameNotResolved", FailureKind.NotFound, client.Name,
                "The client name " + client.Name + " does not resolve on " + host
                    + ", so its host could not mount the share.",
                "Enter it with " + entry + ", or in the DNS that the storage VM asks.");
        }

        if (client.Address is not null && !found.Contains(client.Address))
        {
            throw new ZfsEsxException(
                "ClientAddressDiffers", FailureKind.InvalidState, client.Name,
                "The client name " + client.Name + " is " + string.Join(", ", found) + " on " + host
                    + ", but its host uses " + client.Address + ".",
                "Correct it with " + entry + ", or in the DNS that the storage VM asks.");
        }
    }

    // The mount point comes first: Compare names the others as additions to it.
    private static IEnumerable<KeyValuePair<string, string>> Wanted(NfsShareRequest request)
    {
        yield return new("mountpoint", request.MountPoint);
        yield return new("atime", request.Atime ? "on" : "off");
        if (request.RecordSize is long size)
        {
            if (size < 512 || size > 16 * 1024 * 1024 || (size & (size - 1)) != 0)
            {
                throw new ZfsEsxException(
                    "InvalidProperty", FailureKind.InvalidArgument, "recordsize",
                    "The record size " + size + " is not a power of two between 512 and 16777216 bytes.");
            }

            yield return new("recordsize", size.ToString(CultureInfo.InvariantCulture));
        }

        if (request.Compression is not null)
        {
            yield return new("compression", request.Compression);
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

    private static ZfsEsxException MountPointInUse(string host, string path, string found) => new(
        "MountPointInUse", FailureKind.InUse, path, "The path " + path + " on " + host + " is in use: " + found + ".",
        "Choose another mount point.");
}
