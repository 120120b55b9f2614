# What Test-ZfsHost looks at besides detect.sh, which is in front as part "detect". Read by HostChecks; parts as in Sections.
# Arguments: programs that are needed.
sys=$(uname -s)
has() { command -v "$1" >/dev/null 2>&1; }
part release
case $sys in
  SunOS) sed -n '/[^ ]/ { s/^ */PRETTY_NAME=/; p; q; }' /etc/release;;
  *) sed -n -e '/^ID=/p' -e '/^ID_LIKE=/p' -e '/^PRETTY_NAME=/p' /etc/os-release;;
esac 2>/dev/null
for m in midclt apt-get dnf yum zypper apk pacman pkg pkgin pkgadd; do if has $m; then echo "MANAGER=$m"; fi; done
i=sysv
if [ -d /run/systemd/system ]; then i=systemd; elif has svcadm; then i=smf; elif has rc-update; then i=openrc; elif has sysrc; then i=rc; fi
echo "INIT=$i"
part zfs
zfs version 2>&1
part zpool
zpool list -H -o name 2>&1 >/dev/null && echo answers

# boot SERVICE…: is the first of them that there is started at boot
boot() {
  for s in "$@"; do
    case $i in
      systemd) b=$(systemctl is-enabled "$s" 2>/dev/null);;
      smf) b=$(svcprop -p general/enabled "$s" 2>/dev/null);;
      openrc) b=$(rc-update show 2>/dev/null | awk -v s="$s" '$1 == s { print "enabled" }')
        if [ -z "$b" ] && [ -f "/etc/init.d/$s" ]; then b=disabled; fi;;
      rc) b=$(sysrc -n "${s}_enable" 2>/dev/null);;
      *) b=
        if [ -f "/etc/init.d/$s" ]; then
          b=disabled
          for f in /etc/rc2.d/S*"$s" /etc/rcS.d/S*"$s"; do if [ -e "$f" ]; then b=enabled; fi; done
        fi;;
    esac
    if [ -n "$b" ]; then echo "boot $b"; return; fi
  done
}
part nfs
case $sys in
  SunOS) boot network/nfs/server;;
  FreeBSD) boot nfs_server;;
  *) boot nfs-server nfs-kernel-server nfs;;
esac
if [ -r /proc/fs/nfsd/versions ]; then sed 's/^/versions /' /proc/fs/nfsd/versions; fi

part cron
case $sys in
  SunOS)
    echo "state $(svcs -H -o state system/cron 2>/dev/null)"
    boot system/cron;;
  *)
    if [ -d /proc/self ]; then
      for f in /proc/[0-9]*/comm; do
        if read -r c <"$f"; then case $c in cron | crond | fcron) echo "state online"; break;; esac; fi
      done
    else
      case $(ps -ax -o comm) in *cron*) echo "state online";; esac
    fi 2>/dev/null
    boot cron crond cronie dcron;;
esac
if has crontab; then
  c=$(crontab -l 2>&1 >/dev/null </dev/null)
  printf 'crontab %s %s\n' $? "$(printf '%s\n' "$c" | sed -n '1p')"
fi

part memory
case $sys in
  Linux) awk '/^MemTotal:/ { printf "memory %.0f\n", $2 * 1024 } /^MemAvailable:/ { printf "available %.0f\n", $2 * 1024 }' /proc/meminfo;;
  SunOS)
    prtconf 2>/dev/null | awk '/^Memory size:/ { printf "memory %.0f\n", $3 * 1048576 }'
    kstat -p unix:0:system_pages:freemem 2>/dev/null | awk -v p="$(pagesize)" '{ printf "available %.0f\n", $2 * p }';;
  FreeBSD)
    sysctl -n hw.physmem | sed 's/^/memory /'
    sysctl -n vm.stats.vm.v_free_count | awk -v p="$(sysctl -n hw.pagesize)" '{ printf "available %.0f\n", $1 * p }';;
esac

part zone
echo "local $(date '+%Y-%m-%dT%H:%M:%S')"
echo "utc $(date -u '+%Y-%m-%dT%H:%M:%S')"
z=$TZ
if [ -z "$z" ] && [ -h /etc/localtime ]; then z=$(readlink /etc/localtime | sed -n 's|.*/zoneinfo/||p'); fi
if [ -z "$z" ] && [ -f /etc/timezone ]; then read -r z </etc/timezone; fi
if [ -z "$z" ] && [ -f /etc/default/init ]; then z=$(sed -n 's/^TZ=//p' /etc/default/init); fi
echo "name ${z:-$(date +%Z)}"

part missing
for t in "$@"; do if ! has "$t"; then echo "$t"; fi; done
exit 0
