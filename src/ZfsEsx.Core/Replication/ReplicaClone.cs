using System.Globalization;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Replication;

/// <summary>
/// Clones of replicas: to test them, or to go on with when their source is lost. The replica is never changed.
/// </summary>
public static class ReplicaClone
{
    /// <summary>
    /// <c>parents CLONE</c>: makes what is above a clone. Placeholders, never mounted themselves; a clone inherits
    /// nothing from the replica, only from them.
    /// </summary>
    internal const string ParentsFunction =
        """
        parents() {
          parent=${1%%/*} rest=${1#*/}
          while [ "$rest" != "${rest#*/}" ]; do
            parent=$parent/${rest%%/*} rest=${rest#*/}
            zfs list -H -o name "$parent" >/dev/null 2>&1 ||
              zfs create -o canmount=off -o mountpoint=none -o com.sun:auto-snapshot=false "$parent" || exit 1
          done
        }

        """;

    private const string CloneScript = ParentsFunction +
        """
        snapshot=$1 name=$2 mountpoint=$3
        zfs list -H -t filesystem -o canmount,mountpoint |
          awk -v m="$mountpoint" '$1 != "off" && $2 == m { exit 1 }' || {
          echo "$mountpoint is the mount point of another file system" >&2
          exit 1
        }
        parents "$name"
        zfs clone -o mountpoint="$mountpoint" -o canmount=on -o readonly=off -o atime=off -o sharenfs=off -o zfsesx:clone="${snapshot%@*}" \
          "$snapshot" "$name"
        """;

    private const string MountScript =
        """
        [ "$(zfs get -H -o value mountpoint "$1")" = "$2" ] || zfs set mountpoint="$2" "$1" || exit 1
        [ "$(zfs get -H -o value mounted "$1")" = yes ] || zfs mount "$1"
        """;

    /// <summary>
    /// <c>destroy CLONE</c>: destroys a clone and removes its mount point. An export just withdrawn or a mount just
    /// given up keeps it busy for a moment longer, so "busy" counts only when it lasts (<c>patiently COMMAND…</c>).
    /// </summary>
    internal const string DestroyFunction =
        """
        patiently() {
          tries=0
          until said=$("$@" 2>&1); do
            tries=$((tries + 1))
            case $tries:$said in
            [1-9]:*busy*) sleep 1 ;;
            *) printf '%s\n' "$said" >&2; return 1 ;;
            esac
          done
        }
        destroy() {
          mountpoint=$(zfs get -H -o value mountpoint "$1")
          patiently zfs destroy "$1" || return 1
          [ ! -d "$mountpoint" ] || rmdir "$mountpoint" 2>/dev/null || :
        }

        """;

    // Looked at again in the same breath: what is destroyed is a clone with our mark, alone.
    private const string DestroyScript = DestroyFunction +
        """
        [ "$(zfs get -H -o source zfsesx:clone "$1")" = local ] && [ "$(zfs get -H -o value origin "$1")" = "$2" ] || {
          echo "$1 is no longer the clone of $2" >&2
          exit 1
        }
        zfs set sharenfs=off "$1" || exit
        destroy "$1"
        """;

    /// <summary>
    /// What has to be done so that the clone exists, is mounted and shared. A clone of the same replica is left as it
    /// is.
    /// </summary>
    /// <exception cref="ZfsEsxException">
    /// <c>BadReplicationName</c>, <c>InvalidMountPoint</c>, <c>ReplicaNotFound</c>, <c>NotAReplica</c>,
    /// <c>SnapshotNotFound</c>, <c>CloneNameTaken</c>, <c>MountPointInUse</c>, and those of <see cref="NfsShares.PlanSetAsync"/> for its
    /// clients.
    /// </exception>
    public static async Task<Plan<ZfsReplicaClone>> PlanNewAsync(
        ZfsHost host, ReplicaCloneOptions options, CancellationToken ct) =>
        (await PlanWantedAsync(host, options, ct).ConfigureAwait(false)).Plan;

    internal static async Task<(Plan<ZfsReplicaClone> Plan, WantedClone Wanted)> PlanWantedAsync(
        ZfsHost host, ReplicaCloneOptions options, CancellationToken ct)
    {
        CloneRules.Check(options);
        CloneState state =
            await CloneState.ReadAsync(host, options.Replica, options.Name ?? "", ct).ConfigureAwait(false);
        if (options.Name is null && state.ReplicaFound && CloneRules.DefaultName(options.Replica, state) is { } name)
        {
            options = options with { Name = name };
            state = await CloneState.ReadAsync(host, options.Replica, name, ct).ConfigureAwait(false);
        }

        WantedClone wanted = CloneRules.Wanted(host.Name, options, state);
        string target = host.Name + ": " + wanted.Name;
        List<Change> changes = [];
        if (state.Existing is null)
        {
            changes.Add(new Change(
                target,
                "Clone " + wanted.Snapshot + ", mounted at " + wanted.MountPoint,
                (_, token) => host.CheckAsync(
                    RemoteCommand.Script(CloneScript, wanted.Snapshot, wanted.Name, wanted.MountPoint),
                    "CloneNotMade",
                    wanted.Name,
                    wanted.Snapshot + " cannot be cloned as " + wanted.Name,
                    null,
                    token)));
        }
        else if (state.Existing.MountPoint != wanted.MountPoint || !state.Existing.Mounted)
        {
            changes.Add(new Change(
                target,
                "Mount at " + wanted.MountPoint,
                (_, token) => host.CheckAsync(
                    RemoteCommand.Script(MountScript, wanted.Name, wanted.MountPoint),
                    "CloneNotMounted",
                    wanted.Name,
                    wanted.Name + " cannot be mounted at " + wanted.MountPoint,
                    null,
                    token)));
        }

        changes.AddRange(await ShareAsync(host, options, wanted, target, changes.Count > 0, ct).ConfigureAwait(false));
        return (new Plan<ZfsReplicaClone>(changes, token => ReadOneAsync(host, wanted.Name, token)), wanted);
    }

    /// <summary>The clones of replicas on a storage VM: those that carry our mark. One round trip.</summary>
    public static async Task<IReadOnlyList<ZfsReplicaClone>> GetAsync(ZfsHost host, CancellationToken ct) =>
        await CloneState.ListAsync(host, ct).ConfigureAwait(false);

    /// <summary>
    /// What has to be done so that the clone is gone, with everything written to it. Refuses anything that is not a
    /// clone made by us, and a clone that has snapshots or file systems of its own. The replica stays.
    /// </summary>
    /// <returns>A plan that reads back true when the clone is gone.</returns>
    /// <exception cref="ZfsEsxException">
    /// <c>BadReplicationName</c>, <c>CloneNotFound</c>, <c>NotOurClone</c>, <c>CloneInUse</c>.
    /// </exception>
    public static async Task<Plan<bool>> PlanRemoveAsync(ZfsHost host, string name, CancellationToken ct)
    {
        ReplicaNames.CheckDataset(name, "the name of a clone");
        CloneState state = await CloneState.ReadAsync(host, "", name, ct).ConfigureAwait(false);
        CloneFound clone = CloneRules.Removable(host.Name, name, state);
        ZfsReplicaClone? shared = (await CloneState.ListAsync(host, ct).ConfigureAwait(false))
            .FirstOrDefault(c => c.Name == name && c.Options != "off");
        Change change = new(
            host.Name + ": " + name,
            "Destroy the clone of " + clone.Origin + " with everything written to it ("
                + new ByteSize(clone.Written) + "); the replica stays",
            (_, token) => host.CheckAsync(
                RemoteCommand.Script(DestroyScript, name, clone.Origin),
                "CloneNotRemoved",
                name,
                name + " cannot be destroyed",
                "Dismount it on the hosts (Dismount-ZfsNfsDatastore) and end what uses it, then try again.",
                token),
            ChangeRisk.DataLoss);
        return new Plan<bool>(
            [change],
            async token => (await CloneState.ReadAsync(host, "", name, token).ConfigureAwait(false)).Existing is null,
            shared is null
                ? []
                :
                [
                    $"{name} is shared ({shared.Options}). A host that still has it mounted keeps a datastore that is "
                    + "not accessible: take it from the hosts first, with Dismount-ZfsNfsDatastore.",
                ]);
    }

    /// <summary>
    /// The steps that share the clone. Clients are checked now, whether or not the clone exists yet; what a clone that
    /// is still to be made needs is found out when it is there.
    /// </summary>
    private static async Task<IReadOnlyList<Change>> ShareAsync(
        ZfsHost host, ReplicaCloneOptions options, WantedClone wanted, string target, bool later, CancellationToken ct)
    {
        if (options.Clients.Count == 0)
        {
            return [];
        }

        NfsShareRequest request = new()
        {
            FileSystem = wanted.Name,
            MountPoint = wanted.MountPoint,
            Clients = [.. options.Clients.Select(c => new NfsClient(c))],
        };
        Plan<ZfsNfsShare> share = await NfsShares.PlanSetAsync(host, request, ct).ConfigureAwait(false);
        return !later
            ? share.Changes
            :
            [
                new Change(
                    target,
                    "Share " + wanted.MountPoint + " with " + string.Join(", ", options.Clients),
                    async (reporter, token) =>
                    {
                        Plan<ZfsNfsShare> now =
                            await NfsShares.PlanSetAsync(host, request, token).ConfigureAwait(false);
                        await now.RunAsync(reporter, token).ConfigureAwait(false);
                    }),
            ];
    }

    private static async Task<ZfsReplicaClone> ReadOneAsync(ZfsHost host, string name, CancellationToken ct) =>
        (await CloneState.ListAsync(host, ct).ConfigureAwait(false)).FirstOrDefault(c => c.Name == name)
        ?? throw new ZfsEsxException(
            "CloneNotFound",
            FailureKind.NotFound,
            name,
            "There is no clone " + name + " on " + host.Name + ".",
            "Make it with New-ZfsReplicaClone.");
}
