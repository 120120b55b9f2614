# One measurement on one system. What it makes is put away by a guard that no connection ends: when it is told so (stop), or
# when nobody has asked for news (poll) for some time, because PowerShell or the connection has died.
# Arguments: this script itself, for what goes on in the background; a verb; the measurement's id; more by verb.
self=$1 verb=$2 id=$3
shift 3
dir=/var/run/zfsesx-measure-$id
point=/zfsesx-measure-$id

# apart VERB ARGUMENTS: goes on in a session of its own
apart() {
  if command -v setsid >/dev/null 2>&1; then setsid sh -c "$self" sh "$self" "$@" </dev/null >/dev/null 2>&1 &
  else (set -m; sh -c "$self" sh "$self" "$@" </dev/null >/dev/null 2>&1 &)
  fi
}

ours() { [ "$(zfs get -H -o value -s local zfsesx:measure "$1" 2>/dev/null)" = "$id" ]; }

# Only what is ours, with the snapshots that others have taken of it meanwhile: nothing is in them but what was measured with.
# File systems below it nobody has made for us.
away() {
  if ours "$1"; then
    if [ "$(zfs list -H -r -t filesystem,volume -o name "$1")" = "$1" ]; then zfs destroy -r "$1"
    else
      echo "there are file systems below $1" >&2
      return 1
    fi
  fi
}

# Every step may have been done before. What cannot be undone now is found by its property the next time.
undo() {
  if read -r p <"$dir/load"; then
    for s in TERM KILL; do kill -s $s -- "-$p" || kill -s $s "$p"; sleep 1; done
  fi
  if [ -f "$dir/offline" ]; then
    read -r n <"$dir/pool"
    while IFS= read -r d; do zpool online "$n" "$d"; done <"$dir/offline"
  fi
  tries=0
  while [ -d "$dir/nfs" ] && ! rmdir "$dir/nfs" && [ "$tries" -lt 15 ]; do
    umount "$dir/nfs" || { [ "$tries" -gt 5 ] && umount -f "$dir/nfs"; } || sleep 1
    tries=$((tries + 1))
  done
  # An NFS server lets go of files some seconds after the last client.
  tries=0
  while ours "$1" && [ "$tries" -lt 60 ] && ! away "$1"; do sleep 1; tries=$((tries + 1)); done
  rmdir "$point"
  for f in pool offline lease busy load report said code stop guard; do rm -f "$dir/$f"; done
  rmdir "$dir"
} 2>/dev/null

# While one of these runs somebody is there: the end of a connection ends it too.
case $verb in
  scratch | set | offline | online | mount | run)
    trap 'rm -f "$dir/busy"' EXIT
    echo $$ >"$dir/busy" || exit 1;;
esac

case $verb in
  # POOL PATIENCE: the guard is there before anything else is. Without a pool on the NFS client.
  open)
    mkdir -m 700 "$dir" || exit 1
    printf '%s\n' "$1" >"$dir/pool"
    echo 0 >"$dir/lease"
    apart guard "$id" "$1" "$2"
    [ -s "$dir/guard" ] || echo $! >"$dir/guard";;
  guard)
    echo $$ >"$dir/guard"
    waited=0 seen=
    while [ ! -e "$dir/stop" ] && [ "$waited" -lt "$2" ]; do
      sleep 2
      read -r now <"$dir/lease"
      if [ "$now" != "$seen" ] || { read -r busy <"$dir/busy" && kill -0 "$busy"; } 2>/dev/null; then waited=0 seen=$now
      else waited=$((waited + 2))
      fi
    done
    undo "$1/zfsesx-measure-$id";;
  # POOL: what a dead measurement has left, its guard dead too
  clean)
    undo "$1/zfsesx-measure-$id"
    away "$1/zfsesx-measure-$id";;
  # POOL PROPERTY…: what takes snapshots of everything by itself has a property of its own for what it leaves out
  scratch)
    f=$1/zfsesx-measure-$id
    shift
    i=$#
    while [ "$i" -gt 0 ]; do set -- "$@" -o "$1"; shift; i=$((i - 1)); done
    zfs create "$@" -o com.sun:auto-snapshot=false -o "mountpoint=$point" -o "zfsesx:measure=$id" "$f";;
  # POOL PROPERTY
  set) zfs set "$2" "$1/zfsesx-measure-$id";;
  # POOL DISK…: the log is offline until it is asked back, or the system starts again; the names are noted first
  offline)
    n=$1
    shift
    printf '%s\n' "$@" >"$dir/offline"
    for d in "$@"; do zpool offline -t "$n" "$d" || exit 1; done;;
  online)
    read -r n <"$dir/pool"
    while IFS= read -r d; do zpool online "$n" "$d" || exit 1; done <"$dir/offline"
    rm -f "$dir/offline";;
  # SERVER: mounts the share. Soft: a server that is gone ends in an error, not in a process that hangs for ever.
  mount)
    mkdir "$dir/nfs" || exit 1
    timeout -k 5 50 mount -t nfs -o vers=3,nolock,proto=tcp,soft,timeo=300,retrans=2,retry=0 "$1:$point" "$dir/nfs";;
  # FIO'S ARGUMENTS
  run)
    rm -f "$dir/code" "$dir/report" "$dir/said"
    sync
    apart load "$id" "$@";;
  load)
    echo $$ >"$dir/load"
    cd "$dir" || exit 1
    fio "$@" --output-format=json --output="$dir/report" >"$dir/said" 2>&1
    c=$?
    rm -f "$dir/load"
    echo $c >"$dir/code";;
  # NUMBER: any that was not there before. What the processors and disks have done so far, and how it goes.
  poll)
    echo "$1" >"$dir/lease" || exit 1
    # Few processes: what looks must not be what is seen.
    if [ -r /proc/diskstats ]; then
      read -r u </proc/uptime
      read -r c </proc/stat
      printf '\036uptime\n%s\n\036cpu\n%s\n\036disks\n' "$u" "$c"
      cat /proc/diskstats
    fi
    if [ -s "$dir/code" ]; then
      for f in code said report; do printf '\036%s\n' "$f"; cat "$dir/$f"; done
    fi
    exit 0;;
  stop) if [ -d "$dir" ]; then : >"$dir/stop"; fi;;
  gone) [ ! -d "$dir" ];;
esac
