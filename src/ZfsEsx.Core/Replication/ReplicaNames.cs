namespace ZfsEsx.Replication;

/// <summary>
/// What may become part of a path, a configuration line or a data set name of the replication. The agent accepts the
/// same set and nothing else: letters, digits, <c>_ . -</c>, and for data sets also <c>:</c> and <c>/</c>.
/// </summary>
internal static class ReplicaNames
{
    public const string SnapshotPrefix = "zfsesx-";
    public const string HoldPrefix = "zfsesx:";

    private const int LongestDataset = 200;

    public static string PoolOf(string dataset)
    {
        int slash = dataset.IndexOf('/');
        return slash < 0 ? dataset : dataset.Substring(0, slash);
    }

    public static string BelowPool(string dataset) => dataset.Substring(dataset.IndexOf('/') + 1);

    public static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && IsWordStart(text[0]) && text.All(c => IsWordStart(c) || c is '_' or '.' or '-');

    public static bool IsDataset(string text) =>
        text.Length is > 0 and <= LongestDataset && text.Split('/').All(IsComponent);

    public static bool IsAddress(string text) =>
        text.Length is > 0 and <= 253
        && IsWordStart(text[0])
        && text.All(c => IsWordStart(c) || c is '.' or '-' or ':');

    public static string CheckName(string text, string what) =>
        IsName(text)
            ? text
            : throw Refused(text, what, "letters, digits and _ . - are allowed, a letter or digit first");

    public static string CheckAddress(string text, string what) =>
        IsAddress(text) ? text : throw Refused(text, what, "give a host name or an IP address");

    /// <summary>A data set below a pool: a pool itself is never replicated, nor a root for replicas.</summary>
    public static string CheckDataset(string text, string what)
    {
        if (!IsDataset(text))
        {
            throw Refused(text, what, "letters, digits and _ . : - are allowed in each part of the name");
        }

        return text.IndexOf('/') > 0
            ? text
            : throw Refused(text, what, "it is a pool; name a data set below it, such as " + text + "/nas");
    }

    private static ZfsEsxException Refused(string text, string what, string why) => new(
        "BadReplicationName",
        FailureKind.InvalidArgument,
        text,
        "'" + Printable(text) + "' cannot be used as " + what + ": " + why + ".",
        "Choose another name; the replication writes it into paths and data set names.");

    private static string Printable(string text) =>
        new([.. text.Select(c => char.IsControl(c) ? '?' : c).Take(80)]);

    private static bool IsComponent(string part) =>
        part.Length > 0
        && (IsWordStart(part[0]) || part[0] == '_')
        && part.All(c => IsWordStart(c) || c is '_' or '.' or ':' or '-')
        && part != "." && part != "..";

    private static bool IsWordStart(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');
}
