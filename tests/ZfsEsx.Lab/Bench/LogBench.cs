using System.Globalization;
using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Lab.Bench;

/// <summary>
/// What a log device is good for: synchronous random writes of 4 KB through NFS, with the log device and without it,
/// on a storage VM whose data disk is as slow as a disk of 7,200 rpm and whose log is not. Measured by the product, in
/// a lab of its own with one storage VM; the client is a host's network namespace.
/// </summary>
internal sealed class LogBench : IBench
{
    /// <summary>Operations per second of a disk of 7,200 rpm; no bursts.</summary>
    private const int DiskIops = 80;

    private const double Least = 3;

    public string Name => "log";

    public async Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct)
    {
        Lab lab = await Lab.UpAsync(
            new LabOptions
            {
                Name = "bench-" + Environment.ProcessId, Nodes = 1, DataDiskIops = DiskIops,
                    DataDiskBurstIops = DiskIops,
            },
            Console.WriteLine, ct);
        try
        {
            LabStorageVm machine = new(lab, "uss1");
            await machine.StartAsync(ct);
            using ZfsHost storage = await machine.ConnectAsync(ct);
            using ZfsHost client = await machine.ConnectClientAsync(ct);
            await machine.PrepareAsync(storage, ct);
            // Records as for the disks of VMs: of 128 KB, each write of 4 KB has 32 times as much written out.
            NfsShareRequest share = new()
            {
                FileSystem = "sp1/vms", MountPoint = "/vms", Clients = [new NfsClient(lab.Nodes[0].HostStorageAddress)],
                RecordSize = 16 << 10,
            };
            await (await NfsShares.PlanSetAsync(storage, share, ct)).RunAsync(SilentReporter.Instance, ct);
            MeasureRequest request = new()
            {
                FileSystem = share.FileSystem,
                Via = [MeasureVia.Nfs],
                Workloads = [MeasureWorkload.Find("Write4k")],
                Size = 16 << 20,
                Repeat = options.Rounds,
                CompareLog = LogComparison.Offline,
                Client = client,
                Address = machine.Address,
            };
            return Result(await (await StorageMeasures.PlanAsync(storage, request, ct)).RunAsync(new Saying(), ct));
        }
        finally
        {
            await lab.DownAsync();
        }
    }

    /// <summary>The figures of runs with and without the log device.</summary>
    internal static BenchResult Result(IReadOnlyList<StorageMeasurement> runs)
    {
        StorageMeasurement[] with = [.. runs.Where(r => r.Log == MeasureLog.Used)];
        StorageMeasurement[] without = [.. runs.Where(r => r.Log == MeasureLog.Offline)];
        double ratio = ManyHosts.Median(with.Zip(without, (a, b) => a.WriteIops / b.WriteIops));
        return new BenchResult(
            [
                ("synchronous writes of 4 KB by NFS with the log device", Rate(with)),
                ("  limited by " + Limit(with), ""),
                ("  without it", Rate(without)),
                ("  limited by " + Limit(without), ""),
                ("  ratio", ratio.ToString("0.00", CultureInfo.InvariantCulture)),
            ],
            new JsonObject
            {
                ["logRatio"] = Math.Round(ratio, 2), ["logWith"] = Json(with), ["logWithout"] = Json(without),
            },
            ratio >= Least ? null : string.Create(
                CultureInfo.InvariantCulture,
                    $"logRatio {ratio:0.00} is not at least {Least}; with the log limited by {Limit(with)}"));
    }

    private static JsonObject Json(StorageMeasurement[] runs) => new()
    {
        ["iops"] = Math.Round(Iops(runs), 1),
        ["msP99"] = Math.Round(ManyHosts.Median(runs.Select(r => r.WriteMsP99 ?? 0)), 1),
        ["rounds"] = new JsonArray([.. runs.Select(r => JsonValue.Create(r.WriteIops))]),
        ["limitedBy"] = MostOf(runs).ToString(),
        ["processor"] = Median(runs, r => r.Processor),
        ["clientProcessor"] = Median(runs, r => r.ClientProcessor),
        ["dataDisk"] = Median(runs, r => r.DataDisk),
        ["dataDiskWrites"] = Math.Round(ManyHosts.Median(runs.Select(r => r.DataDiskWrites ?? 0)), 1),
        ["logDisk"] = Median(runs, r => r.LogDisk),
    };

    private static string Limit(StorageMeasurement[] runs) => string.Create(
        CultureInfo.InvariantCulture,
        $"{MostOf(runs)}: processor {Median(runs, r => r.Processor)} %, "
        + $"client's {Median(runs, r => r.ClientProcessor)} %, "
        + $"data disk {Median(runs, r => r.DataDisk)} % "
        + $"with {ManyHosts.Median(runs.Select(r => r.DataDiskWrites ?? 0)):0} writes/s, "
        + $"log disk {Median(runs, r => r.LogDisk)} %");

    private static MeasureLimit MostOf(StorageMeasurement[] runs) =>
        runs.GroupBy(r => r.LimitedBy).OrderByDescending(g => g.Count()).First().Key;

    private static int Median(StorageMeasurement[] runs, Func<StorageMeasurement, int?> value) =>
        (int)ManyHosts.Median(runs.Select(r => (double)(value(r) ?? 0)));

    private static double Iops(StorageMeasurement[] runs) => ManyHosts.Median(runs.Select(r => r.WriteIops));

    private static string Rate(StorageMeasurement[] runs) => Iops(runs).ToString("0", CultureInfo.InvariantCulture)
        + " /s";

    private sealed class Saying : IReporter
    {
        public void Verbose(string message) => Console.WriteLine("  " + message);

        public void Warning(string message) => Console.WriteLine("  " + message);

        public void Progress(string activity, string status, int? percent = null)
        {
        }

        public void Completed(string activity)
        {
        }
    }
}
