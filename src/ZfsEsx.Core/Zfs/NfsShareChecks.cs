using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Zfs;

/// <summary>Looks at shares with the eyes of a host that has to mount them. Changes nothing.</summary>
public static class NfsShareChecks
{
    private const string SnapshotScript = """
        zfs list -H -r -d 1 -t snapshot -o name "$@"
        """;

    private static readonly TimeSpan s_listing = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Checks shares of a storage VM. One that shares nothing at all fails a check with no file system.
    /// </summary>
    /// <param name="host">The storage VM.</param>
    /// <param name="wanted">Which file systems.</param>
    /// <param name="hosts">The hosts that shall mount them; none: clients are only resolved.</param>
    /// <param name="from">Other machines that try to mount them: clients must get it, others must not.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ZfsEsxException"><c>SharesNotRead</c>.</exception>
    public static async Task<IReadOnlyList<ZfsNfsShareCheck>> GetAsync(
        ZfsHost host, Func<string, bool> wanted, IReadOnlyList<MountingHost> hosts, IReadOnlyList<ZfsHost> from,
        CancellationToken ct)
    {
        NfsShareState state = await NfsShares.ReadAsync(host, "", "", [], ct).ConfigureAwait(false);
        ZfsNfsShare[] shares =
            [.. state.Shares.Where(s => s.Options is not ("off" or "-") && wanted(s.FileSystem))];
        if (shares.Length == 0)
        {
            return state.Shares.Any(s => s.Options is not ("off" or "-")) || !wanted("") ? []
                : [NfsShareJudge.Nothing(host.Name)];
        }

        string[] fileSystems = [.. shares.Select(s => s.FileSystem)];
        string[] names =
        [
            .. shares.SelectMany(s => s.Clients)
                .Where(HostRules.IsHostName)
                .Where(n => !HostRules.IsAddressOrNetwork(n))
                .Distinct(),
        ];
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(
                Resource.Text("share-checks.sh") + Resource.Text("resolve.sh"),
                [fileSystems.Length.ToString(CultureInfo.InvariantCulture), .. fileSystems, .. names]),
            "SharesNotRead", host.Name, "The shared file systems cannot be looked at", null, ct).ConfigureAwait(false);
        SnapshotCounts snapshots = new();
        await host.RunAsync(
            new RemoteCommand(RemoteCommand.Script(SnapshotScript, fileSystems).Words)
            {
                OnLine = snapshots.Take, Timeout = s_listing,
            },
            ct).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> parts = Sections.Split(answer.Output);
        state = state with { Names = HostNamesText.Resolved(parts.Lines("names")) };
        List<ZfsNfsShareCheck> checks = [];
        foreach (ZfsNfsShare share in shares)
        {
            checks.AddRange(NfsShareJudge.Judge(host.Name, state, share, hosts, parts, snapshots.Found));
            foreach (ZfsHost other in from.Where(o => o != host))
            {
                checks.Add(await OutsideAsync(host, state, share, other, ct).ConfigureAwait(false));
            }
        }

        return checks;
    }

    /// <summary>The error about a file system that is to be checked and is not shared.</summary>
    internal static ZfsEsxException NotFound(string host, string fileSystem) => new(
        "ShareNotFound", FailureKind.NotFound, fileSystem,
        "There is no share of " + ShellQuote.Readable(fileSystem) + " on " + host + ".",
        "See Get-ZfsNfsShare for what is shared; Set-ZfsNfsShare shares a file system.");

    private static async Task<ZfsNfsShareCheck> OutsideAsync(
        ZfsHost host, NfsShareState state, ZfsNfsShare share, ZfsHost other, CancellationToken ct)
    {
        // Where both have an address in one network; one that both have is no way from one to the other.
        IReadOnlyList<string> theirs =
            (await NfsShares.ReadAsync(other, "", "", [], ct).ConfigureAwait(false)).Addresses;
        if (NfsShareJudge.Way(state.Addresses, theirs) is not (string server, string client))
        {
            return new(
                host.Name, share.FileSystem, "Outside", ZpoolCheckStatus.Warning,
                other.Name + " has no address in a network of " + host.Name, "an address in the storage network",
                "Give it one with Set-ZfsHostNetwork, or try from another storage VM.");
        }

        CommandResult tried = await other.RunAsync(
            RemoteCommand.Script(Resource.Text("share-outside.sh"), server, share.MountPoint),
            ct).ConfigureAwait(false);
        return NfsShareJudge.Outside(
            host.Name, state, share, other.Name, client, tried.Lines.FirstOrDefault() ?? "refused " + tried.Complaint);
    }
}
