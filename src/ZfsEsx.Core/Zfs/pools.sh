# All pools, in one go; another script may follow. Older systems know neither -p nor fragmentation. Read by ZpoolText.
part() { printf '\036%s\n' "$1"; }
part list
zpool list -H -p -o name,size,allocated,free,capacity,dedupratio,health,fragmentation 2>/dev/null ||
  zpool list -H -o name,size,allocated,free,capacity,dedupratio,health || exit 1
part status
zpool status || exit 1
# What file systems have and may still take, which zpool does not know, and which files are damaged; a pool that is suspended
# would not answer.
zpool list -H -o name,health | while IFS='	' read -r n h; do
  case $h in
  ONLINE | DEGRADED)
    part space
    zfs get -H -p -o name,property,value used,available "$n"
    part damaged
    zpool status -v "$n" | awk -v n="$n" '
      /^errors: Permanent errors/ { on = 1; next }
      on && /^        / && ++c <= 20 { print n "\t" $0 }' ;;
  esac
done
