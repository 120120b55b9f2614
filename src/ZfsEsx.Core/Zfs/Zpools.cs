using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Pools of a storage VM.</summary>
public static class Zpools
{
    // The names that a pool itself has for its devices, beside those of disks.sh.
    private const string PlainScript = "printf '\\036plain\\n'; zpool status\n";

    // Labels are written to every disk, and partitions have to appear: seconds per disk on slow storage.
    private static readonly TimeSpan s_createTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    /// <summary>Reads all pools in one round trip.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolsNotRead</c>.</exception>
    public static async Task<IReadOnlyList<Zpool>> GetAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Resource.Text("pools.sh") + "exit 0\n"),
            "PoolsNotRead", host.Name, "The pools cannot be listed",
            "Check that ZFS is installed and its kernel module loaded.", ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> parts = Sections.Split(answer.Output);
        return ZpoolText.Pools(
            host.Name, parts.Get("list"), parts.Get("status"), parts.Get("damaged"), parts.Get("space"));
    }

    /// <summary>Plans a new pool. A pool of this name on exactly these disks is left as it is.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidPoolName</c>, <c>PoolNameTaken</c>, <c>DiskNotFound</c>, <c>DiskInUse</c>, <c>DiskTwice</c>,
    /// <c>InvalidLayout</c>, <c>InvalidProperty</c>, <c>NotOnThisSystem</c>.
    /// </exception>
    public static async Task<Plan<Zpool>> PlanNewAsync(ZfsHost host, ZpoolRequest request, CancellationToken ct)
    {
        ZpoolPlanner.Check(request);
        DiskInventory observed = HostDisks.Parse(
            host,
            await HostDisks.AskAsync(host, Names(request), Resource.Text("memory.sh"), ct).ConfigureAwait(false));
        return Planned(
            host, request.Name, "Create pool " + request.Name + " from " + ZpoolPlanner.Describe(request),
            ZpoolPlanner.New(host.Name, observed, request), "PoolNotCreated", "The pool cannot be created");
    }

    /// <summary>Plans to add disks to a pool. What is in the pool as wanted is left as it is.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>PoolNotFound</c>, <c>PoolNotUsable</c>, <c>DiskNotFound</c>, <c>DiskInUse</c>, <c>DiskTwice</c>,
    /// <c>InvalidLayout</c>, <c>NotOnThisSystem</c>.
    /// </exception>
    public static async Task<Plan<Zpool>> PlanAddAsync(ZfsHost host, ZpoolLayout layout, CancellationToken ct)
    {
        ZfsName.Pool(layout.Name);
        ZpoolPlanner.CheckGroups(layout);
        DiskInventory observed = await HostDisks.ReadAsync(host, Names(layout), ct).ConfigureAwait(false);
        return Planned(
            host, layout.Name, "Add to pool " + layout.Name + ": " + ZpoolPlanner.Describe(layout),
            ZpoolPlanner.Add(host.Name, observed, layout), "PoolNotExtended", "Disks cannot be added to the pool");
    }

    /// <summary>
    /// Plans to take devices out of a pool. What is not in it is left as it is; the pool itself stays.
    /// </summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="name">The pool.</param>
    /// <param name="disks">Disks by any name, or groups as the pool calls them: <c>mirror-1</c>.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException">
    /// <c>PoolNotFound</c>, <c>PoolNotUsable</c>, <c>DiskNotFound</c>, <c>DiskInGroup</c>, <c>DeviceNotRemovable</c>,
    /// <c>NotOnThisSystem</c>.
    /// </exception>
    public static async Task<Plan<Zpool>> PlanRemoveAsync(
        ZfsHost host, string name, IReadOnlyList<string> disks, CancellationToken ct)
    {
        ZfsName.Pool(name);
        string answer = await HostDisks.AskAsync(host, disks, PlainScript, ct).ConfigureAwait(false);
        IReadOnlyList<Vdev> plain = ZpoolText.Pools(host.Name, null, Sections.Split(answer).Get("plain"))
            .FirstOrDefault(p => p.Name == name)?.Vdevs ?? [];
        IReadOnlyList<(string Name, Vdev Vdev)> removed =
            ZpoolRemoval.Compare(host.Name, HostDisks.Parse(host, answer), name, plain, disks);
        List<Change> changes = [];
        if (removed.Count > 0)
        {
            changes.Add(new Change(
                host.Name + ": " + name,
                "Take out of pool " + name + ": " + string.Join(", ", removed.Select(ZpoolRemoval.Describe)),
                (reporter, token) => RemoveAsync(host, name, [.. removed.Select(r => r.Name)], reporter, token),
                ChangeRisk.Disruptive));
        }

        return new Plan<Zpool>(changes, token => ReadOneAsync(host, name, token));
    }

    private static IEnumerable<string> Names(ZpoolLayout layout) => layout.Groups().SelectMany(g => g.Vdev.Disks);

    private static Plan<Zpool> Planned(
        ZfsHost host, string name, string action, ZpoolCommand? command, string id, string failure)
    {
        List<Change> changes = [];
        if (command is not null)
        {
            changes.Add(new Change(
                host.Name + ": " + name,
                action
                    + (command.Overwritten.Count == 0 ? "" : "; overwrites " + string.Join(", ", command.Overwritten)),
                (reporter, token) => RunAsync(host, name, command.Words, id, failure, reporter, token),
                command.Overwritten.Count == 0 ? ChangeRisk.Safe : ChangeRisk.DataLoss));
        }

        return new Plan<Zpool>(changes, token => ReadOneAsync(host, name, token), command?.Warnings);
    }

    private static async Task RunAsync(
        ZfsHost host, string pool, IReadOnlyList<string> words, string id, string failure, IReporter reporter,
        CancellationToken ct)
    {
        string activity = "Pool " + pool + " on " + host.Name;
        reporter.Progress(activity, "Labelling disks");
        try
        {
            await host.CheckAsync(
                new RemoteCommand(words) { Timeout = s_createTimeout }, id, pool, failure,
                "See Get-ZfsDisk for what is on the disks; -Force takes disks with old content.", ct)
                    .ConfigureAwait(false);
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    // The command only begins to move the data of a disk; the pool works on without us, too.
    private static async Task RemoveAsync(
        ZfsHost host, string pool, IReadOnlyList<string> names, IReporter reporter, CancellationToken ct)
    {
        await host.CheckAsync(
            new RemoteCommand(["zpool", "remove", pool, .. names]), "DeviceNotRemoved", pool,
            "Devices cannot be taken out of the pool", "The pool must have room for what is on them.", ct)
                .ConfigureAwait(false);
        await WaitAsync(
            host, pool, "Take devices out of pool " + pool + " on " + host.Name,
            p => ZpoolRemoval.Percent(p.Removal) is int percent ? (p.Removal, percent) : null, reporter, ct)
                .ConfigureAwait(false);
    }

    /// <summary>
    /// Reports how far something is until it does not run any more. A suspended pool goes on saying that it runs.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>PoolNotFound</c>, <c>PoolNotUsable</c>.</exception>
    internal static async Task<Zpool> WaitAsync(
        ZfsHost host, string pool, string activity, Func<Zpool, (string Text, int? Percent)?> running,
        IReporter reporter, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                Zpool now = await ReadOneAsync(host, pool, ct).ConfigureAwait(false);
                if (now.State is not ("ONLINE" or "DEGRADED"))
                {
                    throw ZpoolShape.NotUsable(host.Name, now);
                }

                if (running(now) is not (string text, var percent))
                {
                    return now;
                }

                reporter.Progress(activity, text, percent);
                await Task.Delay(s_pause, ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            reporter.Warning(activity + ": it goes on on the storage VM; Get-EncapsulatedZpool shows how far it is.");
            throw;
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    internal static async Task<Zpool> ReadOneAsync(ZfsHost host, string name, CancellationToken ct) =>
        ZpoolShape.Find(host.Name, await GetAsync(host, ct).ConfigureAwait(false), name);
}
