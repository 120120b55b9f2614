using System.Globalization;
using ZfsEsx.Os;

namespace ZfsEsx.Zfs;

/// <summary>What processors and disks have done until a moment, as measure.sh tells it. Pure.</summary>
internal sealed record MeasureSample
{
    /// <summary>Seconds since the start of the system.</summary>
    public double Uptime { get; init; }

    /// <summary>Ticks of all processors.</summary>
    public long Ticks { get; init; }

    /// <summary>Those in which they had nothing to do.</summary>
    public long Idle { get; init; }

    /// <summary>Of each device: writes, and milliseconds in which it was busy.</summary>
    public IReadOnlyDictionary<string, (long Writes, long Busy)> Disks { get; init; } =
        new Dictionary<string, (long, long)>();

    /// <summary>Reads the parts "uptime", "cpu" and "disks" (proc(5)); null where the system does not have
    /// them.</summary>
    public static MeasureSample? Parse(IReadOnlyDictionary<string, string> parts)
    {
        long[] cpu = [.. Words(parts.Get("cpu")).Skip(1).Take(8).Select(ZfsText.Number)];
        if (cpu.Length < 5 || !double.TryParse(
            Words(parts.Get("uptime")).FirstOrDefault(), NumberStyles.Float, CultureInfo.InvariantCulture,
                out double uptime))
        {
            return null;
        }

        Dictionary<string, (long, long)> disks = [];
        foreach (string[] words in parts.Lines("disks").Select(Words).Where(w => w.Length >= 13))
        {
            disks[words[2]] = (ZfsText.Number(words[7]), ZfsText.Number(words[12]));
        }

        // Not Sum, which fails on figures that cannot be.
        long ticks = cpu.Aggregate((a, b) => a + b);
        return new MeasureSample { Uptime = uptime, Ticks = ticks, Idle = cpu[3] + cpu[4], Disks = disks };
    }

    private static string[] Words(string line) => line.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>How busy a system was between two moments, in percent; null where that is not known.</summary>
/// <param name="Processor">Its processors.</param>
/// <param name="DataDisk">The busiest data disk.</param>
/// <param name="LogDisk">The busiest log disk.</param>
/// <param name="DataDiskWrites">Writes per second of all data disks.</param>
internal sealed record MeasureLoad(int? Processor, int? DataDisk, int? LogDisk, double? DataDiskWrites)
{
    // A disk that always has a request is not busy all of the time in a short sample.
    private const int Full = 80;

    public static MeasureLoad Between(
        MeasureSample? from, MeasureSample? to, IReadOnlyCollection<string> data, IReadOnlyCollection<string> log)
    {
        if (from is null || to is null || to.Uptime <= from.Uptime)
        {
            return new MeasureLoad(null, null, null, null);
        }

        double seconds = to.Uptime - from.Uptime;
        long ticks = to.Ticks - from.Ticks;
        (double Busy, double Writes)[] Of(IReadOnlyCollection<string> names) =>
        [
            .. names.Where(n => from.Disks.ContainsKey(n) && to.Disks.ContainsKey(n)).Select(n =>
                ((to.Disks[n].Busy - from.Disks[n].Busy) / seconds / 10,
                    (to.Disks[n].Writes - from.Disks[n].Writes) / seconds)),
        ];
        (double Busy, double Writes)[] d = Of(data), l = Of(log);
        return new MeasureLoad(
            ticks <= 0 ? null : Percent(100.0 * (ticks - (to.Idle - from.Idle)) / ticks),
            d.Length == 0 ? null : Percent(d.Max(x => x.Busy)),
            l.Length == 0 ? null : Percent(l.Max(x => x.Busy)),
            d.Length == 0 ? null : Math.Round(d.Sum(x => x.Writes), 1));
    }

    /// <summary>What was at its limit: of what was full, the fullest; disks first, as processors wait for them
    /// actively.</summary>
    public MeasureLimit LimitedBy(MeasureLoad? client)
    {
        (MeasureLimit What, int? Load)[] all =
        [
            (MeasureLimit.DataDisk, DataDisk), (MeasureLimit.LogDisk, LogDisk), (MeasureLimit.Processor, Processor),
            (MeasureLimit.ClientProcessor, client?.Processor),
        ];
        return all.Where(a => a.Load >= Full).OrderByDescending(a => a.Load).Select(a => a.What)
            .DefaultIfEmpty(DataDisk is null ? MeasureLimit.Unknown : MeasureLimit.Latency).First();
    }

    private static int Percent(double value) => (int)Math.Round(Math.Max(0, Math.Min(100, value)));
}
