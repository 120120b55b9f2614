using System.Net;

namespace ZfsEsx.Os;

/// <summary>
/// Reads and writes hosts files; everything outside of our marked block stays as it is, byte for byte. Pure.
/// </summary>
internal static class HostNamesText
{
    private const string Begin = "# BEGIN ZfsEsx (Set-ZfsHostName)";
    private const string End = "# END ZfsEsx";

    /// <summary>Entries inside and outside of our block.</summary>
    public static (IReadOnlyList<HostEntry> Ours, IReadOnlyList<HostEntry> Others) Parse(string hosts)
    {
        List<HostEntry> ours = [];
        List<HostEntry> others = [];
        bool inside = false;
        foreach (string line in hosts.Split('\n').Select(l => l.TrimEnd('\r')))
        {
            inside = line == Begin || (inside && line != End);
            string[] words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1)
            {
                (inside ? ours : others).AddRange(words.Skip(1).Select(n => new HostEntry(n, words[0])));
            }
        }

        return (ours, others);
    }

    /// <summary>The hosts file with the wanted entries in our block, or null when nothing has to change.</summary>
    /// <exception cref="ZfsEsxException"><c>HostEntryConflict</c>.</exception>
    public static string? Merge(string host, string hosts, IReadOnlyList<HostEntry> wanted)
    {
        (IReadOnlyList<HostEntry> ours, IReadOnlyList<HostEntry> others) = Parse(hosts);
        Dictionary<string, string> block = new(StringComparer.OrdinalIgnoreCase);
        List<string> order = [];
        foreach (HostEntry entry in ours.Concat(wanted))
        {
            if (!block.ContainsKey(entry.Name))
            {
                order.Add(entry.Name);
            }

            block[entry.Name] = entry.Address;
        }

        foreach (HostEntry entry in wanted)
        {
            // The first entry of a name wins, so one in another's hand would stand against ours.
            HostEntry[] same = [.. others.Where(
                o => Is(o.Name, entry.Name) && o.Address.Contains(":") == entry.Address.Contains(":"))];
            if (same.FirstOrDefault(o => o.Address != entry.Address) is HostEntry other)
            {
                throw new ZfsEsxException(
                    "HostEntryConflict", FailureKind.AlreadyExists, entry.Name,
                    "The hosts file of " + host + " has " + entry.Name + " as " + other.Address + ", not as "
                        + entry.Address
                    + ", in lines that ZfsEsx did not write.",
                    "Correct or remove that line on the storage VM.");
            }

            if (same.Length > 0)
            {
                block.Remove(entry.Name);
                order.RemoveAll(n => Is(n, entry.Name));
            }
        }

        List<HostEntry> result = [.. order.Select(n => new HostEntry(n, block[n]))];
        return result.SequenceEqual(ours) ? null : Write(hosts, result);
    }

    /// <summary>What shares.sh and resolve.sh say about names.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Resolved(IEnumerable<string> lines)
    {
        Dictionary<string, IReadOnlyList<string>> result = new(StringComparer.OrdinalIgnoreCase);
        string name = "";
        foreach (string line in lines)
        {
            if (line.StartsWith("name ", StringComparison.Ordinal))
            {
                name = line.Substring(5).Trim();
                result[name] = [];
            }
            else if (line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() is string address
                && name.Length > 0 && HostRules.IsAddress(address) && !result[name].Contains(address))
            {
                result[name] = [.. result[name], address];
            }
        }

        return result;
    }

    /// <summary>Accepts an address of either family or says what is wrong.</summary>
    public static void CheckAddress(HostEntry entry)
    {
        if (!HostRules.IsAddress(entry.Address)
            && !(entry.Address.Contains(":") && entry.Address.All(c => Uri.IsHexDigit(c) || c is ':' or '.')
                && IPAddress.TryParse(entry.Address, out _)))
        {
            throw new ZfsEsxException(
                "InvalidAddress", FailureKind.InvalidArgument, entry.Address,
                Shell.ShellQuote.Readable(entry.Address) + " is not an address (given for " + entry.Name + ").",
                "Give an address as in 10.99.0.11 or fd00::11.");
        }
    }

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Write(string hosts, List<HostEntry> entries)
    {
        List<string> lines = [.. hosts.Split('\n')];
        int begin = lines.IndexOf(Begin);
        int end = begin < 0 ? -1 : lines.IndexOf(End, begin);
        if (begin >= 0)
        {
            // A block whose end was lost reaches to the end of the file, as Parse reads it.
            lines.RemoveRange(begin, (end < 0 ? lines.Count - 1 : end) - begin + 1);
        }
        else
        {
            if (lines[lines.Count - 1].Length > 0)
            {
                lines.Add("");
            }

            begin = lines.Count - 1;
        }

        if (entries.Count > 0)
        {
            lines.InsertRange(begin, [Begin, .. entries.Select(e => e.Address + "\t" + e.Name), End]);
        }

        string text = string.Join("\n", lines);
        return text.EndsWith("\n", StringComparison.Ordinal) ? text : text + "\n";
    }
}
