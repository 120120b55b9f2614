# What advice about pools rests on, after pools.sh: tables of deduplication, memory in bytes, limits of the ARC.
# Argument: a pool whose data zdb shall read to simulate deduplication, or "".
part dedup
zpool status -D
part datasets
zfs get -H -t filesystem -o name,value dedup 2>/dev/null || zfs get -H -o name,value dedup
part memory
case $(uname -s) in
  Linux)
    awk '/^MemTotal:/ { printf "memory %.0f\n", $2 * 1024 } /^MemAvailable:/ { printf "available %.0f\n", $2 * 1024 }' /proc/meminfo
    awk '$1 == "c_max" || $1 == "size" { print "arc_" $1, $3 }' /proc/spl/kstat/zfs/arcstats 2>/dev/null;;
  SunOS)
    prtconf 2>/dev/null | awk '/^Memory size:/ { printf "memory %.0f\n", $3 * 1048576 }'
    kstat -p zfs:0:arcstats:c_max zfs:0:arcstats:size 2>/dev/null | awk '{ sub(/.*:/, "", $1); print "arc_" $1, $2 }';;
esac
part simulated
if [ -n "$1" ]; then zdb -S "$1" 2>&1; fi
exit 0
