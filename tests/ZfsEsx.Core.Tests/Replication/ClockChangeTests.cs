using System.Diagnostics;
using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

/// <summary>Next runs in the nights in which summer time ends or begins in Berlin.</summary>
public sealed class ClockChangeTests
{
    private const string Autumn = "1792890000\t+0100", Spring = "1806195600\t+0200";

    [Theory]
    [InlineData(Autumn, "2026-10-24T23:00:00+02:00", "0 2 * * *", "2026-10-25T02:00:00+02:00")]
    [InlineData(Autumn, "2026-10-25T02:10:00+02:00", "0 2 * * *", "2026-10-26T02:00:00+01:00")]
    [InlineData(Autumn, "2026-10-25T02:50:00+02:00", "0,30 * * * *", "2026-10-25T02:00:00+01:00")]
    [InlineData(Autumn, "2026-10-24T12:00:00+02:00", "59 23 * * 0", "2026-10-25T23:59:00+01:00")]
    [InlineData(Spring, "2027-03-28T01:50:00+01:00", "0,30 * * * *", "2027-03-28T03:00:00+02:00")]
    [InlineData(Spring, "2027-03-27T12:00:00+01:00", "30 2 * * *", "2027-03-28T03:00:00+02:00")]
    [InlineData(Spring, "2027-03-27T12:00:00+01:00", "0 8 * * 1-5", "2027-03-29T08:00:00+02:00")]
    [InlineData(Spring, "2027-03-27T12:00:00+01:00", "0 13 * * *", "2027-03-27T13:00:00+01:00")]
    public void TheNextRunIsWhenCronStartsIt(string change, string now, string line, string next)
    {
        DateTimeOffset found = ReplicationSchedule.FromCron(line)
            .NextAfter(DateTimeOffset.Parse(now), ClockChange.Parse(change));
        Assert.True(DateTimeOffset.Parse(next).EqualsExact(found), found.ToString("o"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1792890000")]
    [InlineData("1792890000\tCET")]
    [InlineData("-1\t+0100")]
    [InlineData("99999999999999999\t+0100")]
    [InlineData("1792890000\t+9900")]
    public void WhatIsNoneIsNone(string? text) => Assert.Null(ClockChange.Parse(text));

    /// <summary>The storage VM's part: a date whose now is told, in zones that need no files.</summary>
    [Theory]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-20T00:00:00Z", "CLOCKS\t" + Autumn + "\n")]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3", "2027-03-27T23:59:00Z", "CLOCKS\t" + Spring + "\n")]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3", "2026-11-20T00:00:00Z", "")]
    [InlineData("JST-9", "2026-10-20T00:00:00Z", "")]
    public void TheStorageVmFindsIt(string zone, string now, string said)
    {
        string date = "date() { case $1 in +%s) echo " + DateTimeOffset.Parse(now).ToUnixTimeSeconds()
            + " ;; *) command date \"$@\" ;; esac; }\n";
        ProcessStartInfo start = new("sh", ["-c", date + Resource.Text("clocks.sh")]) { RedirectStandardOutput = true };
        start.Environment["TZ"] = zone;
        using Process sh = Process.Start(start)!;
        Assert.Equal(said, sh.StandardOutput.ReadToEnd());
    }
}
