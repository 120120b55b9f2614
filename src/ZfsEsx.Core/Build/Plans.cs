namespace ZfsEsx.Build;

/// <summary>Plans put together.</summary>
public static class Plans
{
    /// <summary>The same plan, its result as any object.</summary>
    public static Plan<object> AsObject<T>(this Plan<T> plan) =>
        plan.Select(result => (object)result!);

    /// <summary>Plans for several targets as one: all are made before the first change is asked for.</summary>
    public static async Task<Plan<IReadOnlyList<T>>> MergeAsync<T>(IEnumerable<Task<Plan<T>>> plans)
    {
        Plan<T>[] all = await Task.WhenAll(plans).ConfigureAwait(false);
        return new Plan<IReadOnlyList<T>>(
            [.. all.SelectMany(p => p.Changes)],
            async ct => await Task.WhenAll(all.Select(p => p.ReadAsync(ct))).ConfigureAwait(false),
            [.. all.SelectMany(p => p.Warnings).Distinct(StringComparer.Ordinal)],
            [.. all.SelectMany(p => p.Refusals)]);
    }
}
