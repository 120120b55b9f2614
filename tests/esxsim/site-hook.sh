#!/bin/sh
# site-hook.sh DIR VERB: storage VM ussN serves as 10.99.0.1N while it is on; DIR/size-ADDRESS is the size of its share.
# With DIR/deaf no guest goes down when it is told to.
dir=$1 verb=$2
in=$(cat)
field() { printf '%s' "$in" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
vm=$(field vm)
server=$(field remoteHost)
case $verb in
  power-on)
    case $vm in uss[0-9]) ;; *) exit 0 ;; esac
    touch "$dir/up-10.99.0.1${vm#uss}"
    mac=$(printf '%s' "$in" | sed -n 's/.*"mac":"\([^"]*\)","network":"eSAN-VM".*/\1/p')
    echo "{\"ip\": {\"$mac\": [\"10.99.0.1${vm#uss}\"]}}" ;;
  power-off | shutdown)
    [ "$verb" = shutdown ] && [ -e "$dir/deaf" ] && sleep 1 && exit 1
    rm -f "$dir/up-10.99.0.1${vm#uss}" ;;
  nas-mount | nas-check)
    [ -e "$dir/up-$server" ] || { echo "mount.nfs: Connection timed out" >&2; exit 1; }
    cat "$dir/size-$server" ;;
esac
