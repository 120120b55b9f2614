# What a measurement has to know, after the system's script of disks. $zfsesx_fs is the file system that is measured like, or "".
# Parts as in Sections; read by MeasureState.
part tools
for t in fio mount.nfs exportfs apt-get dnf yum zypper apk pacman pkg; do if command -v "$t" >/dev/null 2>&1; then echo "$t"; fi; done
part plain
zpool status
part space
zpool list -H -o name | while IFS= read -r p; do printf '%s\t%s\n' "$p" "$(zfs get -H -p -o value available "$p")"; done
part properties
if [ -n "$zfsesx_fs" ]; then zfs get -H -p -o property,value,source all "$zfsesx_fs" 2>/dev/null; fi
# Measurements that run, and what broken ones have left: the property says that the file system is ours to destroy.
part scratch
zfs list -H -t filesystem -o name,zfsesx:measure | while IFS='	' read -r n i; do
  case $i in *[!0-9a-f]* | '') continue;; esac
  a=dead
  if read -r g 2>/dev/null <"/var/run/zfsesx-measure-$i/guard" && kill -0 "$g" 2>/dev/null; then a=runs; fi
  printf '%s\t%s\t%s\n' "$n" "$i" "$a"
done
exit 0
