using ZfsEsx.Esx;
using ZfsEsx.Shell;
using ZfsEsx.Vim;

namespace ZfsEsx.Failover;

/// <summary>
/// Whether the source is really gone. Two machines that serve the same VMs would be the end of them, so everybody who
/// could still hear it is asked: vCenter for its host and its VM, the hosts for its shares, the holder for its ssh
/// server.
/// </summary>
internal static class LostProof
{
    private const string Script =
        """
        LC_ALL=C ssh -F /dev/null -T -l zfsesx -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null \
          -o GlobalKnownHostsFile=/dev/null -o ConnectTimeout=5 -p "$2" "$1" true 2>&1 </dev/null
        exit 0
        """;

    private static readonly string[] s_silence =
        ["timed out", "No route", "unreachable", "not resolve", "not known", "Network is down", "Host is down"];

    /// <summary>Who has heard of the source, in words; empty when nobody has.</summary>
    public static async Task<IReadOnlyList<string>> SignsAsync(
        VimClient client, FailoverOptions options, FailoverInventory inventory, IReadOnlyList<FailoverUnit> units,
        CancellationToken ct)
    {
        DatastoreFact[] old = [.. units.Select(u => u.Old).OfType<DatastoreFact>()];
        await Task.WhenAll(old.Select(d => ReviveActions.RefreshAsync(client, d.Ref, d.Name, ct)))
            .ConfigureAwait(false);
        MoRef[] hosts = Askable(options, inventory, old);
        IReadOnlyList<ZfsNfsDatastore> mounts = old.Length == 0 || hosts.Length == 0 ? []
            : (await NfsFacts.ReadAsync(client, hosts, ct).ConfigureAwait(false)).Mounts;
        string[] servers = [.. old.SelectMany(d => d.Servers).Append(options.SourceAddress ?? string.Empty)
            .Where(s => s.Length > 0).Distinct()];
        string?[] answers = await Task.WhenAll(servers.Select(s => AnswerAsync(options, s, ct))).ConfigureAwait(false);
        return
        [
            .. Running(options, inventory),
            .. mounts.Where(m => old.Any(d => d.Ref.Id == m.DatastoreId) && m is { Mounted: true, Accessible: true })
                .Select(m => m.VMHost + " reaches datastore " + m.Name),
            .. answers.OfType<string>(),
        ];
    }

    /// <summary>
    /// The hosts that can tell whether they reach the source: those chosen, and all that have its datastores. Pure.
    /// </summary>
    internal static MoRef[] Askable(
        FailoverOptions options, FailoverInventory inventory, IReadOnlyList<DatastoreFact> old) =>
    [
        .. inventory.Hosts
            .Where(h => h.Connected && (options.Hosts.Contains(h.Ref) || old.Any(d => d.Hosts.Contains(h.Ref))))
            .Select(h => h.Ref),
    ];

    /// <summary>What the inventory says of the source's VM. Pure.</summary>
    internal static IEnumerable<string> Running(FailoverOptions options, FailoverInventory inventory)
    {
        foreach (KnownVm vm in inventory.VMs.Where(v => options.SourceVm is MoRef known
            ? v.Ref == known : Inventory.Same(v.Name, options.Source)))
        {
            if (vm.IsOn && inventory.HostOf(vm) is { Connected: true } host)
            {
                yield return "the VM " + vm.Name + " runs on " + host.Name + (vm.ToolsRunning ? string.Empty
                    : ", though without VMware Tools: switch it off if it hangs");
            }
        }
    }

    /// <summary>
    /// Whether what ssh said means that something answered. A connection that stands, and on which nothing is said, is
    /// the answer of a machine that hangs, or is busy. Pure.
    /// </summary>
    internal static bool IsAnswer(string said)
    {
        bool Says(string text) => said.IndexOf(text, StringComparison.OrdinalIgnoreCase) >= 0;
        return said.Trim().Length > 0 && (Says("banner exchange") || !s_silence.Any(Says));
    }

    private static async Task<string?> AnswerAsync(FailoverOptions options, string server, CancellationToken ct)
    {
        CommandResult said = await options.Holder.RunAsync(
            RemoteCommand.Script(
                Script, server, options.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), ct)
            .ConfigureAwait(false);
        return IsAnswer(said.Output) ? options.Holder.Name + " gets an answer from " + server : null;
    }
}
