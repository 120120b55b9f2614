using System.Text.Json.Nodes;
using ZfsEsx.Esx;

namespace ZfsEsx.Lab.Bench;

/// <summary>One share mounted on many hosts: one call after the other, and as the product does it.</summary>
internal sealed class MountBench : IBench
{
    private const double MostOfSerial = 0.2;

    private static readonly NfsMount s_mount =
        new() { Name = "uss1-nas-vol0", RemoteHost = "10.99.0.11", RemotePath = "/export/uss1-nas-vol0" };

    public string Name => "mount";

    public async Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using ManyHosts many = await ManyHosts.StartAsync(options, ct);
        many.Simulator.Export(s_mount.RemoteHost, s_mount.RemotePath);
        List<(double Ms, int Calls)> serial = [], ours = [];
        for (int round = -1; round < options.Rounds; round++)
        {
            IReadOnlyList<Change> changes =
                (await NfsDatastore.PlanMountAsync(many.Client, many.Hosts, s_mount, ct)).Changes;
            if (changes.Count != many.Hosts.Count)
            {
                throw new LabException($"Only {changes.Count} of {many.Hosts.Count} hosts would mount.");
            }

            (double, int) one = await many.MeasureAsync(() => SerialAsync(changes, ct));
            await DismountAsync(many, ct);
            (double, int) all = await many.MeasureAsync(() => OursAsync(many, ct));
            await DismountAsync(many, ct);

            // The first round warms both up.
            if (round >= 0)
            {
                serial.Add(one);
                ours.Add(all);
            }
        }

        double serialMs = ManyHosts.Median(serial.Select(s => s.Ms)), ms = ManyHosts.Median(ours.Select(s => s.Ms));
        double ratio = ManyHosts.Median(ours.Zip(serial, (o, s) => o.Ms / s.Ms));
        return new BenchResult(
            [
                ($"one call after the other, {serial[0].Calls} calls", $"{serialMs:0} ms"),
                ($"with reading before and after, side by side, {ours[0].Calls} calls", $"{ms:0} ms"),
                ("ratio", $"{ratio:0.000}"),
            ],
            new JsonObject
            {
                ["mountSerialMs"] = Math.Round(serialMs, 1),
                ["mountSerialCalls"] = serial[0].Calls,
                ["mountMs"] = Math.Round(ms, 1),
                ["mountCalls"] = ours[0].Calls,
                ["mountRatio"] = Math.Round(ratio, 4),
            },
            ratio < MostOfSerial ? null : $"the ratio {ratio:0.000} is not below {MostOfSerial}");
    }

    // What it is compared with: the calls alone, without looking before and after.
    private static async Task SerialAsync(IReadOnlyList<Change> changes, CancellationToken ct)
    {
        foreach (Change change in changes)
        {
            await change.ApplyAsync(SilentReporter.Instance, ct);
        }
    }

    private static async Task OursAsync(ManyHosts many, CancellationToken ct)
    {
        IReadOnlyList<ZfsNfsDatastore> mounted =
            await (await NfsDatastore.PlanMountAsync(many.Client, many.Hosts, s_mount, ct))
                .RunAsync(SilentReporter.Instance, ct);
        if (mounted.Count(m => m.Accessible) != many.Hosts.Count)
        {
            throw new LabException($"Only {mounted.Count} of {many.Hosts.Count} hosts have mounted.");
        }
    }

    private static async Task DismountAsync(ManyHosts many, CancellationToken ct) =>
        await (await NfsDatastore.PlanDismountAsync(many.Client, many.Hosts, s_mount.Name, ct))
            .RunAsync(SilentReporter.Instance, ct);
}
