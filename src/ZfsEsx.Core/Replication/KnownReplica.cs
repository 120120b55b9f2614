using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>A replica on a storage VM.</summary>
/// <param name="Source">The storage VM that it is of.</param>
/// <param name="Dataset">The replica: <c>sp2/replica/uss1/nas/vol0</c>.</param>
/// <param name="Relative">Its name below the source's pool: <c>nas/vol0</c>.</param>
internal sealed record KnownReplica(string Source, string Dataset, string Relative)
{
    /// <summary>All replicas on a storage VM, whatever they are of.</summary>
    public static async Task<IReadOnlyList<KnownReplica>> ReadAsync(ZfsHost host, CancellationToken ct) => Parse(
        (await host.RunAsync(
            new RemoteCommand("zfs", "list", "-H", "-t", "filesystem", "-o", "name,zfsesx:source"), ct)
            .ConfigureAwait(false)).Lines);

    /// <summary>What has the mark, and is below something that has the same one.</summary>
    internal static IReadOnlyList<KnownReplica> Parse(IEnumerable<string> lines)
    {
        List<KnownReplica> found = [];
        string[][] marked = [.. lines.Select(l => l.Split('\t')).Where(w => w.Length == 2 && w[1] != "-")];
        foreach (string[] words in marked)
        {
            string? root = marked.FirstOrDefault(
                m => m[1] == words[1] && words[0].StartsWith(m[0] + "/", StringComparison.Ordinal))?[0];
            if (root is not null)
            {
                found.Add(new KnownReplica(words[1], words[0], words[0].Substring(root.Length + 1)));
            }
        }

        return found;
    }
}
