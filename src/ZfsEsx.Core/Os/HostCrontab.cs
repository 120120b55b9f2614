using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>Root's crontab on a storage VM.</summary>
internal static class HostCrontab
{
    // What crontab -l says where there is none yet: all crons of Linux and the BSDs, Solaris', busybox'.
    private static readonly string[] s_none =
        ["no crontab", "can't open your crontab", "can't open 'root': No such file"];

    /// <summary>
    /// Reads, edits and writes it; an edit that changes nothing writes nothing. Edits of one storage VM run one after
    /// the other: each is several commands, and one in between would be lost.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>CrontabNotRead</c>, <c>CrontabRefused</c>, <c>CrontabNotKept</c>.
    /// </exception>
    public static async Task EditAsync(ZfsHost host, Func<string, string> edit, CancellationToken ct)
    {
        await host.CrontabTurn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            string old = await ReadAsync(host, ct).ConfigureAwait(false);
            string wanted = edit(old);
            if (wanted != old)
            {
                await WriteAsync(host, wanted, edit, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            host.CrontabTurn.Release();
        }
    }

    // Whatever else goes wrong is not "none": the whole crontab would be replaced by our block.
    private static async Task<string> ReadAsync(ZfsHost host, CancellationToken ct)
    {
        CommandResult answer = await host.RunAsync(new RemoteCommand("crontab", "-l"), ct).ConfigureAwait(false);
        return answer.Succeeded ? answer.Output
            : s_none.Any(answer.Error.Contains) ? ""
            : throw new ZfsEsxException(
                "CrontabNotRead", FailureKind.Failed, host.Name,
                "The crontab of root cannot be read on " + host.Name + ": " + answer.Complaint.TrimEnd('.')
                    + ". It was left as it is.",
                "See what crontab -l says as root there; look at cron.allow and cron.deny.");
    }

    private static async Task WriteAsync(
        ZfsHost host, string wanted, Func<string, string> edit, CancellationToken ct)
    {
        // An empty file would stay a crontab; only -r removes it.
        RemoteCommand command = wanted.Length == 0 ? new RemoteCommand("crontab", "-r")
            : new RemoteCommand(RemoteCommand.Script(Resource.Text("crontab.sh")).Words)
            {
                Input = Encoding.UTF8.GetBytes(wanted),
            };
        CommandResult said = await host.CheckAsync(
            command, "CrontabRefused", host.Name, "The crontab of root cannot be set",
            "Look at cron.allow and cron.deny there.", ct).ConfigureAwait(false);

        // Older systems end with 0, too, when they have refused a line and kept the old crontab.
        string kept = await ReadAsync(host, ct).ConfigureAwait(false);
        if (edit(kept) != kept)
        {
            throw new ZfsEsxException(
                "CrontabNotKept", FailureKind.Failed, host.Name,
                "The crontab of root on " + host.Name + " was set, but does not say what it was set to"
                    + (said.Error.Trim().Length > 0 ? ": " + said.Complaint.TrimEnd('.') : "") + ".",
                "Look at crontab -l as root there, and at what else changes it; then run the same command again.");
        }
    }
}
