using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Why a file system cannot be shared as wanted, seen from what is there. Pure.</summary>
internal static class NfsShareRefusals
{
    /// <summary>Pools, NFS server, clients and mount point.</summary>
    public static void RefuseUnfit(string host, NfsShareState observed, NfsShareRequest request)
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

        if (observed.Server == NfsServerState.Missing)
        {
            throw new ZfsEsxException(
                "NfsServerMissing", FailureKind.NotSupported, host, host + " has no NFS server.",
                "Install it on the storage VM (Debian: nfs-kernel-server).");
        }

        foreach (NfsClient client in request.Clients.Where(c =>
            !request.KeepsClients && !HostRules.IsAddressOrNetwork(c.Name)))
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

    /// <summary>What this system's ZFS does not know, and sizes that do not fit.</summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="observed">What is there.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="changed">The properties that would be set.</param>
    public static void RefuseValues(
        string host, NfsShareState observed, NfsShareRequest request, IEnumerable<KeyValuePair<string, string>> changed)
    {
        foreach (KeyValuePair<string, string> property in changed.Where(p => observed.Values.Count > 0))
        {
            bool own =
                property.Key is "compression" or "sync" or "recordsize" or "quota" or "refquota" or "refreservation";
            if (own && !observed.Values.ContainsKey(property.Key))
            {
                throw ZpoolFeatures.Missing(host, "Properties like " + property.Key);
            }

            if (own && !Takes(observed.Values[property.Key], property.Value))
            {
                throw ZpoolFeatures.Missing(host, "Values like " + property.Key + "=" + property.Value);
            }
        }

        string fs = request.FileSystem;
        long used = Number(observed, "used"), referenced = Number(observed, "referenced");
        foreach ((string name, long? wanted, long taken) in new[]
        {
            ("quota", request.Quota, used), ("refquota", request.RefQuota, referenced)
        })
        {
            if (wanted is long quota && quota > 0 && quota < taken)
            {
                throw new ZfsEsxException(
                    "QuotaTooSmall", FailureKind.LimitReached, fs,
                    fs + " on " + host + " has " + new ByteSize(taken) + (name == "quota" ? ", snapshots included" : "")
                        + ": a " + name + " of " + new ByteSize(quota) + " is less.",
                    "Give a larger size, or free space first.");
            }
        }

        // What it has, or what is kept for it already, counts.
        long more = (request.RefReservation ?? 0) - Math.Max(referenced, Number(observed, "refreservation"));
        long? left = observed.Properties.Count > 0 ? Number(observed, "available") : observed.PoolAvailable;
        if (request.RefReservation > 0 && more > left)
        {
            throw new ZfsEsxException(
                "NoSpace", FailureKind.LimitReached, fs,
                "To keep " + new ByteSize(request.RefReservation.Value) + " for " + fs + " takes " + new ByteSize(more)
                    + " more, but " + host + " has " + new ByteSize(left.Value) + " left for it.",
                "Give a smaller size, or add disks with Add-EncapsulatedZpool.");
        }
    }

    // The values as zfs's help lists them: "on | off | gzip-[1-9] | zle", "512 to 128k, power of 2", "<size> | none".
    private static bool Takes(string values, string value)
    {
        string[] choices = [.. values.Split('|').Select(c => c.Trim())];
        string[] range = values.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        return range.Length > 2 && range[1] == "to" ? ZfsText.Number(value) <= ZfsText.Number(range[2])
            : choices[0].StartsWith("<", StringComparison.Ordinal)
            || choices.Any(c => c == value
                || (c.IndexOf('[') is int open && open > 0
                    && value.StartsWith(c.Substring(0, open), StringComparison.Ordinal)));
    }

    private static long Number(NfsShareState observed, string name) =>
        observed.Properties.TryGetValue(name, out ZfsProperty? p) ? ZfsText.Number(p.Value) : 0;

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

    private static ZfsEsxException MountPointInUse(string host, string path, string found) => new(
        "MountPointInUse", FailureKind.InUse, path, "The path " + path + " on " + host + " is in use: " + found + ".",
        "Choose another mount point.");
}
