using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZfsEsx.Lab.Bench;

/// <summary><c>bench</c>: figures that compare ways of doing one thing, in one run on one machine.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>What runs unless one is named.</summary>
    public static readonly IReadOnlyList<IBench> All = [new MountBench(), new DirectPathBench(), new SnapshotBench()];

    // These need storage hosts, the first two a peer's package too, and take minutes.
    private static readonly IReadOnlyList<IBench> s_named =
        [.. All, new ReplicationBench(openZfs: false), new ReplicationBench(openZfs: true), new LogBench()];

    /// <summary>Runs them, prints a table, and writes the figures to a file.</summary>
    /// <returns>1 when a figure is not as it must be.</returns>
    public static async Task<int> RunAsync(
        BenchOptions options, string? jsonFile, TextWriter output, CancellationToken ct)
    {
        IBench[] chosen = [.. options.Only is null ? All : s_named.Where(b => b.Name == options.Only)];
        if (chosen.Length == 0)
        {
            throw new LabException(
                $"There is no bench {options.Only}: {string.Join(", ", s_named.Select(b => b.Name))}.");
        }

        JsonObject figures = new()
        {
            ["hosts"] = options.Hosts, ["latencyMs"] = options.Latency.TotalMilliseconds, ["rounds"] = options.Rounds,
        };
        List<string> misses = [];
        foreach (IBench bench in chosen)
        {
            BenchResult result = await bench.RunAsync(options, ct);
            int width = result.Rows.Max(r => r.What.Length);
            await output.WriteLineAsync(bench.Name);
            foreach ((string what, string figure) in result.Rows)
            {
                await output.WriteLineAsync($"  {what.PadRight(width)}  {figure,10}");
            }

            foreach ((string name, JsonNode? value) in result.Figures)
            {
                figures[name] = value?.DeepClone();
            }

            misses.AddRange(result.Miss is null ? [] : [$"{bench.Name}: {result.Miss}"]);
        }

        if (jsonFile is not null)
        {
            await File.WriteAllTextAsync(jsonFile, figures.ToJsonString(s_json) + "\n", ct);
        }

        misses.ForEach(output.WriteLine);
        return misses.Count == 0 ? 0 : 1;
    }
}
