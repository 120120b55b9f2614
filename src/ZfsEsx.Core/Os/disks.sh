# Disks and what uses them (Linux), in one go. Arguments: paths of files that shall serve as disks too.
# Parts as in Sections; read by LinuxDisks.
part() { printf '\036%s\n' "$1"; }
l=$(lsblk -P -b -o KNAME,PKNAME,TYPE,MOUNTPOINT,SIZE,MODEL,SERIAL,ROTA,RO,PHY-SEC,NAME) || exit 1
part lsblk
printf '%s\n' "$l"
part files
for f in "$@"; do if [ -f "$f" ]; then printf '%s\t%s\n' "$(wc -c <"$f")" "$f"; fi; done
s=$(zpool status -LP 2>/dev/null || zpool status 2>/dev/null)
part status
printf '%s\n' "$s"
# What neither a pool nor a mount explains is asked from the disks themselves: what udev remembers is stale after zpool
# create and zpool destroy.
c=$(printf '%s\n' "$s" "$l" | awk -F '"' '
  /^[ \t]*\/dev\// { split($0, w, /[ \t]+/); for (i in w) if (w[i] ~ /^\/dev\//) used[substr(w[i], 6)] = 1; next }
  /^KNAME=/ && ($6 == "disk" || $6 == "part") && $2 ~ /^[A-Za-z0-9_-]+$/ && $2 !~ /^(zd|zram|ram|nbd)/ {
    name[++n] = $2; parent[$2] = $4
    if ($8 != "") used[$2] = 1
  }
  END {
    for (i = 1; i <= n; i++) if (used[name[i]]) busy[parent[name[i]]] = 1
    for (i = 1; i <= n; i++) if (!used[name[i]] && !busy[name[i]] && !(parent[name[i]] != "" && busy[parent[name[i]]])) print "/dev/" name[i]
  }')
# blkid one by one: it gives up at the first disk with nothing on it. label is in label.sh. It says nothing of a disk with
# marks of several contents either, as when a pool was there before the file system, and ends with 8.
probe() { blkid -p -o export "$1" 2>/dev/null || { [ $? != 8 ] || printf 'DEVNAME=%s\nTYPE=ambivalent\n' "$1"; }; }
part probe
b=$(for d in $c; do probe "$d"; done)
printf '%s\n' "$b"
for f in "$@"; do if [ -f "$f" ]; then probe "$f"; fi; done
part labels
for d in $(printf '%s\n' "$b" | awk -F = '$1 == "DEVNAME" { d = $2 } $0 == "TYPE=zfs_member" || $0 == "TYPE=ambivalent" { print d }'); do label "$d"; done
for f in "$@"; do if [ -f "$f" ]; then label "$f"; fi; done
# A mount below an overlay or in another namespace, which lsblk does not see: file systems that the kernel has, and disks
# that it does not open a second time.
part kernel
for f in /sys/fs/*/*; do if [ -e "/sys/class/block/${f##*/}" ]; then printf '%s\n' "${f#/sys/fs/}"; fi; done
part held
if [ -n "$c" ]; then
  if command -v perl >/dev/null; then
    perl -MFcntl -MErrno -e 'for (@ARGV) { if (sysopen(F, $_, O_RDONLY | O_EXCL)) { close F } elsif ($!{EBUSY}) { print "$_\n" } }' $c
  elif command -v python3 >/dev/null; then
    python3 -c 'import os, sys, errno
for d in sys.argv[1:]:
    try: os.close(os.open(d, os.O_RDONLY | os.O_EXCL))
    except OSError as e:
        if e.errno == errno.EBUSY: print(d)' $c
  fi 2>/dev/null
fi
part controllers
readlink -f /sys/block/* | while IFS= read -r p; do
  n=${p##*/}
  while p=${p%/*}; [ -n "$p" ]; do
    if [ -f "$p/class" ] && [ -f "$p/config" ] && read -r v <"$p/vendor" && read -r d <"$p/device"; then
      printf '%s %s %s:%s\n' "$n" "${p##*/}" "${v#0x}" "${d#0x}"
      break
    fi
  done
done
set --
for f in /dev/disk/by-id/* /dev/disk/by-path/*; do if [ -h "$f" ]; then set -- "$@" "$f"; fi; done
if [ $# -gt 0 ]; then
  part links
  printf '%s\n' "$@"
  part targets
  readlink -f "$@"
fi
