using System.Management.Automation;

namespace ZfsEsx;

/// <summary>
/// The streams of a running cmdlet. A stopped pipeline takes nothing any more; what is still running on a server must be
/// said all the same, and goes to the host itself.
/// </summary>
internal sealed class CmdletStreams(PSCmdlet cmdlet) : IStreams
{
    public void Verbose(string message)
    {
        if (!cmdlet.Stopping)
        {
            cmdlet.WriteVerbose(message);
        }
    }

    public void Warning(string message)
    {
        if (cmdlet.Stopping)
        {
            cmdlet.Host.UI.WriteWarningLine(message);
        }
        else
        {
            cmdlet.WriteWarning(message);
        }
    }

    public void Progress(int id, string activity, string status, int? percent) =>
        Write(Record(id, activity, status, percent ?? -1));

    public void Completed(int id, string activity)
    {
        ProgressRecord record = Record(id, activity, "Done", -1);
        record.RecordType = ProgressRecordType.Completed;
        Write(record);
    }

    private void Write(ProgressRecord record)
    {
        if (!cmdlet.Stopping)
        {
            cmdlet.WriteProgress(record);
        }
    }

    // ProgressRecord throws on an empty text.
    private static ProgressRecord Record(int id, string activity, string status, int percent) =>
        new(id, activity.Length > 0 ? activity : "ZfsEsx", status.Length > 0 ? status : "Working")
        {
            PercentComplete = percent,
        };
}
