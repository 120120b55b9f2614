using System.Management.Automation;

namespace ZfsEsx;

/// <summary>
/// The streams of a running cmdlet. A cmdlet that is being stopped may not write any more; what the user must know then
/// (what is still running on a server) goes to the console directly.
/// </summary>
internal sealed class CmdletStreams(PSCmdlet cmdlet, CancellationToken stopped) : IStreams
{
    public void Verbose(string message)
    {
        if (!stopped.IsCancellationRequested)
        {
            cmdlet.WriteVerbose(message);
        }
    }

    public void Warning(string message)
    {
        if (stopped.IsCancellationRequested)
        {
            cmdlet.Host?.UI?.WriteWarningLine(message);
        }
        else
        {
            cmdlet.WriteWarning(message);
        }
    }

    public void Progress(int id, string activity, string status, int? percent)
    {
        if (!stopped.IsCancellationRequested)
        {
            cmdlet.WriteProgress(Record(id, activity, status, percent ?? -1));
        }
    }

    public void Completed(int id, string activity)
    {
        if (stopped.IsCancellationRequested)
        {
            return;
        }

        ProgressRecord record = Record(id, activity, "Done", -1);
        record.RecordType = ProgressRecordType.Completed;
        cmdlet.WriteProgress(record);
    }

    // ProgressRecord throws on an empty text.
    private static ProgressRecord Record(int id, string activity, string status, int percent) =>
        new(id, activity.Length > 0 ? activity : "ZfsEsx", status.Length > 0 ? status : "Working")
        {
            PercentComplete = percent,
        };
}
