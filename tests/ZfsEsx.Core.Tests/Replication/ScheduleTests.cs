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
        Assert.Equal(
            "BadSchedule",
            Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.Every(TimeSpan.FromMinutes(minutes))).Id);

    [Theory]
    [InlineData("0,20,40 * * * *", "0,20,40 * * * *", 20, "every 20 minutes")]
    [InlineData(
        "*/15 8-18/2 * * *", "0,15,30,45 8,10,12,14,16,18 * * *", 795,
        "at minutes 0,15,30,45 of hours 8,10,12,14,16,18")]
    [InlineData(" 40,20\t*  * * * ", "20,40 * * * *", 40, "every hour at minutes 20,40")]
    [InlineData(
        "*/7 0-23 * * *", "0,7,14,21,28,35,42,49,56 * * * *", 7, "every hour at minutes 0,7,14,21,28,35,42,49,56")]
    [InlineData("5 3 * * *", "5 3 * * *", 1440, "daily at 03:05")]
    [InlineData("5 3 * * 6", "5 3 * * 6", 10080, "at 03:05 on Sat")]
    [InlineData("0 22 * * 1-5", "0 22 * * 1,2,3,4,5", 4320, "at 22:00 on Mon, Tue, Wed, Thu, Fri")]
    [InlineData("0,30 7-8 * * MON,thu", "0,30 7,8 * * 1,4", 5670, "at minutes 0,30 of hours 7,8 on Mon, Thu")]
    [InlineData(
        "*/30 * * * sat-sun", "0,30 * * * 0,6", 7230,
        "every 30 minutes on Sat, Sun")] // from Sunday's 23:30 to Saturday
    [InlineData("0 0 * * 7", "0 0 * * 0", 10080, "at 00:00 on Sun")]
    [InlineData("0 0 * * 0,7,sun", "0 0 * * 0", 10080, "at 00:00 on Sun")]
    [InlineData("0 0 * * 5-7", "0 0 * * 0,5,6", 7200, "at 00:00 on Fri, Sat, Sun")]
    [InlineData("0 0 * * mon-5", "0 0 * * 1,2,3,4,5", 4320, "at 00:00 on Mon, Tue, Wed, Thu, Fri")]
    [InlineData("0 0 * * */2", "0 0 * * 0,2,4,6", 2880, "at 00:00 on Tue, Thu, Sat, Sun")]
    [InlineData("10 * * * 0-7", "10 * * * *", 60, "every hour at minute 10")]
    [InlineData("10 * * * 1-7", "10 * * * *", 60, "every hour at minute 10")]
    public void ACrontabLineBecomesLists(string line, string fields, int gap, string words)
    {
        ReplicationSchedule schedule = ReplicationSchedule.FromCron(line);
        Assert.Equal(
            (fields, gap, words),
            (schedule.CronFields, (int)schedule.LongestGap.TotalMinutes, schedule.ToString()));
        Assert.Equal(schedule, ReplicationSchedule.FromCron(schedule.CronFields));
    }

    /// <summary>
    /// Joined by "or" with the day of the week, as cron does, they would mean something else than they say.
    /// </summary>
    [Theory]
    [InlineData("5 * 1 * *")]
    [InlineData("5 * * 1 *")]
    [InlineData("5 3 1-7 * 6")] // not the first Saturday of a month: every Saturday and every first week
    [InlineData("5 * * jan *")]
    public void DaysOfTheMonthAndMonthsAreRefusedWithTheReason(string line)
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.FromCron(line));
        Assert.Equal(("BadSchedule", line), (e.Id, e.Target));
        Assert.Contains("days that match either of them", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("5 * * * 8")]
    [InlineData("5 * * * 5-1")]
    [InlineData("5 * * * friday")]
    [InlineData("5 * * * fri/2")]
    [InlineData("5 * * * mon-")]
    [InlineData("mon * * * 5")]
    [InlineData("5 * * * 1#2")]
    [InlineData("*/0 * * * *")]
    [InlineData("5/2 * * * *")]
    [InlineData("9-5 * * * *")]
    [InlineData("0 * * * * root rm -rf /")]
    [InlineData("0%1 * * * *")]
    [InlineData("@hourly")]
    [InlineData("0\n0 * * * *")]
    [InlineData("-1 * * * *")]
    [InlineData("1,,2 * * * *")]
    public void WhatIsNoCrontabLineIsRefused(string line) =>
        Assert.Equal("BadSchedule", Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.FromCron(line)).Id);

    [Fact]
    public void WhatDividesNoHourIsRefusedWithWhatDoes()
    {
        ZfsEsxException refused =
            Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.Every(TimeSpan.FromMinutes(7)));
        Assert.Contains("00:07:00", refused.Message, StringComparison.Ordinal);
        Assert.Contains("6, 10, 12", refused.Advice, StringComparison.Ordinal);
        Assert.Contains("-Every 00:10", refused.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void SecondsAreRefused() =>
        Assert.Equal(
            "BadSchedule",
            Assert.Throws<ZfsEsxException>(() => ReplicationSchedule.Every(TimeSpan.FromSeconds(90))).Id);

    [Theory]
    [InlineData("2026-11-22T13:04:59+01:00", 5, "2026-11-22T13:05:00+01:00")]
    [InlineData("2026-11-22T13:05:00+01:00", 5, "2026-11-22T13:10:00+01:00")]
    [InlineData("2026-11-22T23:58:00+05:30", 20, "2026-11-23T00:00:00+05:30")]
    [InlineData("2026-12-31T23:59:00+00:00", 1440, "2027-01-01T00:00:00+00:00")]
    public void TheNextRunIsInTheStorageVmsOwnTime(string now, int minutes, string next) =>
        Assert.Equal(
            DateTimeOffset.Parse(next),
            ReplicationSchedule.Every(TimeSpan.FromMinutes(minutes)).NextAfter(DateTimeOffset.Parse(now)));

    [Theory]
    [InlineData(
        "2026-11-22T23:59:59+13:00", "0 22 * * 1",
        "2026-11-23T22:00:00+13:00")] // a Sunday there, a Saturday in Greenwich
    [InlineData("2026-11-23T22:00:00-05:00", "0 22 * * 1", "2026-11-30T22:00:00-05:00")]
    [InlineData("2026-11-20T08:31:00+01:00", "0,30 7,8 * * 1-5", "2026-11-23T07:00:00+01:00")]
    [InlineData("2026-11-20T07:45:30+01:00", "0,30 7,8 * * 1-5", "2026-11-20T08:00:00+01:00")]
    [InlineData("2026-12-31T23:59:00+00:00", "59 23 * * thu", "2027-01-07T23:59:00+00:00")]
    public void TheNextRunIsOnADayOfTheStorageVmsOwnWeek(string now, string line, string next) =>
        Assert.True(DateTimeOffset.Parse(next)
            .EqualsExact(ReplicationSchedule.FromCron(line).NextAfter(DateTimeOffset.Parse(now))));

    /// <summary>Against looking at every minute, as cron does.</summary>
    [Fact]
    public void NextRunsAndTheLongestGapAreThoseThatCronWouldHave()
    {
        Random random = new(20261123);
        int[] Some(int all) => [.. Enumerable.Range(0, all).OrderBy(_ => random.Next()).Take(random.Next(1, 4))];
        for (int round = 0; round < 400; round++)
        {
            ReplicationSchedule schedule = ReplicationSchedule.At(
                Some(60),
                random.Next(3) == 0 ? null : Some(24),
                random.Next(3) == 0 ? null : Some(7).Select(d => (DayOfWeek)d));
            bool Runs(DateTimeOffset t) => schedule.Minutes.Contains(t.Minute)
                && (schedule.Hours.Count == 0 || schedule.Hours.Contains(t.Hour))
                && (schedule.Days.Count == 0 || schedule.Days.Contains(t.DayOfWeek));
            DateTimeOffset begin =
                new DateTimeOffset(2026, 2, 20, 0, 0, 0, TimeSpan.FromMinutes(15 * random.Next(-48, 57)))
                    .AddSeconds(random.Next(30 * 86400));
            DateTimeOffset minute = begin.AddTicks(-(begin.Ticks % TimeSpan.TicksPerMinute));
            DateTimeOffset[] runs = [.. Enumerable.Range(1, 15 * 1440).Select(m => minute.AddMinutes(m)).Where(Runs)];
            string what = $"{schedule.CronFields} after {begin:o}";
            Assert.True(runs[0].EqualsExact(schedule.NextAfter(begin)), what);
            Assert.True(runs[1].EqualsExact(schedule.NextAfter(runs[0])), what);
            Assert.True(runs.Skip(1).Select((r, i) => r - runs[i]).Max() == schedule.LongestGap, what);
            Assert.Equal(schedule, ReplicationSchedule.FromCron(schedule.CronFields));
        }
    }

    [Fact]
    public void TheArticlesScheduleIsDaily() =>
        Assert.Equal("59 23 * * *", ReplicationSchedule.Daily(23, 59).CronFields);
}
