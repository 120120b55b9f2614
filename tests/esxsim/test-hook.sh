#!/bin/sh
# test-hook.sh DIR VERB: keeps what it is told; fails with the words in DIR/fail-VERB, if there.
dir=$1 verb=$2
n=$(ls "$dir" | grep -c '\.json$')
if [ "$verb" = nas-check ]; then
	cat >/dev/null
else
	cat >"$dir/$(printf %03d "$n")-$verb.json"
fi
if [ -f "$dir/fail-$verb" ]; then
	echo "some noise" >&2
	cat "$dir/fail-$verb" >&2
	exit 1
fi
case $verb in
power-on) sleep 1000 & echo '{"hostName":"from-hook"}' ; echo $! >"$dir/guest.pid" ;; # a guest that keeps our stdout open
nas-mount) echo '{"capacity":8000000000,"freeSpace":7000000000}' ;;
esac
