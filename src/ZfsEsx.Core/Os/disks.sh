# Disks and what uses them (Linux), in one go. Parts as in Sections; read by LinuxDisks.
part() { printf '\036%s\n' "$1"; }
l=$(lsblk -P -b -o NAME,PKNAME,TYPE,MOUNTPOINT,SIZE,MODEL,SERIAL,ROTA,RO) || exit 1
part lsblk
printf '%s\n' "$l"
s=$(zpool status -LP 2>/dev/null)
part status
printf '%s\n' "$s"
# What neither a pool nor a mount explains is asked from the disks themselves: what udev remembers is stale after zpool
# create and zpool destroy.
c=$(printf '%s\n' "$s" "$l" | awk -F '"' '
  /^[ \t]*\/dev\// { split($0, w, /[ \t]+/); for (i in w) if (w[i] ~ /^\/dev\//) used[substr(w[i], 6)] = 1; next }
  /^NAME=/ && ($6 == "disk" || $6 == "part") && $2 ~ /^[A-Za-z0-9_-]+$/ && $2 !~ /^(zd|zram|ram|nbd)/ {
    name[++n] = $2; parent[$2] = $4
    if ($8 != "") used[$2] = 1
  }
  END {
    for (i = 1; i <= n; i++) if (used[name[i]]) busy[parent[name[i]]] = 1
    for (i = 1; i <= n; i++) if (!used[name[i]] && !busy[name[i]] && !(parent[name[i]] != "" && busy[parent[name[i]]])) print "/dev/" name[i]
  }')
part probe
if [ -n "$c" ]; then
  # One by one: blkid gives up at the first disk with nothing on it.
  b=$(for d in $c; do blkid -p -o export "$d" 2>/dev/null; done)
  printf '%s\n' "$b"
  # State of a pool that is not imported: 0 in use (elsewhere), 1 exported, 2 destroyed.
  part labels
  for d in $(printf '%s\n' "$b" | awk -F = '$1 == "DEVNAME" { d = $2 } $0 == "TYPE=zfs_member" { print d }'); do
    zdb -l "$d" 2>/dev/null | awk -v d="$d" '/^ *state: / { s = $2 } /^ *name: / { n = $2 } END { print d, s, n }'
  done
fi
part blocks
readlink -f /sys/block/*
set --
for f in /dev/disk/by-id/* /dev/disk/by-path/*; do if [ -h "$f" ]; then set -- "$@" "$f"; fi; done
if [ $# -gt 0 ]; then
  part links
  printf '%s\n' "$@"
  part targets
  readlink -f "$@"
fi
exit 0
