namespace ZfsEsx;

/// <summary>Compares many targets so that a refusal of one leaves only this one out.</summary>
internal static class Refusals
{
    /// <summary>Each item with what was found for it; an item that is refused goes to the refusals instead.</summary>
    /// <param name="items">The targets.</param>
    /// <param name="compare">Compares one of them. What it throws is its refusal.</param>
    /// <param name="refusals">Takes the refusals, for <see cref="Plan{T}.Refusals"/>.</param>
    public static IReadOnlyList<(TItem Item, TResult Result)> CompareEach<TItem, TResult>(
        this IEnumerable<TItem> items, Func<TItem, TResult> compare, ICollection<ZfsEsxException> refusals)
    {
        List<(TItem, TResult)> accepted = [];
        foreach (TItem item in items)
        {
            try
            {
                accepted.Add((item, compare(item)));
            }
            catch (ZfsEsxException refusal)
            {
                refusals.Add(refusal);
            }
        }

        return accepted;
    }
}
