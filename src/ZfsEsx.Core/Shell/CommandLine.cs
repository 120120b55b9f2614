using System.Text;

namespace ZfsEsx.Shell;

/// <summary>
/// Arguments for a local process. netstandard2.0 only takes one string, which .NET splits on every system by the rules
/// of
/// the Microsoft C run-time library; this is the inverse of those rules.
/// </summary>
internal static class CommandLine
{
    /// <summary>One string for <see cref="System.Diagnostics.ProcessStartInfo.Arguments"/>.</summary>
    public static string Join(IEnumerable<string> arguments) => string.Join(" ", arguments.Select(Quote));

    private static string Quote(string argument)
    {
        if (argument.Length > 0 && argument.All(c => c is not (' ' or '\t' or '\n' or '\v' or '"')))
        {
            return argument;
        }

        StringBuilder text = new("\"");
        int backslashes = 0;
        foreach (char c in argument)
        {
            if (c == '\\')
            {
                backslashes++;
                continue;
            }

            // Backslashes are doubled only before a quote.
            text.Append('\\', c == '"' ? backslashes * 2 + 1 : backslashes).Append(c);
            backslashes = 0;
        }

        return text.Append('\\', backslashes * 2).Append('"').ToString();
    }
}
