using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>
/// Which export is which. vSphere knows an NFS volume by the texts of server and path, so both are compared and passed
/// on as texts. Pure.
/// </summary>
internal static class NfsExports
{
    /// <summary>One way to write one export; refuses what cannot be one.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidName</c>, <c>InvalidPath</c>, <c>InvalidServer</c>.</exception>
    public static NfsMount Normalise(NfsMount mount)
    {
        VimName.Check("datastore", mount.Name);
        if (mount.Name.IndexOfAny(['/', '\\']) >= 0)
        {
            throw new ZfsEsxException(
                "InvalidName", FailureKind.InvalidArgument, mount.Name,
                "The datastore name '" + mount.Name + "' has a slash.",
                "Hosts keep a datastore as a directory of its name: choose one without slashes.");
        }

        string[] servers = [.. mount.Servers.Select(Server).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (servers.Length > 1 && !mount.Nfs41)
        {
            throw new ZfsEsxException(
                "InvalidServer", FailureKind.InvalidArgument, string.Join(", ", servers),
                "NFS 3 has one server address, and " + servers.Length + " are given.",
                "Give one, or mount with -NfsVersion 4.1.");
        }

        if (!mount.RemotePath.StartsWith("/", StringComparison.Ordinal) || mount.RemotePath.Any(char.IsControl))
        {
            throw new ZfsEsxException(
                "InvalidPath", FailureKind.InvalidArgument, mount.RemotePath,
                "'" + Shown(mount.RemotePath) + "' is not an absolute path.",
                "Give the exported directory as in /export/uss1-nas-vol0.");
        }

        return mount with
        {
            RemoteHost = servers[0],
            OtherAddresses = [.. servers.Skip(1)],
            RemotePath = NormalPath(mount.RemotePath),
        };
    }

    /// <summary>How people write an export: <c>10.99.0.11:/export/vol0</c>.</summary>
    public static string Text(NfsMount mount) => string.Join(",", mount.Servers) + ":" + mount.RemotePath;

    /// <inheritdoc cref="Text(NfsMount)"/>
    public static string Text(DatastoreFact datastore) =>
        string.Join(",", datastore.Servers) + ":" + datastore.RemotePath;

    /// <summary>Whether a datastore is of the export wanted, whatever the version of NFS.</summary>
    public static bool IsExport(DatastoreFact datastore, NfsMount wanted) => datastore.IsNfs
        && NormalPath(datastore.RemotePath) == NormalPath(wanted.RemotePath)
        && datastore.Servers.Intersect(wanted.Servers, StringComparer.OrdinalIgnoreCase).Any();

    /// <summary>
    /// Whether a datastore may be of the export wanted, its server written otherwise: as a name and not as an address,
    /// or with and without the domain.
    /// </summary>
    public static bool MayBeExport(DatastoreFact datastore, NfsMount wanted) => datastore.IsNfs
        && NormalPath(datastore.RemotePath) == NormalPath(wanted.RemotePath)
        && !IsExport(datastore, wanted)
        && datastore.Servers.Any(d => wanted.Servers.Any(w => MayBeSame(d, w)));

    private static bool MayBeSame(string left, string right) =>
        IsAddress(left) != IsAddress(right)
        || (!IsAddress(left)
            && string.Equals(left.Split('.')[0], right.Split('.')[0], StringComparison.OrdinalIgnoreCase));

    private static bool IsAddress(string server) => Subnet.TryParse(server, out _) || server.IndexOf(':') >= 0;

    private static string Server(string given)
    {
        string server = given.Trim();
        return server.Length > 0 && !server.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or ',')
            ? server
            : throw new ZfsEsxException(
                "InvalidServer", FailureKind.InvalidArgument, given,
                "'" + Shown(given) + "' is not the name or address of an NFS server.",
                "Give one as in 10.99.0.11 or uss1-nas; the path on it is said apart.");
    }

    private static string NormalPath(string path)
    {
        string normal = path;
        while (normal.Contains("//"))
        {
            normal = normal.Replace("//", "/");
        }

        return normal.Length > 1 ? normal.TrimEnd('/') : normal;
    }

    private static string Shown(string text) => new(text.Select(c => char.IsControl(c) ? '?' : c).ToArray());
}
