using System.ComponentModel;
using System.Diagnostics;

namespace ZfsEsx.Shell;

/// <summary>Programs of the OpenSSH client on this machine.</summary>
internal static class LocalProcess
{
    /// <summary>
    /// What to start, with all streams redirected. An ssh that wants to ask something (that of a jump host knows none
    /// of our options) asks a program that says no, not the user's terminal, where nobody answers.
    /// </summary>
    public static ProcessStartInfo Info(string program, IEnumerable<string> arguments) =>
        new(program, CommandLine.Join(arguments))
    {
        UseShellExecute = false,
        CreateNoWindow = true,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["SSH_ASKPASS"] = "false", ["SSH_ASKPASS_REQUIRE"] = "force" },
    };

    /// <summary>Starts a program.</summary>
    /// <exception cref="ZfsEsxException"><c>SshClientNotFound</c>.</exception>
    public static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info) ?? throw new InvalidOperationException("No process was started.");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new ZfsEsxException(
                "SshClientNotFound", FailureKind.NotFound, info.FileName,
                "The OpenSSH client program " + info.FileName + " cannot be started on this machine: " + e.Message,
                "Install the OpenSSH client (Debian: openssh-client; Windows: optional feature OpenSSH Client) so "
                    + "that it is on the PATH.",
                e);
        }
    }

    /// <summary>Runs a program to its end and returns exit code, standard output and standard error.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan timeout, CancellationToken ct)
    {
        using Process process = Start(Info(program, arguments));
        process.StandardInput.Close();
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        using (limit.Token.Register(() => Kill(process)))
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            await Task.WhenAll(output, error).ConfigureAwait(false);
            process.WaitForExit(1000);
            ct.ThrowIfCancellationRequested();
            return (process.HasExited ? process.ExitCode : -1, output.Result, error.Result);
        }
    }

    /// <summary>Ends a process of ours that may have ended already.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
