using System.Collections.Concurrent;

namespace ZfsEsx.Lab.Tests;

/// <summary>Hears how far a piece of work is.</summary>
internal sealed class ProgressListener : IReporter
{
    public ConcurrentQueue<int> Percents { get; } = [];

    private readonly ConcurrentQueue<string> statuses = [];

    public bool Ended { get; private set; }

    /// <summary>Waits, a minute at most, until a status says so.</summary>
    public async Task SaidAsync(string text)
    {
        for (int i = 0; !statuses.Any(s => s.Contains(text, StringComparison.Ordinal)); i++)
        {
            Assert.True(i < 600, "nothing said: " + text);
            await Task.Delay(100);
        }
    }

    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
    }

    public void Progress(string activity, string status, int? percent = null)
    {
        statuses.Enqueue(status);
        if (percent is int p)
        {
            Percents.Enqueue(p);
        }
    }

    public void Completed(string activity) => Ended = true;
}
