namespace ZfsEsx.Shape.Tests;

public class WorkPumpTests
{
    private readonly Recorder _streams = new();
    private readonly TimeSpan _now = TimeSpan.FromSeconds(10);

    [Fact]
    public void What_was_said_comes_out_in_order()
    {
        WorkPump pump = Pump();
        pump.Verbose("one");
        pump.Warning("two");
        pump.Verbose("three");
        pump.End();
        pump.Drain();
        Assert.Equal(["verbose one", "warning two", "verbose three"], _streams.Lines);
    }

    [Fact]
    public void Of_many_updates_at_once_the_last_is_shown_and_then_the_end()
    {
        WorkPump pump = Pump();
        for (int i = 0; i <= 100; i++)
        {
            pump.Progress("send", "at " + i, i);
        }

        pump.End();
        pump.Drain();
        Assert.Equal(["progress 1 send at 100 100", "completed 1 send"], _streams.Lines);
    }

    [Fact]
    public async Task Updates_come_four_times_a_second_at_most()
    {
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        WorkPump pump = new(_streams, () => clock.Elapsed);
        Task work = Task.Run(async () =>
        {
            // Busy machines wake late: count from the first word on.
            TimeSpan start = clock.Elapsed;
            do
            {
                pump.Progress("send", "more");
                await Task.Delay(1);
            }
            while (clock.Elapsed - start < TimeSpan.FromSeconds(1));
            pump.End();
        });
        pump.Drain();
        await work;
        int updates = _streams.Lines.Count(l => l.StartsWith("progress", StringComparison.Ordinal));
        Assert.InRange(updates, 1, 1 + (int)(clock.Elapsed.TotalSeconds * 4));
    }

    [Fact]
    public void Each_piece_of_work_has_its_own_id_and_ends_once()
    {
        WorkPump pump = Pump();
        pump.Progress("a", "runs");
        pump.Progress("b", "runs", 150);
        pump.Completed("a");
        pump.Completed("a");
        pump.Completed("never begun");
        pump.End();
        pump.Drain();
        Assert.Equal(1, _streams.Lines.Count(l => l == "completed 1 a"));
        Assert.Contains("progress 2 b runs 100", _streams.Lines);
        Assert.Equal("completed 2 b", _streams.Lines[^1]);
        Assert.DoesNotContain(_streams.Lines, l => l.Contains("never", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_said_after_the_end_is_dropped()
    {
        WorkPump pump = Pump();
        pump.End();
        pump.Verbose("late");
        pump.Progress("late", "late");
        pump.Completed("late");
        pump.Drain();
        pump.Warning("later still");
        Assert.Empty(_streams.Lines);
    }

    [Fact]
    public async Task Draining_waits_for_work_on_another_thread()
    {
        WorkPump pump = Pump();
        Task work = Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                pump.Verbose(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
                await Task.Yield();
            }

            pump.End();
        });
        pump.Drain();
        await work;
        Assert.Equal(Enumerable.Range(0, 50).Select(i => "verbose " + i), _streams.Lines);
    }

    private WorkPump Pump() => new(_streams, () => _now);

    private sealed class Recorder : IStreams
    {
        public List<string> Lines { get; } = [];

        public void Verbose(string message) => Lines.Add("verbose " + message);

        public void Warning(string message) => Lines.Add("warning " + message);

        public void Progress(int id, string activity, string status, int? percent) =>
            Lines.Add(("progress " + id + " " + activity + " " + status + " " + percent).TrimEnd());

        public void Completed(int id, string activity) => Lines.Add("completed " + id + " " + activity);
    }
}
