using System.Collections.Concurrent;

namespace ZfsEsx.Core.Tests;

/// <summary>Keeps what work warns of.</summary>
internal sealed class WarningRecorder : IReporter
{
    public ConcurrentQueue<string> Warnings { get; } = new();

    public void Verbose(string message)
    {
    }

    public void Warning(string message) => Warnings.Enqueue(message);

    public void Progress(string activity, string status, int? percent = null)
    {
    }

    public void Completed(string activity)
    {
    }
}
