# What kind of system this is, in one go. One "key value" per line; read by HostProbe. A user who can become root gets the
# first part of the answer only: the rest is asked as root. With the argument "all" it is given at once.
echo "system $(uname -s)"
echo "release $(uname -r)"
echo "build $(uname -v)"
echo "user $(id -un)"
echo "time $(date -u +%Y-%m-%dT%H:%M:%SZ)"
r=
if [ "$(id -u)" = 0 ]; then e=root
elif command -v sudo >/dev/null && r=$(sudo -n true </dev/null 2>&1); then e=sudo
elif command -v doas >/dev/null && doas -n true </dev/null >/dev/null 2>&1; then e=doas
elif command -v pfexec >/dev/null && [ "$(pfexec id -u 2>/dev/null)" = 0 ]; then e=pfexec
else
  e=none
  case $r in *"password is required"*) e=password;; esac
fi
echo "elevation $e"
if [ $e = none ]; then printf '%s\n' "$r" | sed -n '/./ { s/^/refusal /; p; q; }'; fi
case $e,$1 in root, | none, | *,all) ;; *) exit 0;; esac
for t in zfs zpool ip ifup nmcli networkctl netplan systemctl svcs getent exportfs showmount crontab lsblk blkid zdb fio visudo; do
  if command -v $t >/dev/null 2>&1; then echo "tool $t"; fi
done
n=missing
case $(uname -s) in
  Linux) if command -v exportfs >/dev/null 2>&1; then
      n=stopped
      if read -r c </proc/fs/nfsd/threads; then [ "$c" -gt 0 ] && n=running
      elif grep -qx nfsd /proc/[0-9]*/comm; then n=running # the file is root's
      fi
    fi 2>/dev/null;;
  SunOS) case $(svcs -H -o state network/nfs/server 2>/dev/null) in online*) n=running;; ?*) n=stopped;; esac;;
  FreeBSD) if service nfsd onestatus >/dev/null 2>&1; then n=running; else n=stopped; fi;;
esac
echo "nfs $n"
command -v zfs >/dev/null 2>&1 || exit 0
v=$(zfs version 2>/dev/null | head -n 1)
[ -n "$v" ] || v=$(zpool upgrade -v 2>/dev/null | sed -n -e 's/.*running ZFS \(pool version [0-9]*\).*/\1/p' -e 's/.*supports ZFS \(pool feature flags\).*/\1/p')
echo "zfs $v"
# By doing, on names that no pool can have here: a command that is understood says that the name does not exist (or that the
# stream is empty), one that is not says "unrecognized command" or "invalid option". No usage text is read.
a=zfsesx-probe/none
knows() { k=$1; shift; case $("$@" 2>&1 >/dev/null </dev/null) in *"does not exist"* | *"no such pool"* | *"failed to read from stream"*) echo "can $k";; esac; }
knows resume zfs receive -ns "$a"
knows bookmark zfs bookmark "$a@a" "$a#a"
knows allow zfs allow "$a"
knows raw zfs send -w "$a@a"
knows program zfs program zfsesx-probe /dev/null
knows parsable zfs list -Hp "$a"
exit 0
