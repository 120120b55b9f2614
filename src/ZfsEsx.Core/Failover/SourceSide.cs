using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Failover;

/// <summary>A file system of the source.</summary>
internal sealed record SourceFile(
    string Name, string MountPoint, bool Mounted, string Share, string SavedShare, string Role)
{
    public bool IsShared => Share is not ("off" or "-");
}

/// <summary>The source as it is when it takes part: before a planned failover, and on the way back.</summary>
/// <param name="Dataset">What it replicates: <c>sp1/nas</c>.</param>
/// <param name="Files">Its file systems.</param>
/// <param name="Back">What came back and has not taken its place yet, with the root that it is below.</param>
internal sealed record SourceSide(string Dataset, IReadOnlyList<SourceFile> Files, IReadOnlyList<string> Back)
{
    /// <summary>The neighbour may send here.</summary>
    public bool WayIsOpen { get; private init; }

    // What inherits from below the root is closed with that; what the root itself has from above is closed there.
    internal const string FenceScript =
        """
        tab=$(printf '\t')
        zfs get -H -r -o name,value,source sharenfs "$1" | while IFS=$tab read -r name value source; do
          case $value in off | -) continue ;; esac
          case $source in
            inherited*) [ "$name" = "$1" ] || continue; value=inherited ;;
          esac
          zfs set zfsesx:sharenfs="$value" "$name" && zfs set sharenfs=off "$name" || exit 1
        done || exit 1
        open=$(zfs get -H -r -o name,value sharenfs "$1" | awk -F '\t' '$2 != "off" && $2 != "-" { print $1 }')
        [ -z "$open" ] || { echo "still shared:" $open >&2; exit 1; }
        zfs set zfsesx:role=fenced "$1"
        """;

    // A cycle that the holder still refuses would close the shares again: from here on it does not for this fence, and
    // one that may be about to is ended. Setting a value does not export by itself everywhere; share does.
    internal const string UnfenceScript =
        """
        [ -z "$2" ] || zfs set zfsesx:home="$2" "$1" || exit 1
        "$4" stop "$3" || exit 1
        tab=$(printf '\t')
        zfs get -H -r -s local -o name,value zfsesx:sharenfs "$1" | while IFS=$tab read -r name value; do
          if [ "$value" = inherited ]; then zfs inherit sharenfs "$name"; else zfs set sharenfs="$value" "$name"; fi || exit 1
          zfs inherit zfsesx:sharenfs "$name" || exit 1
          zfs share "$name" 2>/dev/null || { zfs unshare "$name" 2>/dev/null; zfs share "$name" 2>/dev/null; } || :
        done || exit 1
        zfs inherit zfsesx:role "$1"
        """;

    private const string TidyScript =
        """
        rm -f "$3" "$4/$5"
        zfs inherit zfsesx:role "$1"
        zfs inherit zfsesx:mountpoint "$1"
        zfs destroy "$2" 2>/dev/null || :
        """;

    public string Pool => ReplicaNames.PoolOf(Dataset);

    public static async Task<SourceSide> ReadAsync(FailoverOptions options, CancellationToken ct)
    {
        ZfsHost host = options.SourceHost!;
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(
                Resource.Text("source-side.sh"),
                ReplicaNames.CheckName(options.Holder.Name, "the name of a storage VM"),
                options.Holder.Name),
            "SourceUnreadable", host.Name, "What " + options.Source + " replicates cannot be read", null, ct)
            .ConfigureAwait(false);
        return Parse(answer.Lines);
    }

    internal static SourceSide Parse(IEnumerable<string> lines)
    {
        ILookup<string, string[]> by = lines.Select(l => l.Split('\t')).ToLookup(w => w[0], w => w.Skip(1).ToArray());
        return new SourceSide(
            by["DATASET"].First()[0],
            [.. by["FS"].Where(w => w.Length == 6)
                .Select(w => new SourceFile(w[0], w[1], w[2] == "yes", w[3], w[4], w[5]))],
            [.. by["BACK"].Select(w => w[0])])
        {
            WayIsOpen = by["WAY"].Any(),
        };
    }

    public string NameOf(FailoverUnit unit) => Pool + "/" + unit.Replica.Relative;

    public SourceFile? FileOf(FailoverUnit unit) => Files.FirstOrDefault(f => f.Name == NameOf(unit));

    /// <summary>
    /// The role of what has come back and taken its place: it is home from the failover that began with this fence, and
    /// from no other, should the mark have stayed.
    /// </summary>
    public static string RoleAtHome(string? fence) => "home " + (fence ?? "-");

    public bool IsHome(FailoverUnit unit, string? fence) => FileOf(unit)?.Role == RoleAtHome(fence);

    /// <summary>Shares of file systems are closed, and remembered.</summary>
    public static Task FenceAsync(ZfsHost host, string dataset, CancellationToken ct) => host.CheckAsync(
        RemoteCommand.Script(FenceScript, dataset), "NotFenced", host.Name, dataset + " cannot be fenced", null, ct);

    /// <summary>Shares are opened again as they were, and stay open though the holder takes no increments yet.</summary>
    public static Task UnfenceAsync(
        ZfsHost host, string dataset, string neighbour, string? fence, CancellationToken ct) => host.CheckAsync(
        RemoteCommand.Script(UnfenceScript, dataset, fence ?? string.Empty, neighbour, AgentFiles.Folder + "/agent.sh"),
        "NotUnfenced", host.Name, dataset + " cannot be shared again", null, ct);

    public static Task TidyAsync(
        ZfsHost host, string fileSystem, string root, string config, string mountPoint, CancellationToken ct) =>
        host.CheckAsync(
            RemoteCommand.Script(TidyScript, fileSystem, root, config, mountPoint, VmNotes.FileName),
            "NotTidied", fileSystem, "What the way back has left cannot be removed", null, ct);
}
