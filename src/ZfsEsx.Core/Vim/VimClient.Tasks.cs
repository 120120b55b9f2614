namespace ZfsEsx.Vim;

public sealed partial class VimClient
{
    private static readonly TimeSpan s_longestTask = TimeSpan.FromDays(1);

    private const string HowToGoOn =
        "It goes on by itself; the vSphere client shows it under Recent Tasks. "
        + "Run the same command again once it has ended.";

    private static readonly TimeSpan[] s_busy =
    [
        TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4),
        TimeSpan.FromSeconds(8),
    ];

    /// <summary>Starts a task and waits for its end.</summary>
    /// <exception cref="ZfsEsxException">The task failed, or its VM asks a question
    /// (<c>VmQuestionPending</c>).</exception>
    internal Task<VimValue> RunTaskAsync(
        MoRef self, string method, string target, string doing, IReporter reporter, CancellationToken ct,
        params Arg?[] args)
    {
        return WhileBusyAsync(RunOnceAsync, target, doing, reporter, ct);

        async Task<VimValue> RunOnceAsync()
        {
            VimValue task = await CallAsync(self, method, target, doing, ct, args).ConfigureAwait(false);
            MoRef? vm = self.Type == "VirtualMachine" ? self : null;
            VimTaskResult result = (await WaitTasksAsync([new VimTask(task.Ref, target, doing, vm)], reporter, ct)
                .ConfigureAwait(false))[0];
            return result.Failure is ZfsEsxException failure ? throw failure : result.Result;
        }
    }

    /// <summary>Runs a task again a little later when another task works on the object.</summary>
    internal static async Task<VimValue> WhileBusyAsync(
        Func<Task<VimValue>> once, string target, string doing, IReporter reporter, CancellationToken ct)
    {
        for (int again = 0; ; again++)
        {
            try
            {
                return await once().ConfigureAwait(false);
            }
            catch (ZfsEsxException e) when (e.IsFault("TaskInProgress") && again < s_busy.Length)
            {
                // The server has done nothing: another task works on the object, most often one that ends soon.
                reporter.Verbose(target + ": " + doing + ": waiting for another task.");
                await Task.Delay(s_busy[again], ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Waits for many tasks with one filter, which also looks at the questions of their VMs: a task whose VM waits for
    /// an answer would never end.
    /// </summary>
    internal async Task<IReadOnlyList<VimTaskResult>> WaitTasksAsync(
        IReadOnlyList<VimTask> tasks, IReporter reporter, CancellationToken ct)
    {
        Dictionary<MoRef, VimTaskResult> ended = [];
        PropertyQuery query = new PropertyQuery()
            .Read("Task", "info.state", "info.progress", "info.error", "info.result")
            .From(tasks.Select(t => t.Ref));
        MoRef[] vms = tasks.Select(t => t.Vm).OfType<MoRef>().ToArray();
        if (vms.Length > 0)
        {
            query.Read("VirtualMachine", "runtime.question").From(vms);
        }

        try
        {
            await WatchAsync(query, known => Update(tasks, known, ended, reporter), s_longestTask, ct)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (ct.IsCancellationRequested)
        {
            string still = "Stopped waiting. Still running on " + Name + ": " + Running() + ".";
            reporter.Warning(still);
            throw new OperationCanceledException(still, e, ct);
        }
        catch (ZfsEsxException e)
        {
            throw new ZfsEsxException(
                e.Id, e.Kind, e.Target,
                e.IsFault("ManagedObjectNotFound")
                    ? Name + " does not know the task any more, perhaps because it was restarted: " + Running() + "."
                    : e.Message + " As far as is known, still running on " + Name + ": " + Running() + ".",
                e.IsFault("NotAuthenticated")
                    ? "Connect again with Connect-VIServer. " + HowToGoOn
                    : HowToGoOn,
                e.InnerException);
        }
        finally
        {
            foreach (VimTask task in tasks)
            {
                reporter.Completed(task.Target + ": " + task.Doing);
            }
        }

        string Running() => string.Join(", ", tasks.Where(t => !ended.ContainsKey(t.Ref)));

        return tasks.Select(t =>
            ended.TryGetValue(t.Ref, out VimTaskResult? r) ? r : new VimTaskResult(t, VimValue.None, NotEnded(t)))
            .ToArray();
    }

    private static bool Update(
        IReadOnlyList<VimTask> tasks, IReadOnlyDictionary<MoRef, VimObject> known,
        Dictionary<MoRef, VimTaskResult> ended, IReporter reporter)
    {
        foreach (VimTask task in tasks)
        {
            if (ended.ContainsKey(task.Ref) || !known.TryGetValue(task.Ref, out VimObject? state))
            {
                continue;
            }

            if (End(task, state, known) is VimTaskResult result)
            {
                ended[task.Ref] = result;
            }
            else if (state["info.progress"].Text.Length > 0)
            {
                reporter.Progress(task.Target + ": " + task.Doing, "Running", state["info.progress"].Int);
            }
        }

        return ended.Count == tasks.Count;
    }

    internal static VimTaskResult? End(VimTask task, VimObject state, IReadOnlyDictionary<MoRef, VimObject> known)
    {
        switch (state["info.state"].Text)
        {
            case "success":
                return new VimTaskResult(task, state["info.result"], null);
            case "error":
                VimValue error = state["info.error"];
                VimFaultException fault = new(
                    error["fault"].XsiType ?? "SystemError", error["localizedMessage"].Text, error["fault"]);
                return new VimTaskResult(task, VimValue.None, VimFaults.ToException(fault, task.Target, task.Doing));
            default:
                return task.Vm is MoRef vm && known.TryGetValue(vm, out VimObject? machine)
                    && machine["runtime.question"]["id"].Exists
                    ? new VimTaskResult(task, VimValue.None, Asked(task, machine["runtime.question"]))
                    : null;
        }
    }

    private static ZfsEsxException Asked(VimTask task, VimValue question)
    {
        IEnumerable<string> choices = question["choice"].All("choiceInfo").Select(c => "'" + c["summary"].Text + "'");
        return new ZfsEsxException(
            "VmQuestionPending", FailureKind.InvalidState, task.Target,
            task + " waits for an answer: " + question["text"].Text.Trim() + " Choices: " + string.Join(", ", choices)
                + ".",
            "Answer it in the vSphere client, or with Get-VM | Get-VMQuestion | Set-VMQuestion; the task then goes "
                + "on.");
    }

    internal static ZfsEsxException NotEnded(VimTask task) => new(
        "TaskTimeout", FailureKind.Timeout, task.Target, task + " has not ended within a day.",
        "Look at the task in the vSphere client.");
}
