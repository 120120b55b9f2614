# The guard: makes a change of an interface's addresses and takes it back unless somebody says in time that it shall
# stay. Before this comes the system's own part: save, apply, restore. Nothing here outlives a restart: what is written
# is in memory only (/var/run, /run), so a machine that restarts in between comes up as it was.
# Arguments: folder, seconds, interface, way, address/prefix, mask, MTU, gateway or "-", then pairs of network and
# gateway; a network with "-" in front is one that shall no longer be reached by it.
d=$1 seconds=$2 nic=$3 way=$4 address=$5 mask=$6 mtu=$7 gateway=$8
trap '' HUP
set -f
# what the system's tools write is for others to read; our folder is closed by itself
umask 022
# apply asks this before each of its steps: none is begun once it is decided
still() { [ -d "$d" ] && ! [ -d "$d/decided" ]; }
if [ "$seconds" = apply ]; then
  shift 8
  apply "$@"
  echo $? >"$d/code.new"
  mv "$d/code.new" "$d/code"
  exit 0
fi
echo $$ >"$d/pid"
# No "--": busybox' kill does not know it.
signal() { kill "-$1" "-$p" || kill "-$1" "$p"; } 2>/dev/null
# Ends apply with all that it runs, which may hang: it must not go on beside restore, nor after it. What does not end
# even then is not waited for: the former state comes first.
end_apply() {
  if [ -e "$d/code" ]; then return; fi
  for s in TERM KILL; do
    n=0
    while [ $n -lt 3 ] && signal 0; do
      if [ $n = 0 ]; then signal $s; fi
      sleep 1
      n=$((n + 1))
    done
  done
}
# over STATUS WORDS: what guard-start.sh, if it still waits, ends with and says.
over() {
  end_apply
  restore
  echo "$1" >"$d.status"
  printf '%s\n' "$2" >"$d.last"
  rm -rf "$d"
  exit 0
}
if ! save; then
  echo 1 >"$d.status"
  printf 'The present state could not be read.\n' >"$d.last"
  rm -rf "$d"
  exit 1
fi
shift 2
# in a process group of its own, so that it can be ended with all that it runs
if command -v setsid >/dev/null 2>&1; then
  setsid sh "$d/guard" "$d" apply "$@" &
else
  set -m
  sh "$d/guard" "$d" apply "$@" &
  set +m
fi
p=$!
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
      over 1 "The system refused it: $(tail -n 1 "$d/log")"
    fi
  fi
  sleep 1
  n=$((n + 1))
done
# Only one of the guard and guard-keep.sh can make this folder, and so decide.
mkdir "$d/decided" 2>/dev/null || exit 0
if [ -d "$d/undo" ]; then over 1 "It was taken back on request."; fi
over 3 "Nobody connected to confirm it within $seconds s."
