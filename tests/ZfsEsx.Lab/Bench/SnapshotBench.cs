using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Lab.Bench;

/// <summary>
/// A listing of 100,000 snapshots through what the product reads it with: the bytes of an answer as they come from ssh,
/// in
/// pieces of a pipe's size, to lines, to counts. Ten times as many must not take more memory.
/// </summary>
internal sealed class SnapshotBench : IBench
{
    private const int Snapshots = 100_000;
    private const int Piece = 64 * 1024;
    private const double MostSeconds = 1;

    // What the garbage collector's own grain may add to a figure of memory.
    private const long Grain = 1 << 20;

    public string Name => "snapshots";

    public Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct)
    {
        List<double> seconds = [];
        long peak = 0;
        for (int round = -1; round < options.Rounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            (double took, long bytes) = Read(Snapshots);

            // The first round warms up.
            if (round >= 0)
            {
                seconds.Add(took);
                peak = Math.Max(peak, bytes);
            }
        }

        long tenfold = Read(Snapshots * 10).Peak;
        double median = ManyHosts.Median(seconds);
        return Task.FromResult(new BenchResult(
            [
                ($"{Snapshots} snapshots, {Listing(Snapshots).Sum(l => (long)l.Length) >> 20} MB, read",
                    $"{median:0.000} s"),
                ("  most memory held", new ByteSize(peak).ToString()),
                ("  the same with ten times as many", new ByteSize(tenfold).ToString()),
            ],
            new JsonObject
            {
                ["snapshots"] = Snapshots,
                ["snapshotSeconds"] = Math.Round(median, 4),
                ["snapshotPeakBytes"] = peak,
                ["snapshotTenfoldPeakBytes"] = tenfold,
            },
            median >= MostSeconds
                ? $"{median:0.00} s are not below {MostSeconds} s"
                : tenfold > peak + Grain
                    ? $"memory grows with the listing: {new ByteSize(peak)}, "
                        + $"ten times as many {new ByteSize(tenfold)}"
                    : null));
    }

    /// <summary>Seconds, and the most that was alive in memory beyond what was there before.</summary>
    private static (double Seconds, long Peak) Read(int number)
    {
        FrameParser parser = new();
        SnapshotCounts counts = new();
        byte[] mark = FrameText.MarkBytes(("a", "b"));
        Task<(int Code, string Text)> answer = parser.ExpectAsync(mark, counts.Take);
        byte[] piece = new byte[Piece];
        long before = GC.GetTotalMemory(forceFullCollection: true), peak = 0;
        Stopwatch clock = new();
        int used = 0, fed = 0;

        void Feed()
        {
            clock.Start();
            parser.Feed(piece, used);
            clock.Stop();
            used = 0;

            // What is alive, not what waits to be collected. A full collection takes long: now and then is enough.
            if (fed++ % 16 == 0)
            {
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        foreach (string text in Listing(number)
            .Prepend(Encoding.ASCII.GetString(mark) + "<").Append(Encoding.ASCII.GetString(mark) + ">0;"))
        {
            for (int at = 0; at < text.Length;)
            {
                int n = Math.Min(Piece - used, text.Length - at);
                Encoding.ASCII.GetBytes(text, at, n, piece, used);
                (used, at) = (used + n, at + n);
                if (used == Piece)
                {
                    Feed();
                }
            }
        }

        Feed();
        long found = counts.Found.Sum(c => c.Value.Number);
        return answer.IsCompletedSuccessfully && found == number
            ? (clock.Elapsed.TotalSeconds, peak)
            : throw new LabException($"{found} of {number} snapshots were read.");
    }

    private static string Kilo(long bytes) => $"{bytes >> 10} KiB";

    // As replication names them: 20 file systems, minute after minute. Made as they are needed, so that none is kept.
    private static IEnumerable<string> Listing(int number) => Enumerable.Range(0, number).Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $"sp1/nas/vol{i / (number / 20)}@zfsesx-"
        + $"{new DateTime(2026, 1, 1).AddMinutes(i % (number / 20)):yyyy-MM-ddTHH:mm:ssZ}\n"));
}
