using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>
/// What is wrong with a request for a share by itself, and what it means where it leaves something out. Pure.
/// </summary>
internal static class NfsShareRules
{
    // They have parameters of their own: what comes to zfs-fuse as sharenfs becomes a command line of a shell.
    private static readonly string[] s_ownParameter = ["sharenfs", "mountpoint", "canmount"];

    /// <summary>Refuses what cannot be meant on any system.</summary>
    public static void Check(NfsShareRequest request)
    {
        ZfsName.Dataset(request.FileSystem);
        if (request.MountPoint.Length > 0)
        {
            CheckMountPoint(request.MountPoint);
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
                    ShellQuote.Readable(client.Address) + " is not an IPv4 address (expected for "
                        + client.Name + ").",
                    "Give one as in 10.99.0.101.");
            }
        }

        if (request.Properties.Keys.FirstOrDefault(s_ownParameter.Contains) is string own)
        {
            throw new ZfsEsxException(
                "InvalidProperty", FailureKind.InvalidArgument, own, "The property " + own + " cannot be set this way.",
                "Use -Client, -ReadOnly and -MountPoint.");
        }

        KeyValuePair<string, string>[] wanted = [.. NfsSharePlanner.Wanted(request)];
        if (wanted.GroupBy(p => p.Key).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
        {
            throw new ZfsEsxException(
                "InvalidProperty", FailureKind.InvalidArgument, twice.Key,
                "The property " + twice.Key + " is given twice: " + string.Join(", ", twice.Select(p => p.Value)) + ".",
                "Use its own parameter, and leave it out of -Property.");
        }

        _ = wanted.Select(p => ZfsName.Assignment(p.Key, p.Value)).ToArray();
    }

    /// <summary>
    /// The request with what it leaves out: mount point and clients as they are, or the hosts' addresses.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>InvalidMountPoint</c>, <c>InvalidClientName</c>.</exception>
    public static NfsShareRequest Complete(string host, NfsShareState observed, NfsShareRequest request)
    {
        string fs = request.FileSystem;
        ZfsNfsShare? there = observed.Shares.FirstOrDefault(s => s.FileSystem == fs);
        if (request.MountPoint.Length == 0)
        {
            request = request with
            {
                MountPoint = there?.MountPoint ?? throw new ZfsEsxException(
                    "InvalidMountPoint", FailureKind.InvalidArgument, fs,
                    "There is no file system " + fs + " on " + host + " yet, and a new one needs a mount point.",
                    "Give it with -MountPoint."),
            };
            CheckMountPoint(
                request.MountPoint, "It is that of " + fs + " on " + host + " now; give another with -MountPoint.");
        }

        if (request.Clients.Count == 0 && request.Hosts.Count > 0)
        {
            return request with
            {
                Clients =
                    [.. request.Hosts.Select(h => new NfsClient(NfsHostMatch.Of(host, h, observed.Addresses)[0]))],
            };
        }

        if (request.Clients.Count > 0 || there is null || there.Options is "off" or "-")
        {
            return request.Clients.Count > 0 ? request : throw new ZfsEsxException(
                "InvalidClientName", FailureKind.InvalidArgument, fs, "No client is named that may mount " + fs + ".",
                "Name them with -Client, or the hosts with -VMHost.");
        }

        return request with
        {
            Clients = [.. there.Clients.Select(c => new NfsClient(c))],
            KeepsClients = true,
            KeptOptions = request.ReadWrite is null ? there.Options : null,
            ReadWrite = request.ReadWrite ?? !there.ReadOnly,
        };
    }

    private static void CheckMountPoint(string m, string? advice = null)
    {
        if (m.Length < 2 || m[0] != '/' || m.Any(c => char.IsControl(c) || char.IsSurrogate(c)) || m.Length > 255
            || m.Substring(1).Split('/').Any(p => p is "" or "." or ".."))
        {
            throw new ZfsEsxException(
                "InvalidMountPoint", FailureKind.InvalidArgument, m,
                ShellQuote.Readable(m) + " is not an absolute path without ., .. and empty parts.", advice);
        }

        // ESXi takes neither blanks nor other special characters in the path of an NFS datastore reliably.
        if (m.Any(c => c > '~'
            || c is ' ' or '"' or '\'' or '\\' or '`' or '$' or ';' or ',' or '*' or '?' or '#' or '(' or ')' or '&'
                or '|' or '<' or '>' or '!' or ':'))
        {
            throw new ZfsEsxException(
                "InvalidMountPoint", FailureKind.InvalidArgument, m,
                ShellQuote.Readable(m) + " has characters that NFS clients and export lists do not agree on.",
                advice ?? "Use letters, digits, - _ . and slashes.");
        }
    }
}
