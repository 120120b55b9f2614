using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>The question of a VM whose files are not where it knew them: moved or copied? Pure.</summary>
internal static class VmQuestion
{
    private const string Altered = "msg.uuid.altered";

    /// <summary>
    /// The key of the choice, by what the choice says and never by its place; null when it is another question.
    /// Moved keeps the VM's identity, copied gives it a new one.
    /// </summary>
    public static string? Answer(VimValue question, bool moved)
    {
        bool asked = question["text"].Text.StartsWith(Altered, StringComparison.Ordinal)
            || question.All("message").Any(m => m["id"].Text == Altered);
        string word = moved ? "moved" : "copied";
        return !asked ? null : question["choice"].All("choiceInfo")
            .FirstOrDefault(c => Says(c["label"], word) || Says(c["summary"], word))?["key"].Text;
    }

    private static bool Says(VimValue text, string word) =>
        text.Text.IndexOf(word, StringComparison.OrdinalIgnoreCase) >= 0;
}
