using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>From where the order of a ring is taken.</summary>
public enum RingOrderSource
{
    /// <summary>
    /// From what the storage VMs replicate already; new ones go behind the one that they are named behind.
    /// </summary>
    Existing,

    /// <summary>As they are named.</summary>
    Given,
}

/// <summary>
/// The order in which storage VMs send to each other. Another order would mean other neighbours, and everything would
/// be sent again: so what there is counts more than the order in which somebody has named them.
/// </summary>
public static class RingOrder
{
    private const string Script =
        """
        for conf in /etc/zfsesx/edge-*.conf; do
          [ ! -f "$conf" ] || awk -F= '$1 == "neighbour" { n = $2 } $1 == "dataset" { d = $2 } END { print n "\t" d }' "$conf"
        done
        exit 0
        """;

    /// <summary>
    /// To whom a storage VM sends, and what. Nothing where no root's rights are: then the order is as given.
    /// </summary>
    public static async Task<IReadOnlyList<(string Neighbour, string Dataset)>> ReadAsync(
        ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.RunAsUserAsync(RemoteCommand.Script(Script), ct).ConfigureAwait(false);
        return [.. answer.Lines.Select(l => l.Split('\t')).Where(w => w.Length == 2).Select(w => (w[0], w[1]))];
    }

    /// <summary>
    /// The places of the given ones, in the order of the ring; the first given one is the first. Pure.
    /// </summary>
    /// <param name="given">Names, as the user has said them.</param>
    /// <param name="edges">To whom each sends now; names that were not given are left out.</param>
    public static IReadOnlyList<int> Derive(IReadOnlyList<string> given, IReadOnlyList<IReadOnlyList<string>> edges)
    {
        int[] next = Next(given, edges);
        List<int> order = [];

        // Chains first from their heads, then those without a head: rings.
        foreach (int first in Enumerable.Range(0, given.Count).Where(i => next[i] >= 0 && !next.Contains(i))
            .Concat(Enumerable.Range(0, given.Count).Where(i => next[i] >= 0)))
        {
            for (int i = first; i >= 0 && !order.Contains(i); i = next[i])
            {
                order.Add(i);
            }
        }

        for (int i = 0; i < given.Count; i++)
        {
            if (!order.Contains(i))
            {
                order.Insert(order.IndexOf((i + given.Count - 1) % given.Count) + 1, i);
            }
        }

        int start = order.IndexOf(0);
        return [.. order.Skip(start), .. order.Take(start)];
    }

    private static int[] Next(IReadOnlyList<string> given, IReadOnlyList<IReadOnlyList<string>> edges)
    {
        int[] next = [.. given.Select(_ => -1)];
        for (int i = 0; i < given.Count; i++)
        {
            // Of several that it sends to, the one that it is named before.
            int[] to = [.. edges[i]
                .Select(n => given.ToList().IndexOf(n))
                .Where(n => n >= 0 && n != i && !next.Contains(n))];
            next[i] = to.Length == 0 ? -1 : to.Contains((i + 1) % given.Count) ? (i + 1) % given.Count : to[0];
        }

        return next;
    }
}
