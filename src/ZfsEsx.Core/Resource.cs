using System.Text;

namespace ZfsEsx;

/// <summary>Scripts that live in the assembly.</summary>
internal static class Resource
{
    /// <summary>The text of an embedded file.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException(name + " is not in the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
