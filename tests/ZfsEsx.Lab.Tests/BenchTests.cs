using System.Text.Json.Nodes;
using ZfsEsx.Lab.Bench;

namespace ZfsEsx.Lab.Tests;

/// <summary>The benches run, and say what they have measured. How fast is no matter here.</summary>
public class BenchTests
{
    [Fact]
    public async Task All_benches_write_their_figures()
    {
        string file = Path.GetTempFileName();
        try
        {
            using StringWriter said = new();
            await BenchCommand.RunAsync(
                new BenchOptions { Hosts = 4, Latency = TimeSpan.FromMilliseconds(1), Rounds = 2 },
                file,
                said,
                default);
            JsonObject figures = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
            Assert.Equal(4, (int)figures["mountSerialCalls"]!);
            Assert.Equal(6, (int)figures["mountCalls"]!); // one to look, four to mount, one to look again
            Assert.True((double)figures["mountRatio"]! > 0 && (double)figures["mountSerialMs"]! > 0);
            Assert.Equal(1, (int)figures["directPathCalls"]!);
            Assert.All(BenchCommand.All, b => Assert.Contains(b.Name + Environment.NewLine, said.ToString()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task One_that_is_not_there_is_named() => Assert.Contains(
        "mount, directpath",
        (await Assert.ThrowsAsync<LabException>(() => BenchCommand.RunAsync(
            new BenchOptions { Only = "log9" }, null, TextWriter.Null, default))).Message,
        StringComparison.Ordinal);
}
