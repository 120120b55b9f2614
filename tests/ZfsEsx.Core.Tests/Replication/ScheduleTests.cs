using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class ScheduleTests
{
    [Theory]
    [InlineData(5, 0, "0,5,10,15,20,25,30,35,40,45,50,55 * * * *", "every 5 minutes")]
    [InlineData(20, 7, "7,27,47 * * * *", "every 20 minutes")]
    [InlineData(20, 47, "7,27,47 * * * *", "every 20 minutes")]
    [InlineData(60, 10, "10 * * * *", "every hour at minute 10")]
    [InlineData(480, 30, "30 0,8,16 * * *", "at minutes 30 of hours 0,8,16")]
    [InlineData(1440, 0, "0 0 * * *", "daily at 00:00")]
    public void IntervalsBecomeLists(int minutes, int offset, string fields, string words)
    {
        ReplicationSchedule schedule = ReplicationSchedule.Every(TimeSpan.FromMinutes(minutes), offset);
        Assert.Equal(fields, schedule.CronFields);
        Assert.Equal(words, schedule.ToString());
        Assert.DoesNotContain('/', schedule.CronFields);
        Assert.DoesNotContain('%', schedule.CronFields);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(7)]
    [InlineData(90)]
    [InlineData(2880)]
    public void IntervalsThatDoNotDivideTheHourOrDayAreRefused(int minutes) =>
        Assert.Equal("BadSchedule", Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.Every(TimeSpan.FromMinutes(minutes))).Id);

    [Fact]
    public void SecondsAreRefused() =>
        Assert.Equal("BadSchedule", Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.Every(TimeSpan.FromSeconds(90))).Id);

    [Theory]
    [InlineData("2026-11-22T13:04:59+01:00", 5, "2026-11-22T13:05:00+01:00")]
    [InlineData("2026-11-22T13:05:00+01:00", 5, "2026-11-22T13:10:00+01:00")]
    [InlineData("2026-11-22T23:58:00+05:30", 20, "2026-11-23T00:00:00+05:30")]
    [InlineData("2026-12-31T23:59:00+00:00", 1440, "2027-01-01T00:00:00+00:00")]
    public void TheNextRunIsInTheStorageVmsOwnTime(string now, int minutes, string next) =>
        Assert.Equal(
            DateTimeOffset.Parse(next),
            ReplicationSchedule.Every(TimeSpan.FromMinutes(minutes)).NextAfter(DateTimeOffset.Parse(now)));

    [Fact]
    public void TheArticlesScheduleIsDaily() => Assert.Equal("59 23 * * *", ReplicationSchedule.Daily(23, 59).CronFields);
}
