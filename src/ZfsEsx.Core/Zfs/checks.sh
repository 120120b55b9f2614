# What advice about pools rests on, after pools.sh and memory.sh: what time it is, and tables of deduplication.
# Argument: a pool whose data zdb shall read to simulate deduplication, or "".
part now
date '+%Y-%m-%d %H:%M:%S'
part dedup
zpool status -D
part datasets
zfs get -H -t filesystem -o name,value dedup 2>/dev/null || zfs get -H -o name,value dedup
part simulated
if [ -n "$1" ]; then zdb -S "$1" 2>&1; fi
exit 0
