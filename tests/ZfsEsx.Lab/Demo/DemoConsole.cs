using System.Diagnostics;
using System.Globalization;

namespace ZfsEsx.Lab.Demo;

/// <summary>What the demo says: steps, the lines an admin would type, changes with the time they took.</summary>
internal sealed class DemoConsole(TextWriter output) : IReporter
{
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, (string Status, TimeSpan At)> _shown = [];

    public double Seconds => _clock.Elapsed.TotalSeconds;

    public void Line(string text = "")
    {
        lock (_gate)
        {
            output.WriteLine(text);
        }
    }

    /// <summary>A line with the time since the start in front.</summary>
    public void Timed(string text) => Line(string.Create(CultureInfo.InvariantCulture, $"{Seconds,6:0.0}s  {text}"));

    public void Step(int number, int of, string title, string commandLine)
    {
        Line();
        Timed($"{number}/{of} {title}");
        foreach (string line in commandLine.Split('\n'))
        {
            Line("         PS> " + line);
        }
    }

    public void Verbose(string message) => Timed("  " + message);

    public void Warning(string message) => Timed("  WARNING: " + message);

    public void Progress(string activity, string status, int? percent = null)
    {
        lock (_gate)
        {
            // The same words again are no news, and more than two lines a second are for nobody.
            string text = percent is int p ? $"{status} ({p} %)" : status;
            if (_shown.TryGetValue(activity, out var last)
                && (last.Status == text || _clock.Elapsed - last.At < TimeSpan.FromSeconds(2)))
            {
                return;
            }

            _shown[activity] = (text, _clock.Elapsed);
        }

        Timed($"    {activity}: {status}{(percent is int n ? $" ({n} %)" : "")}");
    }

    public void Completed(string activity)
    {
        lock (_gate)
        {
            _shown.Remove(activity);
        }
    }
}
