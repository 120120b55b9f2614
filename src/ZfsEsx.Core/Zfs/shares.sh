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
if [ -n "$f" ]; then
  part properties
  zfs get -H -p -o property,value,source all "$f" 2>/dev/null
fi
if [ -n "$m" ]; then
  part directory
  if [ -d "$m" ]; then ls -A "$m" 2>/dev/null | head -n 1; elif [ -e "$m" ] || [ -h "$m" ]; then echo "$m is not a directory"; fi
  part mounts
  mount | awk -v m="$m" 'index($0, " on " m " ") || index($0, m " on ") == 1'
fi
part names
