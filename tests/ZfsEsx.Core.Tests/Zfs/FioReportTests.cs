using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>Real reports of fio, and what is left of them when they are damaged.</summary>
public class FioReportTests
{
    [Fact]
    public void A_mix_has_both_sides()
    {
        FioReport report = FioReport.Parse(Text("mix-3.39.json"))!;
        Assert.Equal(0, report.Error);
        Assert.Equal(2026, report.Time.Year);
        Assert.InRange(report.Seconds, 3.9, 5);
        foreach (FioSide side in new[] { report.Read, report.Write })
        {
            Assert.InRange(side.Iops, 10, 10000);
            Assert.InRange(side.BytesPerSecond, side.Iops * 4000, side.Iops * 4200);
            Assert.True(side.P50 <= side.P95 && side.P95 <= side.P99 && side.P99 <= side.P999);
            Assert.InRange(side.P50!.Value, 0.001, 1000);
        }
    }

    [Fact]
    public void What_was_not_done_has_no_latency()
    {
        FioReport report = FioReport.Parse(Text("write-3.39.json"))!;
        Assert.Equal(
            (0d, 0L, (double?)null, (double?)null),
            (report.Read.Iops, report.Read.BytesPerSecond, report.Read.P50, report.Read.P999));
        Assert.True(report.Write.Iops > 0 && report.Write.P99 > 0);
    }

    [Fact]
    public void Notes_in_front_and_older_versions_are_read()
    {
        FioReport plain = FioReport.Parse(Text("mix-3.33.json"))!;
        FioReport noted = FioReport.Parse(
            "note: both iodepth >= 1 and synchronous I/O engine are selected\n" + Text("mix-3.33.json"))!;
        Assert.Equal(plain, noted);
    }

    [Fact]
    public void A_failure_is_seen() => Assert.NotEqual(0, FioReport.Parse(Text("failed-3.39.json"))?.Error);

    [Theory]
    [InlineData("")]
    [InlineData("fio: command not found")]
    [InlineData("{}")]
    [InlineData("{\"jobs\": []}")]
    [InlineData("{\"jobs\": [{\"read\": {}, \"write\": {}}]}")]
    [InlineData("{\"jobs\": [{\"read\": {\"iops\": null, \"bw_bytes\": \"x\"}, \"write\": 1}]}")]
    public void What_is_no_report_is_none(string text) => Assert.Null(FioReport.Parse(text));

    /// <summary>Broken off, and with characters changed: a report, or none; never another exception.</summary>
    [Fact]
    public void Damaged_reports_do_no_harm()
    {
        Random random = new(4711);
        string text = Text("mix-3.39.json");
        for (int i = 0; i < 4_000; i++)
        {
            char[] damaged = text.Substring(0, random.Next(text.Length)).ToCharArray();
            for (int n = random.Next(4); n > 0 && damaged.Length > 0; n--)
            {
                damaged[random.Next(damaged.Length)] = "{}[]\",:-+eE.0189\\ \n\0"[random.Next(20)];
            }

            FioReport.Parse(new string(damaged));
            FioReport.Parse(text.Replace(random.Next(100).ToString(), new string('9', random.Next(400))));
        }
    }

    internal static string Text(string name)
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            string path = Path.Combine(d.FullName, "Fixtures", "fio", name);
            if (File.Exists(path))
            {
                return File.ReadAllText(path);
            }
        }

        throw new FileNotFoundException(name);
    }
}
