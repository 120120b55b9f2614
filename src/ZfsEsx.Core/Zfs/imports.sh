# Pools that could be imported, those that are, and what the labels say about who had them, in one go. Comes after label.sh.
# Arguments: folders to look in; none for the system's own way. Read by ZpoolImports.
part() { printf '\036%s\n' "$1"; }
part imported
zpool list -H -o name | while IFS= read -r n; do
  g=$(zpool get guid "$n" | awk 'NR > 1 { for (i = NF; i > 0; i--) if ($i ~ /^[0-9]+$/ && length($i) > 3) { print $i; exit } }')
  printf '%s\t%s\n' "$g" "$n"
done
if [ $# -eq 0 ]; then
  set -- ''
  c=$(blkid -c /dev/null -t TYPE=zfs_member -o device 2>/dev/null)
  [ -n "$c" ] || c=$(ls /dev/dsk/*s0 2>/dev/null)
fi
# A name that zpool prints is data to nobody here.
part import
w=
for d in "$@"; do if [ -n "$d" ]; then w=y; fi; done
if [ -n "$w" ]; then
  i=$#
  while [ "$i" -gt 0 ]; do set -- "$@" -d "$1"; shift; i=$((i - 1)); done
  zpool import "$@" 2>&1
else
  set --
  zpool import 2>&1
fi
part labels
for d in $c; do label "$d"; done
for d in "$@"; do
  if [ -d "$d" ]; then for f in "$d"/*; do if [ -f "$f" ] || [ -b "$f" ]; then label "$f"; fi; done; fi
done
exit 0
