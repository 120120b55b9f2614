using System.Management.Automation;

namespace ZfsEsx;

/// <summary>The streams of a running cmdlet.</summary>
internal sealed class CmdletStreams(Cmdlet cmdlet) : IStreams
{
    public void Verbose(string message) => cmdlet.WriteVerbose(message);

    public void Warning(string message) => cmdlet.WriteWarning(message);

    public void Progress(int id, string activity, string status, int? percent) =>
        cmdlet.WriteProgress(Record(id, activity, status, percent ?? -1));

    public void Completed(int id, string activity)
    {
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
