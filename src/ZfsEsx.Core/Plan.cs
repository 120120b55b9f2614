using System.Runtime.ExceptionServices;

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
    /// <param name="refusals">Why some of many targets are left out of the steps and of the result.</param>
    public Plan(
        IReadOnlyList<Change> changes,
        Func<CancellationToken, Task<T>> read,
        IReadOnlyList<string>? warnings = null,
        IReadOnlyList<ZfsEsxException>? refusals = null)
    {
        Changes = changes;
        Warnings = warnings ?? [];
        Refusals = refusals ?? [];
        _read = read;
    }

    /// <summary>The steps; empty when nothing is to be done.</summary>
    public IReadOnlyList<Change> Changes { get; }

    /// <summary>What the user should know before saying yes.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// One for each target that must not be touched. Steps and result are those of the other targets: one bad host does
    /// not stop the others.
    /// </summary>
    public IReadOnlyList<ZfsEsxException> Refusals { get; }

    /// <summary>Reads the state as it now is from the system.</summary>
    public Task<T> ReadAsync(CancellationToken ct) => _read(ct);

    /// <summary>The same plan with another form of its result.</summary>
    public Plan<TOther> Select<TOther>(Func<T, TOther> form) =>
        new(Changes, async ct => form(await _read(ct).ConfigureAwait(false)), Warnings, Refusals);

    /// <summary>Applies every change without asking, then reads back. For callers that have asked already.</summary>
    /// <exception cref="ZfsEsxException">The plan refuses a target: then nothing at all is changed.</exception>
    /// <exception cref="AggregateException">One or more targets failed; the others were finished.</exception>
    public async Task<T> RunAsync(IReporter reporter, CancellationToken ct, int throttleLimit = 16)
    {
        Throw(Refusals);
        IReadOnlyList<ChangeFailure> failures =
            await ChangeRunner.ApplyAsync(Changes, throttleLimit, reporter, ct).ConfigureAwait(false);
        Throw([.. failures.Select(f => f.Cause)]);
        return await ReadAsync(ct).ConfigureAwait(false);
    }

    private static void Throw(IReadOnlyList<Exception> causes)
    {
        if (causes.Count == 1)
        {
            ExceptionDispatchInfo.Capture(causes[0]).Throw();
        }

        if (causes.Count > 1)
        {
            throw new AggregateException(causes);
        }
    }
}
