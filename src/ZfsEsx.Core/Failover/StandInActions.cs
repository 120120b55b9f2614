using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Failover;

/// <summary>
/// What is done on the storage VM that holds the replicas. The replicas themselves are never changed.
/// </summary>
internal static class StandInActions
{
    /// <summary>From here on every write to a stand-in is news.</summary>
    public const string StartSnapshot = "zfsesx-failover-start";

    // A session that is under way has been let in before: it is ended, or an increment would arrive after the clone.
    internal const string FenceScript =
        """
        mkdir -p /etc/zfsesx && date -u '+%Y-%m-%dT%H:%M:%SZ' >"/etc/zfsesx/fenced-$1" || exit 1
        [ ! -f "$2" ] || "$2" stop "from-$1"
        """;

    // The role is "new" until everything in it is as it should be.
    private const string CloneScript = ReplicaClone.ParentsFunction +
        """
        snapshot=$1 name=$2 mountpoint=$3 datastore=$4 role=$5
        zfs list -H -o name "$name" >/dev/null 2>&1 && {
          [ "$(zfs get -H -o value mounted "$name")" = yes ] || zfs mount "$name"
          exit
        }
        parents "$name"
        set -- -o mountpoint="$mountpoint" -o canmount=on -o readonly=off -o atime=off -o sharenfs=off -o setuid=on -o devices=on \
          -o exec=on -o zfsesx:failover="$datastore" -o zfsesx:role="$role"
        [ "$role" != test ] || set -- "$@" -o zfsesx:clone="${snapshot%@*}"
        zfs clone "$@" "$snapshot" "$name"
        """;

    private const string SettleScript =
        """
        zfs list -H -o name "$1@$2" >/dev/null 2>&1 || zfs snapshot "$1@$2" || exit 1
        zfs set zfsesx:role=primary "$1"
        """;

    // Bytes written since a snapshot. Where ZFS does not tell it, an increment from there does: an empty one is begin and
    // end, 312 bytes each. "used" of a snapshot would not do: what two snapshots have is no one's own. 16 MB are enough to
    // know.
    internal const string WrittenFunction =
        """
        written() {
          zfs list -H -o name "$1" >/dev/null || return 1
          sync
          bytes=$(zfs get -Hp -o value "written@${1#*@}" "${1%@*}" 2>/dev/null)
          case $bytes in '' | *[!0-9]*) ;; *) echo "$bytes"; return ;; esac
          look=${1%@*}@zfsesx-look
          zfs destroy "$look" 2>/dev/null
          zfs snapshot "$look" || return 1
          bytes=$(( $(zfs send -i "$1" "$look" 2>/dev/null | dd bs=65536 count=256 2>/dev/null | wc -c) ))
          zfs destroy "$look"
          [ "$bytes" -ge 624 ] || { echo "what was written after $1 cannot be told" >&2; return 1; }
          echo $((bytes - 624))
        }

        """;

    // Looked at again in the same breath: what goes is a clone with our mark, and snapshots of ours on it. $2: a
    // snapshot (- for the newest) after which nothing may have been written to one that has served; empty where it does
    // not matter. Nobody can write any more when it is looked at, whatever hosts still have it mounted.
    internal const string DestroyScript = WrittenFunction + ReplicaClone.DestroyFunction +
        """
        [ "$(zfs get -H -o source zfsesx:failover "$1" 2>/dev/null)" = local ] || exit 0
        [ "$(zfs get -H -o value origin "$1")" != - ] || { echo "$1 is no clone" >&2; exit 1; }
        zfs set sharenfs=off "$1"
        foreign=$(zfs list -H -r -t filesystem,volume,snapshot -o name "$1" | awk -v top="$1" '$1 != top && index($1, top "@zfsesx-") != 1')
        [ -z "$foreign" ] || { echo "$1 has something of its own:" $foreign >&2; exit 1; }
        if [ -n "$2" ] && [ "$(zfs get -H -o value zfsesx:role "$1")" = primary ]; then
          last=$1@$2
          if [ "$2" = - ]; then
            last=$(zfs list -H -r -t snapshot -s creation -o name "$1" | grep -v '@zfsesx-look$' | sed '$!d')
          fi
          bytes=$(written "$last") || exit 1
          [ "$bytes" = 0 ] || { echo "$bytes bytes were written to it after $last" >&2; exit 1; }
        fi
        # What can stay busy comes first: as long as it does, nothing is gone.
        [ "$(zfs get -H -o value mounted "$1")" != yes ] || patiently zfs unmount "$1" || exit 1
        # A repeat finds no snapshot to look at any more, and need not look again.
        [ "$(zfs get -H -o value zfsesx:role "$1")" != primary ] || zfs set zfsesx:role=ended "$1" || exit 1
        zfs list -H -r -t snapshot -o name "$1" | while IFS= read -r snapshot; do
          zfs destroy "$snapshot" || exit 1
        done || exit 1
        destroy "$1"
        """;

    // An NFS server that knows an address by a name admits and shows it by that name.
    private const string NamesScript =
        """
        for address; do
          printf '%s\t%s\n' "$address" "$(getent hosts "$address" 2>/dev/null | awk '{ print $2; exit }')"
        done
        """;

    /// <summary>The replicas of a source take no more increments.</summary>
    public static Task FenceAsync(ZfsHost host, string source, CancellationToken ct) => host.CheckAsync(
        RemoteCommand.Script(FenceScript, source, AgentFiles.Folder + "/agent.sh"), "NotFenced", host.Name,
        "The replicas of " + source + " cannot be closed to increments", null, ct);

    public static Task UnfenceAsync(ZfsHost host, string source, CancellationToken ct) => host.CheckAsync(
        new RemoteCommand("rm", "-f", "/etc/zfsesx/fenced-" + source), "NotUnfenced", host.Name,
        "The replicas of " + source + " cannot be opened to increments", null, ct);

    /// <summary>Clones the newest snapshot of a replica, as it is at this moment.</summary>
    public static async Task CloneAsync(ZfsHost host, string source, FailoverUnit unit, bool test, CancellationToken ct)
    {
        ReplicaFile replica = (await ReplicaSet.ReadAsync(host, source, ct).ConfigureAwait(false))
            .Replicas.First(r => r.Dataset == unit.Replica.Dataset);
        await host.CheckAsync(
            RemoteCommand.Script(
                CloneScript, replica.Dataset + "@" + replica.Snapshot, unit.CloneName, unit.MountPoint, unit.Datastore,
                test ? "test" : "new"),
            "CloneNotMade", unit.CloneName,
            "The replica " + replica.Dataset + " cannot be cloned as " + unit.CloneName, null, ct)
            .ConfigureAwait(false);
    }

    public static Task MountAsync(ZfsHost host, FailoverUnit unit, CancellationToken ct) => host.CheckAsync(
        RemoteCommand.Script(
            "[ \"$(zfs get -H -o value mounted \"$1\")\" = yes ] || zfs mount \"$1\"", unit.CloneName),
        "CloneNotMounted", unit.CloneName, unit.CloneName + " cannot be mounted at " + unit.MountPoint, null, ct);

    /// <summary>
    /// Removes locks and writes the note of the VMs, unless it came with the replica; returns what is in it.
    /// </summary>
    public static async Task<CloneContent> PrepareAsync(
        ZfsHost host, FailoverUnit unit, IReadOnlyList<VmNote> notes, CancellationToken ct)
    {
        CloneContent content = await CloneContent.ReadAsync(host, unit.CloneName, unit.MountPoint, unlock: true, ct)
            .ConfigureAwait(false);
        if (content.Notes.Count == 0 || notes.Count > 0)
        {
            VmNote[] wanted =
                [.. notes.Count > 0 ? notes : content.VMs.Select(v => new VmNote(v.File, v.Name, false, "", 0, ""))];
            await host.UploadAsync(unit.MountPoint + "/" + VmNotes.FileName, VmNotes.Write(wanted), "0600", ct)
                .ConfigureAwait(false);
            content = content with { Notes = wanted };
        }

        return content;
    }

    public static Task SettleAsync(ZfsHost host, FailoverUnit unit, CancellationToken ct) => host.CheckAsync(
        RemoteCommand.Script(SettleScript, unit.CloneName, StartSnapshot), "CloneNotSettled", unit.CloneName,
        "The clone " + unit.CloneName + " cannot be made the primary", null, ct);

    public static async Task ShareAsync(
        ZfsHost host, FailoverUnit unit, IReadOnlyList<string> clients, IReporter reporter, CancellationToken ct)
    {
        Plan<ZfsNfsShare> plan = await NfsShares.PlanSetAsync(
            host,
            new NfsShareRequest
            {
                FileSystem = unit.CloneName,
                MountPoint = unit.MountPoint,
                Clients = await ClientsAsync(host, clients, ct).ConfigureAwait(false),
            },
            ct).ConfigureAwait(false);
        await plan.RunAsync(reporter, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Clients by the names that the storage VM has for their addresses; where it has none, by address.
    /// </summary>
    public static async Task<IReadOnlyList<NfsClient>> ClientsAsync(
        ZfsHost host, IReadOnlyList<string> addresses, CancellationToken ct)
    {
        CommandResult answer =
            await host.RunAsync(RemoteCommand.Script(NamesScript, [.. addresses]), ct).ConfigureAwait(false);
        ILookup<string, string> names = answer.Lines
            .Select(l => l.Split('\t'))
            .Where(w => w.Length == 2 && w[1].Length > 0)
            .ToLookup(w => w[0], w => w[1]);
        return [.. addresses.Select(a => names[a].FirstOrDefault() is { } name && HostRules.IsHostName(name)
            ? new NfsClient(name, a) : new NfsClient(a))];
    }

    /// <summary>Bytes written to a stand-in since it began.</summary>
    public static async Task<long> WrittenAsync(ZfsHost host, string clone, CancellationToken ct)
    {
        CommandResult answer = await host.CheckAsync(
            RemoteCommand.Script(WrittenFunction + "written \"$1\"", clone + "@" + StartSnapshot),
            "WrittenUnknown", clone, "What was written to " + clone + " cannot be told", null, ct)
            .ConfigureAwait(false);
        return long.TryParse(answer.Output.Trim(), out long bytes) ? bytes : long.MaxValue;
    }

    /// <summary>Destroys a stand-in, unless it was written to.</summary>
    /// <param name="host">The storage VM that holds it.</param>
    /// <param name="clone">The stand-in.</param>
    /// <param name="unchangedSince">
    /// The snapshot after which nothing may have been written, <c>-</c> for its newest; empty where that does not
    /// matter.
    /// </param>
    /// <param name="ct">Cancels.</param>
    public static Task DestroyAsync(ZfsHost host, string clone, string unchangedSince, CancellationToken ct) =>
        host.CheckAsync(
            RemoteCommand.Script(DestroyScript, clone, unchangedSince), "CloneNotRemoved", clone,
            clone + " cannot be destroyed",
            "End what uses it, then run the same command again. What was written to it is in it still: "
                + "Start-ZfsReplicaFailover serves it again, Undo-ZfsReplicaFailover -Force throws it away.", ct);
}
