namespace ZfsEsx.Shell;

/// <summary>What a command answered.</summary>
/// <param name="ExitCode">Its exit code; 128 + n when a signal n ended it.</param>
/// <param name="Output">Its standard output, UTF-8.</param>
/// <param name="Error">Its standard error, UTF-8.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>True when the command ended with 0.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The lines of <see cref="Output"/> without line ends; an empty output has none.</summary>
    public string[] Lines =>
        Output.Length == 0 ? [] : Output.TrimEnd('\n').Split('\n').Select(l => l.TrimEnd('\r')).ToArray();

    /// <summary>The system's own words in one line, for messages.</summary>
    public string Complaint
    {
        get
        {
            string text = Error.Trim().Length > 0 ? Error : Output;
            string line = string.Join(
                "; ", text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim()));
            return line.Length > 0 ? line : "exit code " + ExitCode;
        }
    }
}
