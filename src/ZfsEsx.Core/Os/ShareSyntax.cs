using System.Text;
using System.Text.RegularExpressions;

namespace ZfsEsx.Os;

/// <summary>Texts about NFS shares: <c>sharenfs</c> values, <c>exportfs -v</c>, <c>share</c>. Pure.</summary>
internal static class ShareSyntax
{
    private static readonly Regex s_octal = new("\\\\([0-7]{3})", RegexOptions.CultureInvariant);

    /// <summary>
    /// A client in a host list. Addresses and networks have an @ in front on both systems; names have not.
    /// </summary>
    public static string Client(string name) => HostRules.IsAddressOrNetwork(name) ? "@" + name : name;

    /// <summary>Clients of the <c>rw=</c> and <c>ro=</c> lists; "*" when everybody may.</summary>
    public static IReadOnlyList<string> Clients(string options)
    {
        if (options is "off" or "-" or "")
        {
            return [];
        }

        string[] clients =
        [
            .. options.Split(',').Where(
                o => o.StartsWith("rw=", StringComparison.Ordinal) || o.StartsWith("ro=", StringComparison.Ordinal))
                .SelectMany(o => o.Substring(3).Split(':')).Select(c => c.TrimStart('@')).Where(c => c.Length > 0)
                    .Distinct(),
        ];
        return clients.Length == 0 ? ["*"] : clients;
    }

    /// <summary>
    /// <c>exportfs -v</c> of Linux: a path, then clients with options in parentheses; long paths stand alone on their
    /// line.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Exportfs(string text)
    {
        Dictionary<string, IReadOnlyList<string>> exports = new(StringComparer.Ordinal);
        string path = "";
        foreach (string line in text.Split(['\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = line;
            if (line[0] == '/')
            {
                int end = line.IndexOfAny([' ', '\t']);
                path = Unescape(end < 0 ? line : line.Substring(0, end));
                rest = end < 0 ? "" : line.Substring(end);
            }

            int open = rest.IndexOf('(');
            string client = (open < 0 ? rest : rest.Substring(0, open)).Trim();
            if (client.Length > 0)
            {
                Add(exports, path, client == "<world>" ? "*" : client);
            }
        }

        return exports;
    }

    /// <summary>
    /// <c>share</c> of OpenSolaris and illumos: resource, path, options and description, separated by blanks.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Share(string text)
    {
        Dictionary<string, IReadOnlyList<string>> exports = new(StringComparer.Ordinal);
        foreach (string[] words in text.Split('\n')
            .Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)))
        {
            int at = Array.FindIndex(words, w => w[0] == '/');
            foreach (string client in at >= 0 && at + 1 < words.Length ? Clients(words[at + 1]) : [])
            {
                Add(exports, words[at], client);
            }
        }

        return exports;
    }

    private static void Add(Dictionary<string, IReadOnlyList<string>> exports, string path, string client) =>
        exports[path] = exports.TryGetValue(path, out IReadOnlyList<string>? known) ? [.. known, client] : [client];

    // exportfs writes blanks in paths as \040; other bytes are as they are.
    private static string Unescape(string path)
    {
        if (path.IndexOf('\\') < 0)
        {
            return path;
        }

        return s_octal.Replace(path, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());
    }
}
