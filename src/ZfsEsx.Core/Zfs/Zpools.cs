using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Pools of a storage VM.</summary>
public static class Zpools
{
    // Labels are written to every disk, and partitions have to appear: seconds per disk on slow storage.
    private static readonly TimeSpan s_createTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Reads all pools in one round trip.</summary>
    /// <exception cref="ZfsEsxException"><c>PoolsNotRead</c>.</exception>
    public static async Task<IReadOnlyList<Zpool>> GetAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(Resource.Text("pools.sh")), "PoolsNotRead", host.Name, "The pools cannot be listed",
            "Check that ZFS is installed and its kernel module loaded.", ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> parts = Sections.Split(answer.Output);
        return ZpoolText.Pools(host.Name, parts.Get("list"), parts.Get("status"));
    }

    /// <summary>Plans a new pool. A pool of this name on exactly these disks is left as it is.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>InvalidPoolName</c>, <c>PoolNameTaken</c>, <c>DiskNotFound</c>, <c>DiskInUse</c>, <c>DiskTwice</c>,
    /// <c>InvalidLayout</c>, <c>InvalidProperty</c>.
    /// </exception>
    public static async Task<Plan<Zpool>> PlanNewAsync(ZfsHost host, ZpoolRequest request, CancellationToken ct)
    {
        ZpoolPlanner.Check(request);
        DiskInventory observed = await HostDisks.ReadAsync(host, ct).ConfigureAwait(false);
        IReadOnlyList<string>? words =
            ZpoolPlanner.Compare(host.Name, observed, request, out IReadOnlyList<string> overwritten);
        List<Change> changes = [];
        if (words is not null)
        {
            changes.Add(new Change(
                host.Name + ": " + request.Name,
                ZpoolPlanner.Describe(request)
                    + (overwritten.Count == 0 ? "" : "; overwrites " + string.Join(", ", overwritten)),
                (reporter, token) => CreateAsync(host, request.Name, words, reporter, token),
                overwritten.Count == 0 ? ChangeRisk.Safe : ChangeRisk.DataLoss));
        }

        return new Plan<Zpool>(changes, token => ReadOneAsync(host, request.Name, token));
    }

    private static async Task CreateAsync(
        ZfsHost host, string pool, IReadOnlyList<string> words, IReporter reporter, CancellationToken ct)
    {
        string activity = "Create pool " + pool + " on " + host.Name;
        reporter.Progress(activity, "Labelling disks");
        try
        {
            await host.CheckAsync(
                new RemoteCommand(words) { Timeout = s_createTimeout }, "PoolNotCreated", pool,
                "The pool " + pool + " cannot be created",
                "See Get-ZfsDisk for what is on the disks; -Force takes disks with old content.", ct)
                    .ConfigureAwait(false);
        }
        finally
        {
            reporter.Completed(activity);
        }
    }

    private static async Task<Zpool> ReadOneAsync(ZfsHost host, string name, CancellationToken ct) =>
        (await GetAsync(host, ct).ConfigureAwait(false)).FirstOrDefault(p => p.Name == name)
        ?? throw new ZfsEsxException(
            "PoolNotFound", FailureKind.NotFound, name, "There is no pool " + name + " on " + host.Name + ".");
}
