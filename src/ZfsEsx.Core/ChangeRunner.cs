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
    /// alone in the later ones. Cancelling ends the changes under way and starts no more.
    /// </summary>
    /// <returns>What failed; empty when all went well.</returns>
    public static async Task<IReadOnlyList<ChangeFailure>> ApplyAsync(
        IReadOnlyList<Change> changes, int throttleLimit, IReporter reporter, CancellationToken ct)
    {
        List<ChangeFailure> failures = [];
        using SemaphoreSlim throttle = new(Math.Max(1, throttleLimit));
        foreach (IGrouping<int, Change> stage in changes.GroupBy(c => c.Stage).OrderBy(g => g.Key))
        {
            bool failed = failures.Count > 0;
            IEnumerable<Task<ChangeFailure?>> targets = stage
                .Where(c => !(failed && c.AfterAll))
                .GroupBy(c => c.Target, StringComparer.Ordinal)
                .Where(g => !failures.Any(f => f.Change.Target == g.Key))
                .Select(g => ApplyTargetAsync([.. g], throttle, reporter, ct));
            failures.AddRange((await Task.WhenAll(targets).ConfigureAwait(false)).OfType<ChangeFailure>());
        }

        return [.. failures.Select((f, i) => f with
        {
            NotTried = [.. f.NotTried, .. LaterStages(changes, f.Change, first: i == 0)],
        })];
    }

    // What rests on all is told with the first failure, once.
    private static IEnumerable<Change> LaterStages(IReadOnlyList<Change> changes, Change failed, bool first) =>
        changes.Where(c => c.Stage > failed.Stage && (c.AfterAll ? first : c.Target == failed.Target));

    private static async Task<ChangeFailure?> ApplyTargetAsync(
        List<Change> changes, SemaphoreSlim throttle, IReporter reporter, CancellationToken ct)
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
                    await changes[i].ApplyAsync(reporter, ct).ConfigureAwait(false);
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
