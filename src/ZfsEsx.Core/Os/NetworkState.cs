namespace ZfsEsx.Os;

/// <summary>What network.sh found.</summary>
internal sealed record NetworkState
{
    /// <summary>The interfaces.</summary>
    public required IReadOnlyList<ZfsHostNetwork> Interfaces { get; init; }

    /// <summary>Interface of the default route, or null.</summary>
    public string? DefaultRoute { get; init; }

    /// <summary>What looks after addresses: <c>ifupdown</c>, <c>NetworkManager</c>…</summary>
    public required IReadOnlyList<string> Managers { get; init; }

    /// <summary>Configuration files by path.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Paths in the order of the answer, each with its text.</summary>
    internal static IReadOnlyDictionary<string, string> FilesOf(IReadOnlyDictionary<string, string> parts)
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> part in parts)
        {
            if (part.Key.StartsWith("file ", StringComparison.Ordinal))
            {
                files[part.Key.Substring(5)] = part.Value;
            }
        }

        return files;
    }
}
