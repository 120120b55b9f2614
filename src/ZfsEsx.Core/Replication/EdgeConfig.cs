using System.Globalization;

namespace ZfsEsx.Replication;

/// <summary>The configuration files of the agent: one on the source, one on the neighbour, per edge. Pure.</summary>
internal static class EdgeConfig
{
    public const string Folder = "/etc/zfsesx";

    public static string SourcePath(ReplicationEdge edge) => Folder + "/edge-" + edge.Neighbour + ".conf";

    public static string TargetPath(ReplicationEdge edge) => Folder + "/source-" + edge.Source + ".conf";

    public static string KeyPath(string neighbour) => Folder + "/keys/" + neighbour;

    /// <summary>What the source has to know. Everything is checked against the agent's own alphabet first.</summary>
    public static string ForSource(ReplicationEdge edge, RingReplicationOptions options)
    {
        Check(edge, options);
        return Lines(
        [
            "# ZfsEsx: what " + edge.Source + " sends to " + edge.Neighbour,
            "source=" + edge.Source,
            "neighbour=" + edge.Neighbour,
            "address=" + edge.NeighbourAddress,
            "port=" + Number(options.Port),
            "user=" + options.UserName,
            "dataset=" + edge.SourceDataset,
            "root=" + edge.TargetRoot,
            "plan=" + edge.PlanId,
            "keep=" + Number(options.KeepOnSource),
            .. Kept(options),
            Divergence(options),
            options.RateLimit is { } rate ? "rate=" + Number(rate.Bytes) : null,
            options.Ciphers is null ? null : "ciphers=" + options.Ciphers,
            options.RecoveryPointObjective is { } rpo ? "rpo=" + Number((long)rpo.TotalSeconds) : null,
            options.Schedule.CloseGap is { } gap ? "persist=" + Number((long)gap.TotalSeconds + 60) : null,
        ]);
    }

    /// <summary>What the neighbour has to know: where to, and how much to keep. The source has no say in it.</summary>
    public static string ForTarget(ReplicationEdge edge, RingReplicationOptions options)
    {
        Check(edge, options);
        return Lines(
        [
            "# ZfsEsx: what " + edge.Neighbour + " receives from " + edge.Source,
            "source=" + edge.Source,
            "root=" + edge.TargetRoot,
            "plan=" + edge.PlanId,
            "keep=" + Number(options.KeepOnReplica),
            .. Kept(options),
            Divergence(options),
        ]);
    }

    private static IEnumerable<string?> Kept(RingReplicationOptions options)
    {
        (string Key, int Count)[] kept =
        [
            ("hourly", options.KeepHourly),
            ("daily", options.KeepDaily),
            ("weekly", options.KeepWeekly),
            ("monthly", options.KeepMonthly),
        ];
        return kept.Where(k => k.Count > 0).Select(k => k.Key + "=" + Number(k.Count));
    }

    private static string? Divergence(RingReplicationOptions options) =>
        options.DivergencePolicy == DivergencePolicy.Preserve ? "divergence=preserve" : null;

    private static void Check(ReplicationEdge edge, RingReplicationOptions options)
    {
        ReplicaNames.CheckName(edge.Source, "the name of a storage VM");
        ReplicaNames.CheckName(edge.Neighbour, "the name of a storage VM");
        ReplicaNames.CheckName(options.UserName, "the replication user");
        ReplicaNames.CheckAddress(edge.NeighbourAddress, "the address of " + edge.Neighbour);
        ReplicaNames.CheckDataset(edge.SourceDataset, "the replicated data set of " + edge.Source);
        ReplicaNames.CheckDataset(edge.TargetRoot, "the root of the replicas of " + edge.Source);
        CheckRange(options.Port, 1, 65535, "Port");
        CheckRange(options.KeepOnSource, 1, 100000, "KeepOnSource");
        CheckRange(options.KeepOnReplica, 1, 100000, "KeepOnReplica");
        CheckRange(options.KeepHourly, 0, 100000, "KeepHourly");
        CheckRange(options.KeepDaily, 0, 100000, "KeepDaily");
        CheckRange(options.KeepWeekly, 0, 100000, "KeepWeekly");
        CheckRange(options.KeepMonthly, 0, 100000, "KeepMonthly");
        if (options.RateLimit is { } rate)
        {
            CheckRange(rate.Bytes, 1024, 1L << 40, "RateLimit");
        }

        if (options.RecoveryPointObjective is { } rpo)
        {
            CheckRange((long)rpo.TotalSeconds, 60, 366 * 86400, "RecoveryPointObjective (in seconds)");
        }

        if (options.Ciphers is not null && (options.Ciphers.Length == 0 || !options.Ciphers.All(IsCipherChar)))
        {
            throw new ZfsEsxException(
                "BadCiphers",
                FailureKind.InvalidArgument,
                edge.Source,
                "The list of ciphers is not one: '"
                    + new string([.. options.Ciphers.Where(c => !char.IsControl(c))]) + "'.",
                "Give names as 'ssh -Q cipher' prints them, with commas between them.");
        }
    }

    private static void CheckRange(long value, long least, long most, string what)
    {
        if (value < least || value > most)
        {
            throw new ZfsEsxException(
                "BadReplicationNumber",
                FailureKind.InvalidArgument,
                what,
                what + " cannot be " + Number(value) + ".",
                "Give a number from " + Number(least) + " to " + Number(most) + ".");
        }
    }

    private static bool IsCipherChar(char c) =>
        c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '@' or '.' or ',' or '-';

    private static string Number(long n) => n.ToString(CultureInfo.InvariantCulture);

    private static string Lines(IEnumerable<string?> lines) =>
        string.Join("\n", lines.Where(l => l is not null)) + "\n";
}
