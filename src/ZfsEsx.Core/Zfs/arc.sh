# What keeps the limit of the ARC, after memory.sh and zpool status -D. Read by ZfsArcs.
part dedup
zpool status -D 2>/dev/null
part system
if [ -S /run/zfs/zfs_socket ]; then echo fuse
elif [ -e /sys/module/zfs/parameters/zfs_arc_max ]; then echo module
elif [ "$(uname -s)" = SunOS ]; then echo sunos
fi
if awk '$2 == "/" && $3 == "zfs" { on = 1 } END { exit !on }' /proc/mounts 2>/dev/null; then echo root; fi
part elsewhere
grep -lE '^[^#*]*zfs_arc_max' /etc/modprobe.d/*.conf /etc/system.d/* 2>/dev/null | grep -v '^/etc/modprobe.d/zfs.conf$'
part config
if [ -S /run/zfs/zfs_socket ]; then cat /etc/zfs/zfsrc
elif [ "$(uname -s)" = SunOS ]; then cat /etc/system
else cat /etc/modprobe.d/zfs.conf
fi 2>/dev/null
exit 0
