using System.Management.Automation;
using System.Reflection;

namespace ZfsEsx;

/// <summary>Observe and compare (the plan), ask, change, read back.</summary>
public abstract partial class ZfsEsxCommand
{
    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>True skips the module's own questions; <c>-WhatIf</c> and <c>-Confirm</c> stay what they are.</summary>
    private protected virtual bool SkipQuestions => false;

    /// <summary>How many machines are worked on at the same time.</summary>
    private protected virtual int Throttle => 16;

    /// <summary>
    /// Takes operations from plan to result. All are planned first, side by side; a plan that cannot be made is an
    /// error of its own and does not stop the others, nor does a target that a plan refuses. Then every change is asked
    /// about, then the accepted ones are made. Only what had every change made is given as result.
    /// </summary>
    private protected IReadOnlyList<T> Apply<T>(params Operation<T>[] operations)
    {
        List<Planned<T>> planned = [];
        foreach ((Operation<T> operation, Task<Plan<T>> plan) in RunEach(
            operations, (o, reporter, ct) => o.Plan(reporter, ct)))
        {
            if (plan.IsFaulted)
            {
                WriteError(plan.Exception!.ToErrorRecord(operation.Target));
            }
            else
            {
                foreach (ZfsEsxException refusal in plan.Result.Refusals)
                {
                    WriteError(refusal.ToErrorRecord(refusal.Target));
                }

                planned.Add(new Planned<T>(operation, plan.Result, Ask(plan.Result)));
            }
        }

        List<Planned<T>> done = [];
        foreach ((Planned<T> plan, Task<IReadOnlyList<ChangeFailure>> failures) in RunEach(
            planned, (p, reporter, ct) => p.MakeAsync(Throttle, reporter, ct)))
        {
            if (failures.IsFaulted)
            {
                WriteError(failures.Exception!.ToErrorRecord(plan.Operation.Target));
                continue;
            }

            Report(failures.Result);
            string[] left = [.. plan.Answers.NotMade, .. failures.Result.Select(f => f.Change.Target)];
            if (plan.Operation.Read && (left.Length == 0 || plan.Operation.Without is not null))
            {
                done.Add(plan with { Left = left });
            }
        }

        List<T> results = [];
        foreach ((Planned<T> plan, Task<T> read) in RunEach(done, (d, _, ct) => d.Plan.ReadAsync(ct)))
        {
            if (!read.IsFaulted)
            {
                results.Add(plan.Left.Count == 0 ? read.Result : plan.Operation.Without!(read.Result, plan.Left));
            }
            else if (plan.Left.Count == 0)
            {
                WriteError(read.Exception!.ToErrorRecord(plan.Operation.Target));
            }
        }

        return results;
    }

    /// <summary>
    /// The same work on many things side by side; each result or failure on its own, in the order given.
    /// </summary>
    private protected IReadOnlyList<(TItem Item, Task<TResult> Result)> RunEach<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, IReporter, CancellationToken, Task<TResult>> work)
    {
        TItem[] all = [.. items];
        if (all.Length == 0)
        {
            return [];
        }

        return RunToEnd(async (reporter, ct) =>
        {
            using SemaphoreSlim throttle = new(Throttle);
            Task<TResult>[] tasks = [.. all.Select(OneAsync)];
            await Task.WhenAll(tasks.Select(t => t.ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)))
                .ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
            return (IReadOnlyList<(TItem, Task<TResult>)>)[.. all.Zip(tasks, (item, task) => (item, task))];

            async Task<TResult> OneAsync(TItem item)
            {
                await throttle.WaitAsync(ct).ConfigureAwait(false);
                try
                {
                    return await work(item, reporter, ct).ConfigureAwait(false);
                }
                catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
                {
                    throw new ZfsEsxException("Timeout", FailureKind.Timeout, "", "Something took too long.", cause: e);
                }
                finally
                {
                    throttle.Release();
                }
            }
        }).GetAwaiter().GetResult();
    }

    private Asked Ask<T>(Plan<T> plan)
    {
        foreach (string warning in plan.Warnings)
        {
            WriteWarning(warning);
        }

        if (plan.Changes.Count == 0 && plan.Refusals.Count == 0)
        {
            WriteVerbose("Nothing to change: everything is as wanted.");
        }

        Asked answers = Asked.Ask(plan.Changes, Ask);
        foreach (Change change in answers.LeftOut)
        {
            WriteWarning(change + ": left out, because an earlier step was declined.");
        }

        return answers;
    }

    private Answer Ask(Change change)
    {
        // Word for word what the two-argument ShouldProcess says; this overload tells -WhatIf from a no.
        string sentence = "Performing the operation \"" + change.Action + "\" on target \"" + change.Target + "\".";
        string question = "Are you sure you want to perform this action?" + Environment.NewLine + sentence;
        if (!ShouldProcess(sentence, question, "Confirm", out ShouldProcessReason reason))
        {
            return reason == ShouldProcessReason.WhatIf ? Answer.OnlyShown : Answer.No;
        }

        if (change.Risk != ChangeRisk.DataLoss || SkipQuestions || AskedAlready)
        {
            return Answer.Yes;
        }

        string warning = change.Action + " (" + change.Target + "). Data, or the access to it, can be lost. Continue?";
        return ShouldContinue(warning, "Data can be lost", ref _yesToAll, ref _noToAll) ? Answer.Yes : Answer.No;
    }

    // ShouldProcess has asked already where -Confirm was given,
    // and in cmdlets that take something away it asks by itself.
    private bool AskedAlready =>
        (MyInvocation.BoundParameters.TryGetValue("Confirm", out object confirm)
            && confirm is SwitchParameter { IsPresent: true })
        || GetType().GetCustomAttribute<CmdletAttribute>()?.ConfirmImpact == ConfirmImpact.High;

    private void Report(IReadOnlyList<ChangeFailure> failures)
    {
        foreach (ChangeFailure failure in failures)
        {
            string[] notTried = [.. failure.NotTried.Select(c => c.Action)];
            WriteError(failure.Cause.ToErrorRecord(failure.Change.Target, notTried));
        }
    }

    private sealed record Planned<T>(Operation<T> Operation, Plan<T> Plan, Asked Answers)
    {
        /// <summary>Targets of which not every change was made.</summary>
        public IReadOnlyList<string> Left { get; init; } = [];

        public Task<IReadOnlyList<ChangeFailure>> MakeAsync(int throttle, IReporter reporter, CancellationToken ct) =>
            ChangeRunner.ApplyAsync(Answers.Accepted, throttle, reporter, ct);
    }
}

/// <summary>One thing a cmdlet has been asked for.</summary>
/// <param name="Target">The machine or thing, for messages.</param>
/// <param name="Plan">Observes and compares.</param>
/// <param name="Read">Whether the result is wanted.</param>
/// <param name="Without">
/// Takes the targets of which not every change was made out of a result of many; without it such a result is not given.
/// </param>
internal sealed record Operation<T>(
    string Target,
    Func<IReporter, CancellationToken, Task<Plan<T>>> Plan,
    bool Read = true,
    Func<T, IReadOnlyList<string>, T>? Without = null);
