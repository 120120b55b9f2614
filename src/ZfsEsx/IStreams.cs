namespace ZfsEsx;

/// <summary>PowerShell's streams as the pump needs them: the pipeline thread is the only caller.</summary>
internal interface IStreams
{
    void Verbose(string message);

    void Warning(string message);

    void Progress(int id, string activity, string status, int? percent);

    void Completed(int id, string activity);
}
