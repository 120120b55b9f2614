using System.Collections.Concurrent;

namespace ZfsEsx.Vim;

/// <summary>
/// Tasks of many changes, started one by one and waited for together: one filter sees all of them and the questions of
/// their VMs, whatever their number.
/// </summary>
internal sealed class TaskBatch(VimClient client) : ISharedWait
{
    private readonly ConcurrentDictionary<Change, VimTask> _started = new();

    /// <summary>A change that starts a task of a VM.</summary>
    public Change Change(
        MoRef vm, string method, string target, string doing, ChangeRisk risk = ChangeRisk.Safe, int stage = 0,
        params Arg?[] args)
    {
        Change? change = null;
        change = new Change(target, doing, StartAsync, risk, stage) { Wait = this };
        return change;

        async Task StartAsync(IReporter reporter, CancellationToken ct)
        {
            VimValue task = await client.CallAsync(vm, method, target, doing, ct, args).ConfigureAwait(false);
            _started[change!] = new VimTask(task.Ref, target, doing, vm);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(Change Change, Exception Cause)>> WaitAsync(
        IReadOnlyList<Change> started, IReporter reporter, CancellationToken ct)
    {
        IReadOnlyList<VimTaskResult> results = await client.WaitTasksAsync(
            [.. started.Select(c => _started[c])], reporter, ct).ConfigureAwait(false);
        return
        [
            .. started.Zip(results, (change, result) => (change, Cause: (Exception)result.Failure!))
                .Where(r => r.Cause is not null),
        ];
    }
}
