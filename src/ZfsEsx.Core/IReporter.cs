namespace ZfsEsx;

/// <summary>
/// What work may say while it runs. The cmdlets turn it into PowerShell's streams on the pipeline thread; the lab
/// prints it. Core never writes to a console. Calls may come from any thread and after the listener has gone.
/// </summary>
public interface IReporter
{
    /// <summary>A line for <c>-Verbose</c>: what is being done.</summary>
    void Verbose(string message);

    /// <summary>Something the user did not ask for may happen, or has been left as it was.</summary>
    void Warning(string message);

    /// <summary>How far a piece of work is.</summary>
    /// <param name="activity">What is done to what, the same for all updates of one piece of work.</param>
    /// <param name="status">What is happening right now.</param>
    /// <param name="percent">0 to 100, or null where it cannot be known.</param>
    void Progress(string activity, string status, int? percent = null);

    /// <summary>The piece of work named by <paramref name="activity"/> has ended, well or not.</summary>
    void Completed(string activity);
}

/// <summary>Drops everything said.</summary>
public sealed class SilentReporter : IReporter
{
    /// <summary>The only one.</summary>
    public static readonly SilentReporter Instance = new();

    private SilentReporter()
    {
    }

    /// <inheritdoc/>
    public void Verbose(string message)
    {
    }

    /// <inheritdoc/>
    public void Warning(string message)
    {
    }

    /// <inheritdoc/>
    public void Progress(string activity, string status, int? percent = null)
    {
    }

    /// <inheritdoc/>
    public void Completed(string activity)
    {
    }
}
