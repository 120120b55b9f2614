using System.Diagnostics;

namespace ZfsEsx.Completers;

/// <summary>
/// Names for completion, kept for a moment: each key press asks for them anew. What does not come in time is there at
/// the next press, because reading goes on.
/// </summary>
internal sealed class NameCache
{
    /// <summary>How long a key press waits.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(900);

    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(10);

    private readonly object _lock = new();
    private readonly Dictionary<(object Source, string What), (Task<IReadOnlyList<string>> Names, Stopwatch Age)>
        _known = [];

    /// <summary>The names that all sources have told so far. One that fails or is slow has none.</summary>
    internal IEnumerable<string> Get<T>(
        IEnumerable<T> sources, string what, Func<T, CancellationToken, Task<IReadOnlyList<string>>> read)
        where T : class
    {
        Task<IReadOnlyList<string>>[] all = [.. sources.Select(s => Read(s, what, read))];
        Task ended = Task.WhenAll(all).ContinueWith(
            t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        ended.Wait(LongestWait);
        return all.Where(t => t.Status == TaskStatus.RanToCompletion).SelectMany(t => t.Result);
    }

    private Task<IReadOnlyList<string>> Read<T>(
        T source, string what, Func<T, CancellationToken, Task<IReadOnlyList<string>>> read)
        where T : class
    {
        lock (_lock)
        {
            foreach ((object, string) old in _known
                .Where(k => k.Value.Age.Elapsed > s_kept).Select(k => k.Key).ToArray())
            {
                _known.Remove(old);
            }

            if (!_known.TryGetValue((source, what), out (Task<IReadOnlyList<string>> Names, Stopwatch Age) known))
            {
                known = (Task.Run(ReadAsync), Stopwatch.StartNew());
                _known.Add((source, what), known);
            }

            return known.Names;
        }

        async Task<IReadOnlyList<string>> ReadAsync()
        {
            using CancellationTokenSource limit = new(s_kept);
            return await read(source, limit.Token).ConfigureAwait(false);
        }
    }
}
