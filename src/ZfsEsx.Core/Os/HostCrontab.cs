using System.Text;
using ZfsEsx.Shell;

namespace ZfsEsx.Os;

/// <summary>Root's crontab on a storage VM.</summary>
internal static class HostCrontab
{
    private const string SetCrontab = "crontab -";

    // "crontab -" with nothing leaves an empty file; only -r removes it.
    private const string RemoveCrontab = "crontab -r";

    /// <summary>Reads, edits and writes it; an edit that changes nothing writes nothing.</summary>
    public static async Task EditAsync(ZfsHost host, Func<string, string> edit, CancellationToken ct)
    {
        CommandResult current = await host.RunAsync(new RemoteCommand("crontab", "-l"), ct).ConfigureAwait(false);
        string old = current.Succeeded ? current.Output : "";
        string wanted = edit(old);
        if (wanted == old)
        {
            return;
        }

        RemoteCommand command = new("sh", "-c", wanted.Length == 0 ? RemoveCrontab : SetCrontab)
        {
            Input = Encoding.UTF8.GetBytes(wanted),
        };
        await host.CheckAsync(
            command,
            "CrontabRefused",
            host.Name,
            "The crontab of root cannot be set",
            "Look at cron.allow and cron.deny there.",
            ct).ConfigureAwait(false);
    }
}
