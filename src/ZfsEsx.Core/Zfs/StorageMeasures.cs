using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>How fast the storage of a storage VM is: fio on a scratch file system of its own, which is gone
/// afterwards.</summary>
public static class StorageMeasures
{
    /// <summary>Plans a measurement. Its result is one object for each run.</summary>
    /// <exception cref="ZfsEsxException">
    /// <c>FioMissing</c>, <c>PoolNotFound</c>, <c>PoolUnknown</c>, <c>PoolNotUsable</c>, <c>FileSystemNotFound</c>,
    /// <c>NotEnoughSpace</c>, <c>MeasurementRuns</c>, <c>NoLogDevice</c>, <c>NotOnThisSystem</c>,
    /// <c>NfsServerMissing</c>,
    /// <c>ClientNotUsable</c>, <c>InvalidMeasurement</c>, <c>InvalidDatasetName</c>, <c>InvalidAddress</c>.
    /// </exception>
    public static async Task<Plan<IReadOnlyList<StorageMeasurement>>> PlanAsync(
        ZfsHost host, MeasureRequest request, CancellationToken ct)
    {
        MeasurePlanner.Check(request);
        bool nfs = request.Via.Contains(MeasureVia.Nfs);
        ZfsHost clientHost = request.Client ?? host;
        MeasureClientState? client =
            nfs ? await ClientAsync(host, clientHost, request, ct).ConfigureAwait(false) : null;
        CommandResult answer = await host.CheckAsync(
            MeasureState.Command(host, request.FileSystem ?? ""), "PoolsNotRead", host.Name,
                "The pools cannot be listed",
            "Check that ZFS is installed and its kernel module loaded.", ct).ConfigureAwait(false);
        MeasureState observed = MeasureState.Parse(host.Name, host.Dialect, answer.Output);
        MeasureWork work = MeasurePlanner.Compare(host.Name, observed, request);
        List<StorageMeasurement> results = [];
        string target = host.Name + ": " + work.Pool;
        List<Change> changes =
        [
            .. work.Left.Select(id => new Change(
                target, "Remove " + work.Pool + "/zfsesx-measure-" + id
                    + ", which a measurement that was broken off has left",
                (_, token) => new MeasureSession(host, id).DoAsync("clean", token, work.Pool))),
            new Change(
                target, MeasurePlanner.Describe(work, request, clientHost.Name),
                async (reporter, token) =>
                {
                    results.Clear();
                    await new Measuring(host, clientHost, client, work, request, results).RunAsync(reporter, token)
                        .ConfigureAwait(false);
                },
                work.Runs.Any(r => r.Log == MeasureLog.Offline) ? ChangeRisk.Disruptive : ChangeRisk.Safe),
        ];
        return new Plan<IReadOnlyList<StorageMeasurement>>(
            changes, _ => Task.FromResult<IReadOnlyList<StorageMeasurement>>([.. results]), work.Warnings);
    }

    private static async Task<MeasureClientState> ClientAsync(
        ZfsHost host, ZfsHost client, MeasureRequest request, CancellationToken ct)
    {
        if (host.System != HostSystem.Linux || client.System != HostSystem.Linux)
        {
            throw ZpoolFeatures.Missing((host.System != HostSystem.Linux ? host : client).Name,
                "Measurements by NFS (so far only by Linux)");
        }

        if (host.NfsServer == NfsServerState.Missing)
        {
            throw new ZfsEsxException(
                "NfsServerMissing", FailureKind.NotSupported, host.Name, host.Name + " has no NFS server.",
                "Install the system's NFS server and connect again, or measure with -Via Pool.");
        }

        string address = request.Address ?? throw new ZfsEsxException(
            "StorageAddressUnknown", FailureKind.InvalidArgument, host.Name,
            "The address of " + host.Name + " for the NFS client is not known.", "Give it with -Address.");
        CommandResult answer = await client.RunAsync(
            RemoteCommand.Script(Resource.Text("measure-client.sh"), address), ct).ConfigureAwait(false);
        MeasureClientState state = MeasureClientState.Parse(client.Name, answer.Output);
        MeasurePlanner.CheckClient(state, address);
        return state;
    }
}
