namespace ZfsEsx.Shell;

/// <summary>The one place where text becomes shell syntax.</summary>
public static class ShellQuote
{
    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=";

    /// <summary>A word that any Bourne-family shell reads as exactly <paramref name="word"/>.</summary>
    /// <exception cref="ZfsEsxException">The word has a NUL character, which no argument can carry.</exception>
    public static string Quote(string word)
    {
        if (word.IndexOf('\0') >= 0)
        {
            throw new ZfsEsxException(
                "NulInArgument", FailureKind.InvalidArgument, word.Replace("\0", "\\0"),
                "An argument contains a NUL character.", "Give it without; no command can be given one.");
        }

        return "'" + word.Replace("'", "'\\''") + "'";
    }

    /// <summary>Quotes only where a reader would need it; for messages.</summary>
    public static string Readable(string word) =>
        word.Length > 0 && word.All(c => Plain.IndexOf(c) >= 0) ? word : Quote(word);
}
