using System.Collections.Concurrent;

namespace ZfsEsx;

/// <summary>A change that failed, and the changes of the same target that were therefore not tried.</summary>
/// <param name="Change">The step that failed.</param>
/// <param name="Cause">Why.</param>
/// <param name="NotTried">Later steps of the same target.</param>
public sealed record ChangeFailure(Change Change, Exception Cause, IReadOnlyList<Change> NotTried);

/// <summary>Applies changes: in order within a target, targets side by side, stage after stage.</summary>
public static class ChangeRunner
{
    /// <summary>
    /// Applies the changes. One bad target does not stop the others, but a target that failed in one stage is left
    /// alone in the later ones. Cancelling ends the wait for the changes under way and starts no more; a warning says
    /// which they are.
    /// </summary>
    /// <returns>What failed; empty when all went well.</returns>
    public static async Task<IReadOnlyList<ChangeFailure>> ApplyAsync(
        IReadOnlyList<Change> changes, int throttleLimit, IReporter reporter, CancellationToken ct)
    {
        List<ChangeFailure> failures = [];
        ConcurrentDictionary<Change, bool> begun = new(); // and whether it has ended
        using SemaphoreSlim throttle = new(Math.Max(1, throttleLimit));
        foreach (IGrouping<int, Change> stage in changes.GroupBy(c => c.Stage).OrderBy(g => g.Key))
        {
            bool failed = failures.Count > 0;
            IEnumerable<Task<ChangeFailure?>> targets = stage
                .Where(c => !(failed && c.AfterAll))
                .GroupBy(c => c.Target, StringComparer.Ordinal)
                .Where(g => !failures.Any(f => f.Change.Target == g.Key))
                .Select(g => ApplyTargetAsync([.. g], begun, throttle, reporter, ct));
            try
            {
                failures.AddRange((await Task.WhenAll(targets).ConfigureAwait(false)).OfType<ChangeFailure>());
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                reporter.Warning(Stopped(changes, begun));
                throw;
            }
        }

        return [.. failures.Select((f, i) => f with
        {
            NotTried = [.. f.NotTried, .. LaterStages(changes, f.Change, first: i == 0)],
        })];
    }

    private static string Stopped(IReadOnlyList<Change> changes, ConcurrentDictionary<Change, bool> begun)
    {
        string[] underWay =
            [.. changes.Where(c => begun.TryGetValue(c, out bool ended) && !ended).Select(c => c.ToString())];
        string[] left = [.. changes.Where(c => !begun.ContainsKey(c)).Select(c => c.ToString())];
        return "Stopped."
            + (underWay.Length == 0 ? "" : " Was under way, and may be carried on by the server: "
                + string.Join("; ", underWay) + ".")
            + (left.Length == 0 ? "" : " Not begun: " + string.Join("; ", left) + ".")
            + " To go on, run the same command again: what is done is left alone.";
    }

    // What rests on all is told with the first failure, once.
    private static IEnumerable<Change> LaterStages(IReadOnlyList<Change> changes, Change failed, bool first) =>
        changes.Where(c => c.Stage > failed.Stage && (c.AfterAll ? first : c.Target == failed.Target));

    private static async Task<ChangeFailure?> ApplyTargetAsync(
        List<Change> changes, ConcurrentDictionary<Change, bool> begun, SemaphoreSlim throttle, IReporter reporter,
        CancellationToken ct)
    {
        await throttle.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            for (int i = 0; i < changes.Count; i++)
            {
                ct.ThrowIfCancellationRequested();
                try
                {
                    reporter.Verbose(changes[i].ToString());
                    begun[changes[i]] = false;
                    await changes[i].ApplyAsync(reporter, ct).ConfigureAwait(false);
                    begun[changes[i]] = true;
                }
                catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
                {
                    return new ChangeFailure(changes[i], e, changes.GetRange(i + 1, changes.Count - i - 1));
                }
            }

            return null;
        }
        finally
        {
            throttle.Release();
        }
    }
}
