# File systems, what the NFS server exports, and (when named) one file system, its mount point and its clients, in one go.
# Arguments: file system or "", mount point or "", client names. Parts as in Sections; read by NfsShareState.
# resolve.sh follows, for the clients.
part() { printf '\036%s\n' "$1"; }
f=$1 m=$2
shift 2
part list
zfs list -H -t filesystem -o name,sharenfs,mountpoint,mounted || exit 1
part pools
zpool list -H -o name,health
part exports
case $(uname -s) in
  Linux) exportfs -v 2>/dev/null;;
  SunOS) share;;
  FreeBSD) showmount -e 2>/dev/null;;
esac
# What the NFS server does now, and at a restart of the system; "fuse" where ZFS is zfs-fuse.
part server
case $(uname -s) in
  Linux)
    if command -v exportfs >/dev/null 2>&1; then
      n=stopped
      read -r c </proc/fs/nfsd/threads && [ "$c" -gt 0 ] && n=running
      echo "state $n"
    fi 2>/dev/null
    if [ -d /run/systemd/system ]; then
      for u in nfs-server nfs-kernel-server; do
        case $(systemctl is-enabled $u.service 2>/dev/null) in
          enabled* | static | alias | indirect | generated) echo "boot yes"; break;;
          disabled | masked*) echo "boot no"; break;;
        esac
      done
    fi
    if [ -S /run/zfs/zfs_socket ]; then echo "fuse yes"; fi;;
  SunOS)
    case $(svcs -H -o state network/nfs/server 2>/dev/null) in online*) echo "state running";; ?*) echo "state stopped";; esac
    case $(svcprop -p general/enabled network/nfs/server 2>/dev/null) in true) echo "boot yes";; false) echo "boot no";; esac;;
  FreeBSD) if service nfsd onestatus >/dev/null 2>&1; then echo "state running"; else echo "state stopped"; fi;;
esac
part addresses
case $(uname -s) in
  Linux) ip -o -4 addr show 2>/dev/null | awk '{ print $4 }';;
  *) ifconfig -a | awk '$1 == "inet" { print $2 "/" $4 }';;
esac
if [ -n "$f" ]; then
  part properties
  zfs get -H -p -o property,value,source all "$f" 2>/dev/null
  # What its pool has left, and what values properties may have: the table that zfs prints to who forgets a property.
  part pool
  zfs get -H -p -o property,value,source available "${f%%/*}" 2>/dev/null
  part values
  zfs get 2>&1 | awk '$2 == "YES" || $2 == "NO"'
fi
if [ -n "$m" ]; then
  part directory
  if [ -d "$m" ]; then ls -A "$m" 2>/dev/null | head -n 1; elif [ -e "$m" ] || [ -h "$m" ]; then echo "$m is not a directory"; fi
  part mounts
  mount | awk -v m="$m" 'index($0, " on " m " ") || index($0, m " on ") == 1'
fi
part names
