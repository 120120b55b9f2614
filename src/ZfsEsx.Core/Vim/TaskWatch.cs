using System.Diagnostics;

namespace ZfsEsx.Vim;

/// <summary>
/// Waits for tasks that are begun side by side: one filter and one long poll at a time for all of them. A task goes on
/// when the connection drops, so a lost poll is made again.
/// </summary>
internal sealed class TaskWatch(VimClient client)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly object _lock = new();
    private readonly List<Entry> _pending = [];
    private Action? _interrupt;
    private Task _pump = Task.CompletedTask;
    private int _coming;

    /// <summary>Calls a method that begins a task, and waits for its end.</summary>
    /// <exception cref="ZfsEsxException">The task failed, or its VM asks a question.</exception>
    public async Task CallAsync(
        MoRef self, string method, string target, string doing, IReporter reporter, CancellationToken ct,
        params Arg?[] args)
    {
        VimTaskResult result = await RunAsync(
            async () =>
            {
                VimValue task = await client.CallAsync(self, method, target, doing, ct, args).ConfigureAwait(false);
                return new VimTask(task.Ref, target, doing, self.Type == "VirtualMachine" ? self : null);
            },
            reporter, ct).ConfigureAwait(false);
        if (result.Failure is ZfsEsxException failure)
        {
            throw failure;
        }
    }

    /// <summary>Begins a task and waits for its end.</summary>
    public async Task<VimTaskResult> RunAsync(
        Func<Task<VimTask>> begin, IReporter reporter, CancellationToken ct)
    {
        Entry entry;
        lock (_lock)
        {
            _coming++;
        }

        try
        {
            entry = new Entry(await begin().ConfigureAwait(false));
            lock (_lock)
            {
                _pending.Add(entry);
            }
        }
        finally
        {
            Begun(reporter, ct);
        }

        try
        {
            return await entry.End.Task.ConfigureAwait(false);
        }
        finally
        {
            reporter.Completed(entry.Activity);
            if (ct.IsCancellationRequested)
            {
                await _pump.ConfigureAwait(false);
            }
        }
    }

    // The last one of those that come together makes the filter, so that there is one for all.
    private void Begun(IReporter reporter, CancellationToken ct)
    {
        lock (_lock)
        {
            _coming--;
            if (_coming > 0 || _pending.Count == 0)
            {
                return;
            }

            if (_pump.IsCompleted)
            {
                _pump = Task.Run(() => PumpAsync(reporter, ct), CancellationToken.None);
            }
            else
            {
                _interrupt?.Invoke();
            }
        }
    }

    private async Task PumpAsync(IReporter reporter, CancellationToken ct)
    {
        Stopwatch lost = new();
        while (true)
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(ct);
            Entry[] now = Pending(either.Cancel);
            if (now.Length == 0)
            {
                return;
            }

            try
            {
                bool ended = await client.WatchAsync(
                    Query(now),
                    known =>
                    {
                        lost.Reset();
                        return Update(now, known, reporter);
                    },
                    s_longest, either.Token).ConfigureAwait(false);
                if (!ended)
                {
                    End(now, e => e.End.TrySetResult(new VimTaskResult(e.Task, VimValue.None,
                        VimClient.NotEnded(e.Task))));
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // More tasks have come.
            }
            catch (OperationCanceledException)
            {
                Entry[] running = Pending(null);
                reporter.Warning("Stopped waiting. Still running on " + client.Name + ": "
                    + string.Join(", ", running.Select(e => e.Task)) + ".");
                End(running, e => e.End.TrySetCanceled(ct));
            }
            catch (ZfsEsxException e) when (e.Kind is FailureKind.Connection or FailureKind.Timeout
                && lost.Elapsed < s_patience)
            {
                lost.Start();
                reporter.Verbose(e.Message + " The tasks go on; looking again.");
                await Task.WhenAny(Task.Delay(s_pause, ct)).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                End(now, entry => entry.End.TrySetException(e));
            }

            lock (_lock)
            {
                _interrupt = null;
            }
        }
    }

    private Entry[] Pending(Action? interrupt)
    {
        lock (_lock)
        {
            _interrupt = interrupt;
            _pending.RemoveAll(e => e.End.Task.IsCompleted);
            if (_pending.Count == 0)
            {
                // Under the lock: whoever comes next finds no pump, and starts one.
                _pump = Task.CompletedTask;
                _interrupt = null;
            }

            return [.. _pending];
        }
    }

    private static void End(Entry[] entries, Action<Entry> end)
    {
        foreach (Entry entry in entries)
        {
            end(entry);
        }
    }

    private static PropertyQuery Query(Entry[] entries)
    {
        PropertyQuery query = new PropertyQuery()
            .Read("Task", "info.state", "info.progress", "info.error", "info.result")
            .From(entries.Select(e => e.Task.Ref));
        MoRef[] vms = [.. entries.Select(e => e.Task.Vm).OfType<MoRef>()];
        return vms.Length == 0 ? query : query.Read("VirtualMachine", "runtime.question").From(vms);
    }

    private static bool Update(Entry[] entries, IReadOnlyDictionary<MoRef, VimObject> known, IReporter reporter)
    {
        foreach (Entry entry in entries.Where(e => !e.End.Task.IsCompleted && known.ContainsKey(e.Task.Ref)))
        {
            VimObject state = known[entry.Task.Ref];
            if (VimClient.End(entry.Task, state, known) is VimTaskResult result)
            {
                entry.End.TrySetResult(result);
            }
            else
            {
                string progress = state["info.progress"].Text;
                reporter.Progress(
                    entry.Activity, state["info.state"].Text == "queued" ? "Queued" : "Running",
                    progress.Length > 0 ? state["info.progress"].Int : null);
            }
        }

        return entries.All(e => e.End.Task.IsCompleted);
    }

    private sealed class Entry(VimTask task)
    {
        public VimTask Task { get; } = task;

        public string Activity => Task.Target + ": " + Task.Doing;

        public TaskCompletionSource<VimTaskResult> End { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
