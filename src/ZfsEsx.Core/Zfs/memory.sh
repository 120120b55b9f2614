# Memory in bytes, and size and limits of the ARC where the system tells them. "part" is defined before; read by HostMemory.
part memory
case $(uname -s) in
  Linux)
    awk '/^MemTotal:/ { printf "memory %.0f\n", $2 * 1024 } /^MemAvailable:/ { printf "available %.0f\n", $2 * 1024 }' /proc/meminfo
    awk '$1 == "c_max" || $1 == "c_min" || $1 == "size" { print "arc_" $1, $3 }' /proc/spl/kstat/zfs/arcstats 2>/dev/null;;
  SunOS)
    prtconf 2>/dev/null | awk '/^Memory size:/ { printf "memory %.0f\n", $3 * 1048576 }'
    kstat -p zfs:0:arcstats:c_max zfs:0:arcstats:c_min zfs:0:arcstats:size 2>/dev/null | awk '{ sub(/.*:/, "", $1); print "arc_" $1, $2 }';;
esac
