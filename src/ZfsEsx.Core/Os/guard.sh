# The guard: makes a change of an interface's addresses and takes it back unless somebody says in time that it shall
# stay. Before this comes the system's own part: save, apply, restore. Nothing here outlives a restart: what is written
# is in memory only (/var/run, /run), so a machine that restarts in between comes up as it was.
# Arguments: folder, seconds, interface, way, address/prefix, mask, MTU, gateway or "-", then pairs of network and gateway.
d=$1 seconds=$2 nic=$3 way=$4 address=$5 mask=$6 mtu=$7 gateway=$8
shift 8
trap '' HUP
set -f
# what the system's tools write is for others to read; our folder is closed by itself
umask 022
echo $$ >"$d/pid"
over() {
  restore
  printf '%s\n' "$1" >"$d.last"
  rm -rf "$d"
  exit 0
}
if ! save; then
  printf 'The present state could not be read.\n' >"$d.last"
  rm -rf "$d"
  exit 1
fi
(
  apply "$@"
  echo $? >"$d/code.new"
  mv "$d/code.new" "$d/code"
) &
n=0
while [ "$n" -lt "$seconds" ]; do
  if [ -d "$d/decided" ]; then exit 0; fi
  if [ -d "$d/undo" ]; then break; fi
  if [ -e "$d/code" ] && ! [ -e "$d/applied" ]; then
    read -r code <"$d/code"
    if [ "$code" = 0 ]; then
      : >"$d/applied"
    else
      mkdir "$d/decided"
      over "The system refused it: $(tail -n 1 "$d/log")"
    fi
  fi
  sleep 1
  n=$((n + 1))
done
# Only one of the guard and guard-keep.sh can make this folder, and so decide.
mkdir "$d/decided" 2>/dev/null || exit 0
if [ -d "$d/undo" ]; then over "It was taken back on request."; fi
over "Nobody connected to confirm it within $seconds s."
