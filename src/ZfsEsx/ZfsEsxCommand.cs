using System.Diagnostics;
using System.Management.Automation;
using ZfsEsx.Os;

namespace ZfsEsx;

/// <summary>
/// What every cmdlet of ZfsEsx shares: work runs off the pipeline thread and speaks through <see cref="IReporter"/>;
/// only this class writes and asks. Work never outlives its cmdlet: when the pipeline stops, it is cancelled and
/// waited for.
/// </summary>
public abstract partial class ZfsEsxCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>The connections of this runspace.</summary>
    private protected SessionTable Sessions { get; private set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Sessions = SessionTable.Current;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(Record);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(Finish);

    /// <summary>One object from the pipeline: cmdlets collect here.</summary>
    private protected virtual void Record()
    {
    }

    /// <summary>Everything has come: cmdlets work here, so that many objects cost as few calls as one.</summary>
    private protected virtual void Finish()
    {
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The cmdlet had ended already.
        }
    }

    /// <summary>Frees what the cmdlet holds; PowerShell calls it even when EndProcessing is never reached.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <summary>
    /// Whether a parameter that can also come from the pipeline was given in neither way: all are meant then.
    /// </summary>
    private protected bool IsLeftOut(string parameter) =>
        !MyInvocation.ExpectingInput && !MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>All storage VMs connected to.</summary>
    /// <exception cref="ZfsEsxException"><c>NotConnected</c>: there is none.</exception>
    private protected IReadOnlyList<ZfsHost> Connected => Sessions.Hosts.Count > 0
        ? Sessions.Hosts
        : throw new ZfsEsxException(
            "NotConnected", FailureKind.Connection, "ZfsHost", "There is no connection to a storage VM.",
            "Open one with Connect-ZfsHost -Name uss1.");

    /// <summary>Says which names are nowhere; what could not be asked may have them.</summary>
    private protected void WriteNotFound<T>(NameSearch<T> search, bool anyFaulted = false)
    {
        foreach (ZfsEsxException missing in anyFaulted ? [] : search.NotFound())
        {
            WriteError(missing.ToErrorRecord(missing.Target));
        }
    }

    /// <summary>Does the work and returns its result. A failure becomes a non-terminating error: then false.</summary>
    private protected bool TryRun<T>(string target, Func<IReporter, CancellationToken, Task<T>> work, out T result)
    {
        Task<T> task = RunToEnd(work);
        if (task.IsFaulted)
        {
            WriteError(task.Exception!.ToErrorRecord(target));
        }

        result = task.IsFaulted ? default! : task.Result;
        return !task.IsFaulted;
    }

    /// <summary>
    /// Does the work and waits for it while writing what it says. The task returned has ended, well or not.
    /// </summary>
    private protected Task<T> RunToEnd<T>(Func<IReporter, CancellationToken, Task<T>> work)
    {
        CancellationToken ct = _stop.Token;
        WorkPump pump = new(new CmdletStreams(this, ct), () => _clock.Elapsed);
        Task<T> task = Task.Run(
            async () =>
            {
                try
                {
                    return await work(pump, ct).ConfigureAwait(false);
                }
                finally
                {
                    pump.End();
                }
            },
            CancellationToken.None);
        try
        {
            pump.Drain();
        }
        catch
        {
            // Select-Object -First, Ctrl+C or -ErrorAction Stop: the work must not outlive the cmdlet.
            _stop.Cancel();
            Wait(task);
            pump.Drain();
            throw;
        }

        Wait(task);
        if (ct.IsCancellationRequested && !(task.Status == TaskStatus.RanToCompletion))
        {
            throw new PipelineStoppedException();
        }

        // A cancelled task without a stop is a timeout of something below that did not say so.
        return task.IsCanceled
            ? Task.FromException<T>(new ZfsEsxException(
                "Timeout", FailureKind.Timeout, "", "The work was cancelled from within: something took too long."))
            : task;
    }

    private void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (ZfsEsxException failure)
        {
            WriteError(failure.ToErrorRecord(failure.Target));
        }
    }

    private static void Wait(Task task) => ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
}
