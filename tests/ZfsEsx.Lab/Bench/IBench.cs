using System.Text.Json.Nodes;

namespace ZfsEsx.Lab.Bench;

/// <summary>
/// One thing that is measured. A new one is a file of its own and a line in <see cref="BenchCommand.All"/>.
/// </summary>
internal interface IBench
{
    /// <summary>What <c>--only</c> calls it.</summary>
    string Name { get; }

    /// <summary>Measures.</summary>
    Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct);
}

/// <summary>How large and how often.</summary>
internal sealed record BenchOptions
{
    public int Hosts { get; init; } = 64;

    /// <summary>What each call to the server takes in addition.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A figure is the median of so many rounds.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>The one to run; all when null.</summary>
    public string? Only { get; init; }
}

/// <summary>What was measured.</summary>
/// <param name="Rows">What, and its figure, for people.</param>
/// <param name="Figures">The same for programs: names are unique among all benches.</param>
/// <param name="Miss">What is not as it must be; null when all is.</param>
internal sealed record BenchResult(
    IReadOnlyList<(string What, string Figure)> Rows, JsonObject Figures, string? Miss = null);
