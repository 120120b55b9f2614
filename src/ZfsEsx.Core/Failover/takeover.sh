# What came back takes the place of the old file system, which is kept aside with all it has. Goes on where it was
# interrupted. Arguments: the old file system, what came back, where the old one is kept, the tag of holds to let go, its
# role from now on: at home from this failover, which a later one is not.
PATH=/usr/xpg4/bin:$PATH
export PATH
old=$1 new=$2 kept=$3 tag=$4 role=$5
exists() { zfs list -H -o name "$1" >/dev/null 2>&1; }
get() { zfs get -H -o value "$2" "$1"; }
if exists "$new"; then
  if exists "$old"; then
    case $(get "$new" origin) in
      "$old@"*) zfs promote "$new" || exit 1 ;;
      -) ;;
      *) echo "$new did not come from $old" >&2; exit 1 ;;
    esac
    case $(get "$old" origin) in "$new@"*) ;; *) echo "$old and $new share no snapshot" >&2; exit 1 ;; esac
    zfs get -H -s local -o property,value all "$old" | while IFS='	' read -r property value; do
      case $property in
        *:* | sharenfs | mountpoint | canmount | readonly) ;;
        *) zfs set "$property=$value" "$new" 2>/dev/null ;;
      esac
    done
    share=$(get "$old" zfsesx:sharenfs)
    [ "$share" != - ] || share=$(get "$old" sharenfs)
    place=$(get "$old" mountpoint)
    [ "$place" = none ] || zfs set zfsesx:mountpoint="$place" "$new" || exit 1
    zfs set zfsesx:sharenfs="$share" "$new" && zfs set zfsesx:role="$role" "$new" || exit 1
    zfs set sharenfs=off "$old" 2>/dev/null
    zfs unmount "$old" 2>/dev/null || zfs unmount -f "$old" 2>/dev/null
    parent=${kept%/*}
    exists "$parent" || zfs create -o canmount=off -o mountpoint=none -o com.sun:auto-snapshot=false "$parent" || exit 1
    zfs set mountpoint=none "$old" && zfs set readonly=on "$old" && zfs rename "$old" "$kept" || exit 1
    zfs inherit zfsesx:sharenfs "$kept"
    zfs inherit zfsesx:role "$kept"
  fi
  zfs unmount "$new" 2>/dev/null
  zfs rename "$new" "$old" || exit 1
fi
[ "$(get "$old" zfsesx:role)" = "$role" ] || { echo "$old is not what came back" >&2; exit 1; }
zfs set readonly=off "$old" && zfs set canmount=on "$old" && zfs set mountpoint="$(get "$old" zfsesx:mountpoint)" "$old" || exit 1
[ "$(get "$old" mounted)" = yes ] || zfs mount "$old" || exit 1
zfs list -H -r -t snapshot -o name "$old" | while IFS= read -r snapshot; do zfs release "$tag" "$snapshot" 2>/dev/null; done
exit 0
