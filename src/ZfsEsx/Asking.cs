namespace ZfsEsx;

/// <summary>What came of asking about one change.</summary>
internal enum Answer
{
    Yes,

    No,

    /// <summary><c>-WhatIf</c>: the change was shown, nobody was asked, and it is not to be made.</summary>
    OnlyShown,
}

/// <summary>The changes of a plan after the user has been asked.</summary>
/// <param name="Accepted">Those to make, in the plan's order.</param>
/// <param name="Declined">Those the user said no to.</param>
/// <param name="LeftOut">Those never asked about, because an earlier step of the same target was declined.</param>
/// <param name="OnlyShown">Those shown by <c>-WhatIf</c>.</param>
internal sealed record Asked(
    IReadOnlyList<Change> Accepted,
    IReadOnlyList<Change> Declined,
    IReadOnlyList<Change> LeftOut,
    IReadOnlyList<Change> OnlyShown)
{
    /// <summary>The targets of the changes that are not to be made.</summary>
    public IEnumerable<string> NotMade => Declined.Concat(LeftOut).Concat(OnlyShown).Select(c => c.Target);

    /// <summary>
    /// Asks about every change in turn. A declined step takes with it what rests on it: the later steps of its
    /// target, and those that come after all.
    /// </summary>
    internal static Asked Ask(IEnumerable<Change> changes, Func<Change, Answer> ask)
    {
        List<Change> accepted = [], declined = [], leftOut = [], shown = [];
        foreach (Change change in changes)
        {
            if (declined.Any(d => d.Target == change.Target || (change.AfterAll && d.Stage < change.Stage)))
            {
                leftOut.Add(change);
                continue;
            }

            List<Change> answered = ask(change) switch
            {
                Answer.Yes => accepted,
                Answer.OnlyShown => shown,
                _ => declined,
            };
            answered.Add(change);
        }

        return new Asked(accepted, declined, leftOut, shown);
    }
}
