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
            IEnumerable<Task<ChangeFailure?>> targets = stage
                .GroupBy(c => c.Target, StringComparer.Ordinal)
                .Where(g => !failures.Any(f => f.Change.Target == g.Key))
                .Select(g => ApplyTargetAsync([.. g], begun, throttle, reporter, ct));
            try
            {
                failures.AddRange((await Task.WhenAll(targets).ConfigureAwait(false)).OfType<ChangeFailure>());
                await WaitAsync(stage, failures, reporter, ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                reporter.Warning(Stopped(changes, begun));
                throw;
            }
        }

        return [.. failures.Select(f => f with { NotTried = [.. f.NotTried, .. LaterStages(changes, f.Change)] })];
    }

    private static string Stopped(IReadOnlyList<Change> changes, ConcurrentDictionary<Change, bool> begun)
    {
        string[] underWay = [.. changes.Where(c => begun.TryGetValue(c, out bool ended) && !ended).Select(c => c.ToString())];
        string[] left = [.. changes.Where(c => !begun.ContainsKey(c)).Select(c => c.ToString())];
        return "Stopped."
            + (underWay.Length == 0 ? "" : " Was under way, and may be carried on by the server: "
                + string.Join("; ", underWay) + ".")
            + (left.Length == 0 ? "" : " Not begun: " + string.Join("; ", left) + ".")
            + " To go on, run the same command again: what is done is left alone.";
    }

    private static async Task WaitAsync(
        IEnumerable<Change> stage, List<ChangeFailure> failures, IReporter reporter, CancellationToken ct)
    {
        IEnumerable<Change> started = stage.Where(c => !failures.Any(f => f.Change.Target == c.Target));
        foreach (IGrouping<ISharedWait?, Change> together in started.GroupBy(c => c.Wait).Where(g => g.Key is not null)
            .ToArray())
        {
            IReadOnlyList<(Change Change, Exception Cause)> failed =
                await together.Key!.WaitAsync([.. together], reporter, ct).ConfigureAwait(false);
            failures.AddRange(failed.Select(f => new ChangeFailure(f.Change, f.Cause, [])));
        }
    }

    private static IEnumerable<Change> LaterStages(IReadOnlyList<Change> changes, Change failed) =>
        changes.Where(c => c.Target == failed.Target && c.Stage > failed.Stage);

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
