using System.Diagnostics;

namespace ZfsEsx.Failover;

/// <summary>Changes whose time is taken, for the report.</summary>
internal sealed class StepLog
{
    private readonly object _lock = new();
    private readonly List<FailoverStep> _steps = [];
    private readonly List<string> _notPossible = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public IReadOnlyList<FailoverStep> Steps => Read(_steps);

    public IReadOnlyList<string> NotPossible => Read(_notPossible);

    public double Seconds => Math.Round(_clock.Elapsed.TotalSeconds, 1);

    public void Fail(string what)
    {
        lock (_lock)
        {
            if (!_notPossible.Contains(what))
            {
                _notPossible.Add(what);
            }
        }
    }

    /// <summary>A change that is in the report with its time, well or not.</summary>
    /// <param name="stage">All changes of a lower stage have ended before.</param>
    /// <param name="target">On what.</param>
    /// <param name="action">What is done.</param>
    /// <param name="apply">Does it.</param>
    /// <param name="risk">How much it can hurt.</param>
    /// <param name="afterAll">Not made when a change before it failed.</param>
    /// <param name="tolerant">A failure goes into the report and does not end the run.</param>
    public Change Step(
        int stage, string target, string action, Func<IReporter, CancellationToken, Task> apply,
        ChangeRisk risk = ChangeRisk.Safe, bool afterAll = true, bool tolerant = false)
    {
        return new Change(target, action, TimedAsync, risk, stage, afterAll);

        async Task TimedAsync(IReporter reporter, CancellationToken ct)
        {
            Stopwatch clock = Stopwatch.StartNew();
            string? error = null;
            try
            {
                await apply(reporter, ct).ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (tolerant)
            {
                error = e.Message;
                Fail(target + ": " + e.Message);
                reporter.Warning(target + ": " + e.Text);
            }
            catch (Exception e)
            {
                error = e.Message;
                throw;
            }
            finally
            {
                lock (_lock)
                {
                    _steps.Add(new FailoverStep(target, action, Math.Round(clock.Elapsed.TotalSeconds, 1), error));
                }
            }
        }
    }

    private IReadOnlyList<T> Read<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}
