using System.Text.Json.Nodes;
using ZfsEsx.Esx;

namespace ZfsEsx.Lab.Bench;

/// <summary>The PCI devices of many hosts: how many calls, and how long.</summary>
internal sealed class DirectPathBench : IBench
{
    public string Name => "directpath";

    public async Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using ManyHosts many = await ManyHosts.StartAsync(options, ct);
        List<(double Ms, int Calls)> rounds = [];
        int devices = 0;
        for (int round = -1; round < options.Rounds; round++)
        {
            (double, int) read = await many.MeasureAsync(async () =>
                devices = (await DirectPath.GetAsync(many.Client, many.Hosts, ct)).Count);
            if (round >= 0)
            {
                rounds.Add(read);
            }
        }

        double ms = ManyHosts.Median(rounds.Select(r => r.Ms));
        return new BenchResult(
            [($"{devices} devices, {rounds[0].Calls} calls", $"{ms:0} ms")],
            new JsonObject
            {
                ["directPathDevices"] = devices,
                ["directPathCalls"] = rounds[0].Calls,
                ["directPathMs"] = Math.Round(ms, 1),
            });
    }
}
