# Starts the guard of a change of addresses, and waits until it has made the change. $1: its folder, in memory, so that
# a restart forgets it; $2: its text; $3: the file that the system's tool shall read; the rest is for the guard.
# The guard is a process of its own: it must outlive the connection that it may cut.
d=$1
umask 077
if ! mkdir "$d" 2>/dev/null; then
  if [ -e "$d/pid" ] && ! kill -0 "$(cat "$d/pid")" 2>/dev/null; then rm -rf "$d"; fi
  mkdir "$d" 2>/dev/null || { echo "another change of addresses is under way" >&2; exit 75; }
fi
echo $$ >"$d/pid"
rm -f "$d.last" "$d.status"
printf '%s\n' "$2" >"$d/guard"
printf '%s' "$3" >"$d/text"
shift 3
nap() { sleep 0.1 2>/dev/null || sleep 1; }
s=
# systemd ends what a login has started together with the login where it is told to (KillUserProcesses), and with the
# guard all that it has started where it is not told otherwise (KillMode): that may be the DHCP client of before
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1 &&
  systemd-run --quiet --collect -p KillMode=process sh -c 'exec sh "$0" "$@" </dev/null >"$1/log" 2>&1' \
    "$d/guard" "$d" "$@" 2>/dev/null; then
  :
elif command -v setsid >/dev/null 2>&1; then
  setsid sh "$d/guard" "$d" "$@" </dev/null >"$d/log" 2>&1 &
else
  set -m
  nohup sh "$d/guard" "$d" "$@" </dev/null >"$d/log" 2>&1 &
fi
n=0
while [ $n -lt 600 ]; do
  if [ -e "$d/applied" ]; then exit 0; fi
  if [ -e "$d.last" ]; then
    cat "$d.last" >&2
    # 3: its time was over before the change was made
    exit "$(cat "$d.status")"
  fi
  nap
  n=$((n + 1))
done
echo "the change is not made yet" >&2
exit 1
