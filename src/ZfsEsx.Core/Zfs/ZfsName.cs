using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>
/// The rules that names of pools, file systems and snapshots obey (zfs_namecheck.c, zpool(8), zfs(8)).
/// </summary>
public static class ZfsName
{
    // ZFS_MAX_DATASET_NAME_LEN, its NUL included. Systems of snv_134's age have the same limit.
    private const int MaxLength = 255;

    private static readonly string[] s_reserved = ["mirror", "raidz", "draid", "spare"];

    /// <summary>Accepts a pool's name or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidPoolName</c>.</exception>
    public static string Pool(string name)
    {
        string? wrong = Component(name);
        if (wrong is null && !IsLetter(name[0]))
        {
            wrong = "it does not begin with a letter";
        }

        if (wrong is null && (name == "log" || s_reserved.Any(r => name.StartsWith(r, StringComparison.Ordinal))))
        {
            wrong = "names that begin with mirror, raidz, draid or spare, and the name log, are reserved";
        }

        // c8t1d0 and the like are disks to zpool.
        if (wrong is null && name.Length > 1 && name[0] == 'c' && name[1] is >= '0' and <= '9')
        {
            wrong = "names that begin with c and a digit are taken for disks";
        }

        return wrong is null ? name : throw Invalid("InvalidPoolName", name, "pool", wrong);
    }

    /// <summary>
    /// Accepts the name of a file system or volume (<c>sp1/nas/vol0</c>; a pool's name too) or says what is wrong with
    /// it.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>InvalidDatasetName</c>.</exception>
    public static string Dataset(string name) =>
        DatasetFault(name) is string wrong ? throw Invalid("InvalidDatasetName", name, "file system", wrong) : name;

    /// <summary>Accepts a snapshot's full name (<c>sp1/nas/vol0@today</c>) or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidSnapshotName</c>.</exception>
    public static string Snapshot(string name)
    {
        string[] halves = name.Split('@');
        string? wrong = halves.Length != 2
            ? "it is not of the form file system@snapshot"
            : DatasetFault(halves[0]) ?? Component(halves[1]) ?? TooLong(name);
        return wrong is null ? name : throw Invalid("InvalidSnapshotName", name, "snapshot", wrong);
    }

    /// <summary>The pool a dataset or snapshot is in.</summary>
    public static string PoolOf(string dataset) => dataset.Split('/', '@', '#')[0];

    /// <summary>Accepts a property's name, native or of a user, or says what is wrong with it.</summary>
    /// <exception cref="ZfsEsxException"><c>InvalidProperty</c>.</exception>
    public static string Property(string name) =>
        name.Length is > 0 and < 256 && name[0] != '-'
            && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-' or ':' or '.' or '@')
            ? name
            : throw new ZfsEsxException(
                "InvalidProperty", FailureKind.InvalidArgument, name, ShellQuote.Readable(name)
                    + " is not the name of a property.",
                "Names have small letters, digits and _ - : . @, as in compression or org.example:owner.");

    /// <summary>Accepts an assignment of a property and returns it as <c>name=value</c>.</summary>
    internal static string Assignment(string name, string value) =>
        value.Length > 0 && !value.Any(char.IsControl)
            ? Property(name) + "=" + value
            : throw new ZfsEsxException(
                "InvalidProperty", FailureKind.InvalidArgument, name,
                "The property " + name + " cannot have the value " + ShellQuote.Readable(value) + ".",
                "Give one line that is not empty.");

    private static string? DatasetFault(string name)
    {
        if (TooLong(name) is string tooLong)
        {
            return tooLong;
        }

        string[] parts = name.Split('/');
        if (parts.Any(p => p.Length == 0))
        {
            return name.Length == 0 ? "it is empty" : "it begins or ends with a slash, or has two in a row";
        }

        if (!IsLetter(parts[0][0]))
        {
            return "its pool does not begin with a letter";
        }

        return parts.Select(Component).FirstOrDefault(f => f is not null);
    }

    private static string? Component(string name)
    {
        if (name.Length == 0)
        {
            return "it is empty";
        }

        if (TooLong(name) is string tooLong)
        {
            return tooLong;
        }

        if (name is "." or "..")
        {
            return "it is " + name;
        }

        foreach (char c in name)
        {
            if (!IsLetter(c) && c is not ((>= '0' and <= '9') or '-' or '_' or '.' or ':' or ' '))
            {
                return "it has the character " + (char.IsControl(c) ? "U+"
                    + ((int)c).ToString("X4", System.Globalization.CultureInfo.InvariantCulture) : "'" + c + "'");
            }
        }

        // ZFS allows blanks inside, but a blank at an end is a typing error that nobody sees afterwards.
        return name[0] == ' ' || name[name.Length - 1] == ' ' ? "it begins or ends with a blank"
            : name[0] == '-' ? "it begins with a hyphen" : null;
    }

    private static string? TooLong(string name) => name.Length > MaxLength ? "it is longer than 255 characters" : null;

    private static bool IsLetter(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static ZfsEsxException Invalid(string id, string name, string what, string wrong) => new(
        id, FailureKind.InvalidArgument, name,
        ShellQuote.Readable(name) + " cannot be the name of a " + what + ": " + wrong + ".",
        "Use letters, digits, - _ . : and begin with a letter.");
}
