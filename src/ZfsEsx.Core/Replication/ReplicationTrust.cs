using System.Diagnostics;
using System.Text;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Replication;

/// <summary>
/// Lets a storage VM send to its neighbour and do nothing else there: a key that never leaves the source, a forced
/// command, a rule of sudo, doas or pfexec for exactly that command, and the neighbour's host key pinned from what the
/// neighbour itself says.
/// </summary>
public static class ReplicationTrust
{
    private const string TestScript =
        """
        printf 'HELLO\t2\t%s\ttest\nBYE\n' "$5" | ssh -F /dev/null -T -p "$4" -i "$6" -l "$2" -o BatchMode=yes \
          -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/zfsesx/known_hosts \
          -o GlobalKnownHostsFile=/dev/null -o HostKeyAlias="zfsesx-$1" -o ConnectTimeout=15 "$3" zfsesx
        """;

    /// <summary>
    /// What has to be done so that <paramref name="source"/> may send to <paramref name="target"/>. One round trip to
    /// each.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>BadReplicationName</c>, <c>SudoMissing</c>, <c>UserNotUsable</c>, <c>UserMissing</c>, <c>KeysFileMissing</c>,
    /// <c>HostKeyMissing</c>.
    /// </exception>
    public static async Task<Plan<ZfsReplicationTrust>> PlanNewAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct)
    {
        TrustNames names = TrustNames.Of(source, target, options);
        (TrustSource here, TrustTarget there) = await ReadAsync(source, target, names, ct).ConfigureAwait(false);
        TrustCheck.Usable(target, names, there);
        return new Plan<ZfsReplicationTrust>(
            [.. TrustChanges.New(source, target, names, here, there)], c => GetAsync(source, target, options, c));
    }

    /// <summary>The trust as it is, read from both sides.</summary>
    public static async Task<ZfsReplicationTrust> GetAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct)
    {
        TrustNames names = TrustNames.Of(source, target, options);
        (TrustSource here, TrustTarget there) = await ReadAsync(source, target, names, ct).ConfigureAwait(false);
        return new ZfsReplicationTrust(
            names.Source,
            names.Neighbour,
            names.User,
            names.Address,
            names.Port,
            here.Fingerprint,
            there.KeysFile,
            [.. TrustCheck.Missing(names, here, there)]);
    }

    /// <summary>
    /// Connects from the source with its key, exactly as a cycle does, and reads the agent's greeting.
    /// </summary>
    public static Task<ZfsReplicationTrustTest> TestAsync(
        ZfsHost source, ReplicationTrustOptions options, CancellationToken ct)
    {
        TrustNames names = TrustNames.Of(source, null, options);
        return TestAsync(source, names, names.KeyPath, ct);
    }

    internal static async Task<ZfsReplicationTrustTest> TestAsync(
        ZfsHost source, TrustNames names, string key, CancellationToken ct)
    {
        Stopwatch clock = Stopwatch.StartNew();
        CommandResult answer = await source.RunAsync(
            RemoteCommand.Script(
                TestScript,
                names.Neighbour,
                names.User,
                names.Address,
                names.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                names.Source,
                key),
            ct).ConfigureAwait(false);
        string? greeting = answer.Lines.FirstOrDefault(l => l.StartsWith("@", StringComparison.Ordinal));

        // "@NO CONFIG" comes from the agent, too: login, host key, forced command and sudo are in order.
        bool reached = greeting is not null
            && (greeting.StartsWith("@HELLO\t", StringComparison.Ordinal)
                || greeting.StartsWith("@NO\tCONFIG\t", StringComparison.Ordinal));
        return new ZfsReplicationTrustTest(
            names.Source,
            names.Neighbour,
            reached,
            (greeting ?? answer.Complaint).Replace('\t', ' '),
            clock.Elapsed.TotalSeconds);
    }

    /// <summary>
    /// Tries with the source's key what it must not open on the neighbour: commands, a shell, a terminal, forwarding,
    /// file transfer, other data sets. Nothing is changed; returns what was open, in words.
    /// </summary>
    public static async Task<IReadOnlyList<string>> OpenAsync(
        ZfsHost source, ReplicationTrustOptions options, CancellationToken ct)
    {
        TrustNames names = TrustNames.Of(source, null, options);
        RemoteCommand tries = new(
            "sh", "-c", Resource.Text("confined.sh"), "sh", names.Neighbour, names.User, names.Address,
            names.Port.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            Timeout = TimeSpan.FromMinutes(4),
        };
        CommandResult answer = await source.CheckAsync(
            tries, "TrustNotTried", source.Name, "What the key of " + names.Source + " opens cannot be tried", null, ct)
            .ConfigureAwait(false);
        return [.. answer.Lines
            .Where(l => l.StartsWith("OPEN ", StringComparison.Ordinal))
            .Select(l => l.Substring(5))];
    }

    /// <summary>
    /// What has to be done so that the source has a new key and the old one opens nothing any more. At every moment the
    /// key that a cycle uses is let in; broken off after any step, the next run goes on.
    /// </summary>
    /// <exception cref="ZfsEsxException"><c>TrustMissing</c>, and those of <see cref="PlanNewAsync"/>.</exception>
    public static async Task<Plan<ZfsReplicationTrust>> PlanUpdateAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct)
    {
        TrustNames names = TrustNames.Of(source, target, options);
        (TrustSource here, TrustTarget there) = await ReadAsync(source, target, names, ct).ConfigureAwait(false);
        TrustCheck.Usable(target, names, there);
        bool letIn = here.PublicKey is not null && TrustCheck.KeyLineRight(names, here.PublicKey, there);
        bool begun = here.PublicKey is not null && TrustCheck.NextKeyLineRight(names, here.PublicKey, there);
        if (!letIn && !begun)
        {
            throw new ZfsEsxException(
                "TrustMissing",
                FailureKind.InvalidState,
                names.Source,
                names.Source + " has no key that " + names.Neighbour
                    + " lets in, so there is none to be followed by another.",
                "Run New-ZfsReplicationTrust.");
        }

        return new Plan<ZfsReplicationTrust>(
            [.. TrustRotation.Changes(source, target, names, onlyLast: begun)],
            c => GetAsync(source, target, options, c));
    }

    /// <summary>
    /// What has to be removed so that the source can no longer log in. The account and the replicas stay.
    /// </summary>
    public static async Task<Plan<ZfsReplicationTrust>> PlanRemoveAsync(
        ZfsHost source, ZfsHost target, ReplicationTrustOptions options, CancellationToken ct)
    {
        TrustNames names = TrustNames.Of(source, target, options);
        (TrustSource here, TrustTarget there) = await ReadAsync(source, target, names, ct).ConfigureAwait(false);
        return new Plan<ZfsReplicationTrust>(
            [.. TrustChanges.Remove(source, target, names, here, there)], c => GetAsync(source, target, options, c));
    }

    private static async Task<(TrustSource Here, TrustTarget There)> ReadAsync(
        ZfsHost source, ZfsHost target, TrustNames names, CancellationToken ct)
    {
        Task<TrustSource> here = TrustSource.ReadAsync(source, names, ct);
        Task<TrustTarget> there = TrustTarget.ReadAsync(target, names, ct);
        await Task.WhenAll(here, there).ConfigureAwait(false);
        return (await here.ConfigureAwait(false), await there.ConfigureAwait(false));
    }
}

/// <summary>The checked names of a trust.</summary>
internal sealed record TrustNames(string Source, string Neighbour, string User, string Address, int Port)
{
    public bool Root => User == "root";

    public string KeyPath => EdgeConfig.KeyPath(Neighbour);

    public string NextKeyPath => KeyPath + ".new";

    public static TrustNames Of(ZfsHost source, ZfsHost? target, ReplicationTrustOptions options)
    {
        string neighbour = options.NeighbourName ?? target?.Name ?? throw new ZfsEsxException(
            "NeighbourNameMissing", FailureKind.InvalidArgument, source.Name, "The name of the neighbour is missing.",
            "Give the neighbour, or its name and address where there is no connection to it.");
        if (options.Port is < 1 or > 65535)
        {
            throw new ZfsEsxException(
                "BadReplicationNumber",
                FailureKind.InvalidArgument,
                neighbour,
                "There is no port " + options.Port + ".",
                "Give the port of the neighbour's ssh server, from 1 to 65535.");
        }

        return new TrustNames(
            ReplicaNames.CheckName(options.SourceName ?? source.Name, "the name of a storage VM"),
            ReplicaNames.CheckName(neighbour, "the name of a storage VM"),
            ReplicaNames.CheckName(options.UserName, "the replication user"),
            ReplicaNames.CheckAddress(options.Address, "the address of " + neighbour),
            options.Port);
    }
}
