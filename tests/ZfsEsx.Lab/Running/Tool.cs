using System.Diagnostics;
using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>Programs of this machine: run, wait within a limit, hear what they said.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end, whatever it answers.</summary>
    /// <exception cref="LabException">It is missing, or did not end in time.</exception>
    public static async Task<CommandResult> RunAsync(
        IEnumerable<string> words,
        TimeSpan limit,
        CancellationToken ct,
        byte[]? input = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? directory = null)
    {
        string[] command = [.. words];
        using Process process = Start(command, environment, directory);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await FeedAsync(process, input, timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            throw new LabException($"{Name(command)} did not end within {limit.TotalSeconds:0} s.");
        }
    }

    /// <summary>Runs a program that must succeed; its standard output.</summary>
    public static async Task<string> MustAsync(
        IEnumerable<string> words, TimeSpan limit, CancellationToken ct, string? directory = null)
    {
        string[] command = [.. words];
        CommandResult result = await RunAsync(command, limit, ct, directory: directory);
        return result.Succeeded
            ? result.Output
            : throw new LabException($"{Name(command)} failed with exit code {result.ExitCode}: {result.Complaint}");
    }

    /// <summary>Looks a program up in PATH and where root's programs are.</summary>
    public static string? Find(string program)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':').Concat(["/usr/sbin", "/sbin", "/usr/local/sbin"])
            .Where(directory => directory.Length > 0)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
    }

    private static string Name(string[] command) => Path.GetFileName(command[0]);

    private static Process Start(
        string[] command, IReadOnlyDictionary<string, string?>? environment, string? directory)
    {
        string program = Find(command[0])
            ?? (File.Exists(command[0]) ? command[0] : throw new LabException($"There is no program {command[0]}."));
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = directory ?? "/",
        };
        foreach (string word in command.Skip(1))
        {
            start.ArgumentList.Add(word);
        }

        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new LabException($"{program} could not be started.");
    }

    private static async Task FeedAsync(Process process, byte[]? input, CancellationToken ct)
    {
        try
        {
            if (input is not null)
            {
                await process.StandardInput.BaseStream.WriteAsync(input, ct);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading its input: its exit code and words say why
        }
    }
}
