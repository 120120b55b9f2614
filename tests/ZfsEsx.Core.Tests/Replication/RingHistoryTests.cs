using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class RingHistoryTests
{
    private static readonly string[] s_lines =
    [
        "2026-11-20T23:55:02Z\t0\t2\t1000\t3\t0\t2026-11-20T23:55:01Z",
        "2026-11-21T00:00:04Z\t0\t4\t2000\t3\t0\t2026-11-21T00:00:01Z",
        "2026-11-21T00:05:03Z\t2\t1\t0\t0\t0\t",
        "2026-11-21T00:10:03Z\t1\t3\t500\t2\t1\t2026-11-21T00:10:01Z",
        "2026-11-21T00:15:09Z\t0\t9\t70\t3\t0\t2026-11-21T00:15:01Z",
        "half a li",
        "2026-11-22T00:00:00Z\t2\t0\t0\t0\t0\t",
    ];

    [Fact]
    public void DaysAreSummedUp()
    {
        IReadOnlyList<ZfsRingHistory> days =
            RingHistory.Days("uss1", "uss2", s_lines, new DateTime(2026, 11, 21, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal([21, 22], days.Select(d => d.Day.Day));
        ZfsRingHistory day = days[0];
        Assert.Equal((4, 2, 2570), (day.Cycles, day.Failures, day.Sent.Bytes));
        Assert.Equal((17, 9), ((int)day.Duration.TotalSeconds, (int)day.LongestDuration.TotalSeconds));

        // From the instant that the replica had until the one after two failures had arrived.
        Assert.Equal(TimeSpan.FromSeconds(908), day.LongestLag);
        Assert.Equal((1, 1, null), (days[1].Cycles, days[1].Failures, days[1].LongestLag));
    }

    [Fact]
    public void WithoutHistoryThereIsNone() => Assert.Empty(RingHistory.Days("uss1", "uss2", [""], DateTime.MinValue));
}
