using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ScrubTests
{
    [Fact]
    public void Schedules_are_written_read_and_said()
    {
        ScrubSchedule weekly = ScrubSchedule.Weekly(DayOfWeek.Saturday, new TimeSpan(3, 5, 0));
        ScrubSchedule monthly = ScrubSchedule.Monthly(15, new TimeSpan(23, 59, 0));
        Assert.Equal("5 3 * * 6 /sbin/zpool scrub sp1 >/dev/null 2>&1", ZpoolScrubs.Line(weekly, "/sbin/zpool", "sp1"));
        Assert.Equal(
            "59 23 15 * * /sbin/zpool scrub 'my pool' >/dev/null 2>&1",
            ZpoolScrubs.Line(monthly, "/sbin/zpool", "my pool"));
        Assert.Equal(
            ("every Saturday at 03:05", "every month on day 15 at 23:59"), (weekly.ToString(), monthly.ToString()));
        Assert.Equal(weekly, ScrubSchedule.FromCronLine(ZpoolScrubs.Line(weekly, "zpool", "a")));
        Assert.Equal(monthly, ScrubSchedule.FromCronLine(ZpoolScrubs.Line(monthly, "zpool", "a")));
        Assert.Equal("BadSchedule", Assert.Throws<ZfsEsxException>(() => ScrubSchedule.Monthly(29, default)).Id);
    }

    [Theory]
    [InlineData("2026-11-21 03:04", "2026-11-21 03:05")]
    [InlineData("2026-11-21 03:05", "2026-11-28 03:05")]
    [InlineData("2026-11-22 12:00", "2026-11-28 03:05")]
    public void The_next_time(string now, string next) => Assert.Equal(
        Time(next), ScrubSchedule.Weekly(DayOfWeek.Saturday, new TimeSpan(3, 5, 0)).NextAfter(Time(now)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("* * * * * zpool scrub sp1")]
    [InlineData("5 3 1 * 6 zpool scrub sp1")]
    [InlineData("5 3 31 * * zpool scrub sp1")]
    [InlineData("@monthly zpool scrub sp1")]
    public void Lines_of_others_are_no_schedule(string? line) => Assert.Null(ScrubSchedule.FromCronLine(line));

    [Fact]
    public void The_answer_of_a_real_system()
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(ZfsFixture.Text("openzfs-2.3.9/pools.txt"));
        IReadOnlyList<Zpool> pools =
            ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status"), parts.Get("damaged"));
        ZpoolScrub scrub = Assert.Single(ZpoolScrubs.Read("uss1", pools, parts));
        Assert.Equal(("sp2", null, null), (scrub.Name, scrub.Schedule, scrub.Next));
        Dictionary<string, string> with = parts.ToDictionary(p => p.Key, p => p.Value);
        with["crontab"] = CrontabText.Set(
            "1 1 * * * x\n", "scrub of sp2", "0 2 1 * * /sbin/zpool scrub sp2 >/dev/null 2>&1");
        scrub = Assert.Single(ZpoolScrubs.Read("uss1", pools, with));
        Assert.Equal("every month on day 1 at 02:00", scrub.Schedule?.ToString());
        Assert.Equal(Time("2026-12-01 02:00"), scrub.Next);
    }

    private static DateTime Time(string text) =>
        DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
