# Disks and what uses them (Linux), in one go. Parts as in Sections; read by LinuxDisks.
part() { printf '\036%s\n' "$1"; }
part lsblk
lsblk -P -b -o NAME,PKNAME,TYPE,SIZE,MODEL,SERIAL,ROTA,RO,MOUNTPOINT
part probe
# Asked from the disks themselves: what udev remembers is stale after zpool create and zpool destroy.
for d in $(lsblk -n -r -o NAME,TYPE | awk '$2 == "disk" || $2 == "part" { print $1 }'); do
  case $d in zd* | zram* | *[!A-Za-z0-9_-]*) continue;; esac
  blkid -p -o export "/dev/$d" 2>/dev/null | sed "s/^/$d /"
done
part labels
# State of a pool's label: 0 in use, 1 exported, 2 destroyed.
for d in $(lsblk -n -r -o NAME,TYPE | awk '$2 == "disk" || $2 == "part" { print $1 }'); do
  case $d in zd* | zram* | *[!A-Za-z0-9_-]*) continue;; esac
  if blkid -p "/dev/$d" 2>/dev/null | grep -q zfs_member; then
    zdb -l "/dev/$d" 2>/dev/null | awk -v d="$d" '/^ *state: / { s = $2 } /^ *name: / { n = $2 } END { print d, s, n }'
  fi
done
set -- /sys/block/*
part blocks
readlink -f "$@"
set --
for f in /dev/disk/by-id/* /dev/disk/by-path/*; do if [ -h "$f" ]; then set -- "$@" "$f"; fi; done
part links
if [ $# -gt 0 ]; then printf '%s\n' "$@"; fi
part targets
if [ $# -gt 0 ]; then readlink -f "$@"; fi
part pools
zpool list -H -o name,health 2>/dev/null
part status
zpool status -LP 2>/dev/null
exit 0
