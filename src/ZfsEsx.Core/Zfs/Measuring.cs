using System.Globalization;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>One measurement under way.</summary>
internal sealed class Measuring(
    ZfsHost host, ZfsHost clientHost, MeasureClientState? client, MeasureWork work, MeasureRequest request,
    List<StorageMeasurement> results)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly string _activity = "Measuring " + work.FileSystem + " on " + host.Name;
    private bool _offline;

    private string Folder => "/zfsesx-measure-" + _id;

    private string NfsFolder => "/var/run/zfsesx-measure-" + _id + "/nfs";

    public async Task RunAsync(IReporter reporter, CancellationToken ct)
    {
        MeasureSession server = new(host, _id);
        MeasureSession other = client is null || clientHost == host ? server : new MeasureSession(clientHost, _id);
        MeasureSession[] sessions = other == server ? [server] : [other, server];
        try
        {
            foreach (MeasureSession session in sessions)
            {
                await session.OpenAsync(session == server ? work.Pool : "", request.Patience, ct).ConfigureAwait(false);
            }

            await PrepareAsync(server, other, reporter, ct).ConfigureAwait(false);
            for (int i = 0; i < work.Runs.Count; i++)
            {
                StorageMeasurement result = await OneAsync(server, other, i, reporter, ct).ConfigureAwait(false);
                reporter.Verbose(result.ToString());
                results.Add(result);
            }

            reporter.Progress(_activity, "Putting everything away");
            foreach (MeasureSession session in sessions)
            {
                await session.CloseAsync(ct).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // The guards do the rest, also where we cannot tell them: the connection may be what has broken.
            foreach (MeasureSession session in sessions)
            {
                try
                {
                    await session.StopAsync().ConfigureAwait(false);
                }
                catch (Exception lost) when (lost is ZfsEsxException or ObjectDisposedException)
                {
                    reporter.Verbose(lost.Message);
                }
            }

            if (e is OperationCanceledException)
            {
                reporter.Warning(
                    host.Name + " puts the scratch file system " + work.Pool + Folder + " away by itself"
                    + (_offline ? ", and takes the log back" : "") + ", within three minutes at most.");
            }

            throw;
        }
        finally
        {
            reporter.Completed(_activity);
        }
    }

    private async Task PrepareAsync(
        MeasureSession server, MeasureSession other, IReporter reporter, CancellationToken ct)
    {
        reporter.Progress(_activity, "Writing a file of " + request.Size);
        await server.DoAsync("scratch", ct, [work.Pool, .. work.Properties]).ConfigureAwait(false);
        MeasureSession writer = request.Via.Contains(MeasureVia.Pool) || other == server ? server : other;
        if (client is not null)
        {
            NfsShareRequest share = new()
            {
                FileSystem = work.Pool + Folder, MountPoint = Folder, Clients = [new NfsClient(client.Address)],
            };
            string options = host.Dialect.ShareOptions(share);
            await server.DoAsync("set", ct, work.Pool, "sharenfs=" + options).ConfigureAwait(false);
            await other.DoAsync("mount", ct, request.Address!).ConfigureAwait(false);
        }

        string file = writer == server ? Folder + "/file" : NfsFolder + "/file";
        await LoadAsync(
            server, writer, MeasurePlanner.FillArguments(request, file),
            TimeSpan.FromSeconds(120 + request.Size.Bytes / 1_000_000), () => { }, ct).ConfigureAwait(false);
    }

    private async Task<StorageMeasurement> OneAsync(
        MeasureSession server, MeasureSession other, int index, IReporter reporter, CancellationToken ct)
    {
        MeasureRun run = work.Runs[index];
        await SetLogAsync(server, run.Log, ct).ConfigureAwait(false);
        MeasureSession runner = run.Via == MeasureVia.Nfs ? other : server;
        string file = (run.Via == MeasureVia.Nfs ? NfsFolder : Folder) + "/file";
        string what = run.Workload.Name + " by " + run.Via + ", log " + run.Log.ToString().ToLowerInvariant() + " ("
            + (index + 1).ToString(CultureInfo.InvariantCulture) + " of "
                + work.Runs.Count.ToString(CultureInfo.InvariantCulture) + ")";
        int ticks = 0;
        IReadOnlyList<Seen> seen = await LoadAsync(
            server, runner, MeasurePlanner.Arguments(run, request, file),
                TimeSpan.FromSeconds(90 + 3 * request.Seconds),
            () =>
            {
                double done = index + Math.Min(1, ++ticks * s_pause.TotalSeconds / (request.Seconds + 2));
                reporter.Progress(_activity, what, (int)(100 * done / work.Runs.Count));
            },
            ct).ConfigureAwait(false);

        // What was seen while it ran: the last look is from after its end, and counts only when there is no other.
        Seen first = seen[0], last = seen[Math.Max(seen.Count - 2, Math.Min(1, seen.Count - 1))];
        MeasureLoad load = MeasureLoad.Between(first.Here.Sample, last.Here.Sample, work.DataDevices, work.LogDevices);
        MeasureLoad? clientLoad = run.Via == MeasureVia.Nfs && runner != server
            ? MeasureLoad.Between(first.There.Sample, last.There.Sample, [], []) : null;
        return Result(run, FioReport.Parse(seen[seen.Count - 1].There.Report)!, load, clientLoad);
    }

    private StorageMeasurement Result(MeasureRun run, FioReport report, MeasureLoad load, MeasureLoad? clientLoad) =>
        new()
    {
        ZfsHost = host.Name,
        FileSystem = work.FileSystem,
        Via = run.Via,
        Client = run.Via == MeasureVia.Nfs ? clientHost.Name : host.Name,
        Workload = run.Workload.Name,
        BlockSize = run.Workload.BlockSize,
        ReadPercent = run.Workload.ReadPercent,
        QueueDepth = request.QueueDepth,
        Sync = work.Sync,
        Log = run.Log,
        ReadIops = report.Read.Iops,
        WriteIops = report.Write.Iops,
        ReadBytesPerSecond = report.Read.BytesPerSecond,
        WriteBytesPerSecond = report.Write.BytesPerSecond,
        ReadMsP50 = report.Read.P50,
        ReadMsP95 = report.Read.P95,
        ReadMsP99 = report.Read.P99,
        ReadMsP999 = report.Read.P999,
        WriteMsP50 = report.Write.P50,
        WriteMsP95 = report.Write.P95,
        WriteMsP99 = report.Write.P99,
        WriteMsP999 = report.Write.P999,
        Seconds = Math.Round(report.Seconds, 1),
        Time = report.Time,
        LimitedBy = load.LimitedBy(clientLoad),
        Processor = load.Processor,
        ClientProcessor = clientLoad?.Processor,
        DataDisk = load.DataDisk,
        DataDiskWrites = load.DataDiskWrites,
        LogDisk = load.LogDisk,
    };

    private async Task SetLogAsync(MeasureSession server, MeasureLog log, CancellationToken ct)
    {
        if (request.CompareLog == LogComparison.Logbias)
        {
            await server.DoAsync(
                "set", ct, work.Pool, log == MeasureLog.Bypassed ? "logbias=throughput" : "logbias=latency")
                    .ConfigureAwait(false);
        }
        else if (log == MeasureLog.Offline != _offline)
        {
            // First, as it may be cancelled in the middle: the guard takes back what was never away, too.
            _offline = true;
            await server.DoAsync(
                log == MeasureLog.Offline ? "offline" : "online", ct,
                log == MeasureLog.Offline ? [work.Pool, .. work.Log] : []).ConfigureAwait(false);
            _offline = log == MeasureLog.Offline;
        }
    }

    /// <summary>Runs fio on one system while both are looked at; the guards of both hear from us.</summary>
    private static async Task<IReadOnlyList<Seen>> LoadAsync(
        MeasureSession server, MeasureSession runner, IReadOnlyList<string> arguments, TimeSpan limit, Action goesOn,
        CancellationToken ct)
    {
        List<Seen> seen = [];
        await runner.DoAsync("run", ct, [.. arguments]).ConfigureAwait(false);
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(ct);
        time.CancelAfter(limit);
        try
        {
            while (true)
            {
                await Task.Delay(s_pause, time.Token).ConfigureAwait(false);
                Task<MeasureNews> there = runner.PollAsync();
                Task<MeasureNews> here = runner == server ? there : server.PollAsync();
                await Task.WhenAll(there, here).ConfigureAwait(false);
                seen.Add(new Seen(here.Result, there.Result));
                if (there.Result.Code is not { } code)
                {
                    goesOn();
                    continue;
                }

                return code == 0 && FioReport.Parse(there.Result.Report) is { Error: 0 }
                    ? seen : throw new ZfsEsxException(
                    "MeasurementFailed", FailureKind.Failed, runner.Host.Name,
                    "fio on " + runner.Host.Name + " ended with " + code.ToString(CultureInfo.InvariantCulture) + ": "
                        + (there.Result.Said.Length > 0 ? there.Result.Said : "no report of fio 3 or newer") + ".",
                    null);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ZfsEsxException(
                "MeasurementTimeout", FailureKind.Timeout, runner.Host.Name,
                "A run on " + runner.Host.Name + " did not end within "
                    + limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)
                    + " s and was stopped.",
                "Look at the pool with Test-EncapsulatedZpool; a smaller -Size takes less time to write.");
        }
    }

    /// <summary>One look at the storage VM, and at the system that fio runs on.</summary>
    private sealed record Seen(MeasureNews Here, MeasureNews There);
}
