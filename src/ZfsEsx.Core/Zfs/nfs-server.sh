# Starts the NFS server, now and at every start of the system, in the system's own way.
case $(uname -s) in
  SunOS) svcadm enable -r network/nfs/server || exit;;
  Linux)
    if [ -d /run/systemd/system ]; then
      u=nfs-server.service
      systemctl cat $u >/dev/null 2>&1 || u=nfs-kernel-server.service
      systemctl unmask $u >/dev/null 2>&1
      systemctl enable --now $u >&2 || exit
    elif command -v rc-update >/dev/null 2>&1; then
      rc-update add nfs default >&2 && rc-service nfs start >&2 || exit
    elif [ -x /etc/init.d/nfs-kernel-server ]; then
      update-rc.d nfs-kernel-server defaults >/dev/null 2>&1
      /etc/init.d/nfs-kernel-server start >&2 || exit
    else
      echo "what starts services on this system is not known" >&2
      exit 1
    fi;;
  *) echo "starting services is not known on this system yet" >&2; exit 1;;
esac
# Until it serves: half a minute at most.
i=0
while [ $i -lt 30 ]; do
  case $(uname -s) in
    SunOS) case $(svcs -H -o state network/nfs/server) in online*) exit 0;; maintenance*) break;; esac;;
    *) read -r c </proc/fs/nfsd/threads && [ "$c" -gt 0 ] && exit 0;;
  esac 2>/dev/null
  i=$((i + 1))
  sleep 1
done
echo "it does not run after its start" >&2
exit 1
