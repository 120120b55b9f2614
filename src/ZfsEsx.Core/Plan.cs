namespace ZfsEsx;

/// <summary>
/// What an operation would do, and how to see the result: the outcome of <em>observe</em> and <em>compare</em>, before
/// <em>ask</em> and <em>change</em>. An empty list of changes means that everything is already so.
/// </summary>
/// <typeparam name="T">What the operation returns once its changes are made.</typeparam>
public sealed class Plan<T>
{
    private readonly Func<CancellationToken, Task<T>> _read;

    /// <summary>Makes a plan.</summary>
    /// <param name="changes">The steps, in the order in which they are asked for.</param>
    /// <param name="read">Reads the state back from the system.</param>
    /// <param name="warnings">What the user should know before saying yes.</param>
    public Plan(
        IReadOnlyList<Change> changes,
        Func<CancellationToken, Task<T>> read,
        IReadOnlyList<string>? warnings = null)
    {
        Changes = changes;
        Warnings = warnings ?? [];
        _read = read;
    }

    /// <summary>The steps; empty when nothing is to be done.</summary>
    public IReadOnlyList<Change> Changes { get; }

    /// <summary>What the user should know before saying yes.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads the state as it now is from the system.</summary>
    public Task<T> ReadAsync(CancellationToken ct) => _read(ct);

    /// <summary>Applies every change without asking, then reads back. For callers that have asked already.</summary>
    /// <exception cref="AggregateException">One or more targets failed; the others were finished.</exception>
    public async Task<T> RunAsync(IReporter reporter, CancellationToken ct, int throttleLimit = 16)
    {
        IReadOnlyList<ChangeFailure> failures =
            await ChangeRunner.ApplyAsync(Changes, throttleLimit, reporter, ct).ConfigureAwait(false);
        if (failures.Count == 1)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failures[0].Cause).Throw();
        }

        if (failures.Count > 1)
        {
            throw new AggregateException(failures.Select(f => f.Cause));
        }

        return await ReadAsync(ct).ConfigureAwait(false);
    }
}
