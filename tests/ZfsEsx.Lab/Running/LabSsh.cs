using System.Globalization;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab;

/// <summary>Commands in guests, over ssh with the lab's own keys; every one is bounded.</summary>
internal static class LabSsh
{
    /// <summary>Runs a command as root in the guest behind a port.</summary>
    public static Task<CommandResult> RunAsync(
        LabPaths paths, int port, RemoteCommand command, CancellationToken ct)
    {
        string[] ssh =
        [
            "ssh", "-F", "/dev/null", "-i", paths.SshKey, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=" + paths.KnownHosts,
            "-o", "GlobalKnownHostsFile=/dev/null", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10",
            // A login costs an emulated guest half a second; the connection that is kept ends with its guest.
            "-o", "ControlMaster=auto", "-o", "ControlPath=" + Path.Combine(paths.Run, "ssh-%p"),
            "-o", "ControlPersist=300", "-o", "LogLevel=ERROR",
            "-p", port.ToString(CultureInfo.InvariantCulture), "root@127.0.0.1", "--",
            string.Join(' ', command.Words.Select(ShellQuote.Quote)),
        ];
        return Tool.RunAsync(ssh, command.Timeout, ct, command.Input);
    }
}
