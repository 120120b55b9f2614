# All pools, in one go. Older systems know neither -p nor fragmentation.
part() { printf '\036%s\n' "$1"; }
part list
zpool list -H -p -o name,size,allocated,free,capacity,dedupratio,health,fragmentation 2>/dev/null ||
  zpool list -H -o name,size,allocated,free,capacity,dedupratio,health || exit 1
part status
zpool status || exit 1
