# Mounts a share as a client does, looks into it and lets it go again. Arguments: server's address, path.
# The first line says "mounted" or "refused WORDS".
d=$(mktemp -d /tmp/zfsesx-mount.XXXXXX) || exit 1
trap 'rmdir "$d" 2>/dev/null' EXIT
case $(uname -s) in
  Linux)
    if ! command -v mount.nfs >/dev/null 2>&1 && [ ! -x /sbin/mount.nfs ]; then echo "none"; exit 0; fi
    set -- mount -t nfs -o vers=3,ro,nolock,soft,proto=tcp,timeo=50,retrans=1,retry=0 "$1:$2" "$d";;
  *) set -- mount -F nfs -o vers=3,ro,llock,soft,proto=tcp,timeo=50,retrans=1,retry=0 "$1:$2" "$d";;
esac
if w=$("$@" 2>&1); then
  if ls "$d" >/dev/null 2>&1; then echo mounted; else echo "refused it is mounted, but cannot be read"; fi
  umount "$d" || { sleep 1; umount "$d"; }
else
  printf 'refused %s\n' "$(printf '%s' "$w" | tr '\n' ' ')"
fi
