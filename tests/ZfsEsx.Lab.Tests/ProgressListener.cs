using System.Collections.Concurrent;

namespace ZfsEsx.Lab.Tests;

/// <summary>Hears how far a piece of work is.</summary>
internal sealed class ProgressListener : IReporter
{
    public ConcurrentQueue<int> Percents { get; } = [];

    public bool Ended { get; private set; }

    public void Verbose(string message)
    {
    }

    public void Warning(string message)
    {
    }

    public void Progress(string activity, string status, int? percent = null)
    {
        if (percent is int p)
        {
            Percents.Enqueue(p);
        }
    }

    public void Completed(string activity) => Ended = true;
}
