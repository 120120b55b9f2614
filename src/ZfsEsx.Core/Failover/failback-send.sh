# Sends home what a stand-in has and its old home has not: one session with the agent there, by the agent's own words.
# Arguments: name of the old home, its address, port, user, our name, the name there, the stand-in. Takes a snapshot
# first. Prints SENT when that one was read back there by its GUID, AGAIN after the rest of a broken transfer.
PATH=/usr/xpg4/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL
set -f -u
umask 077
nb=$1 address=$2 port=$3 user=$4 src=$5 rel=$6 ds=$7
TAB='	'
W=$(mktemp -d) || exit 1
ssh=
trap '[ -z "$ssh" ] || kill "$ssh" 2>/dev/null; rm -rf "$W"' 0
trap 'exit 1' HUP INT TERM
trap '' PIPE

fail() { printf '%s\n' "$*" >&2; exit 1; }

answer() {
  while IFS= read -r line <&4; do
    case $line in @*) return 0 ;; esac
  done
  fail "no answer from $nb: $(tr '\n' ' ' <"$W/err")"
}

snap=zfsesx-$(date -u '+%Y%m%dT%H%M%SZ')
zfs list -H -o name "$ds@$snap" >/dev/null 2>&1 || zfs snapshot "$ds@$snap" || exit 1
guid=$(zfs get -Hp -o value guid "$ds@$snap")
zfs get -Hp -r -d 1 -o name,value guid "$ds" >"$W/own" || exit 1
mkfifo "$W/in" "$W/out" || exit 1
ssh -F /dev/null -T -p "$port" -i "/etc/zfsesx/keys/$nb" -l "$user" -o BatchMode=yes -o IdentitiesOnly=yes \
  -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/zfsesx/known_hosts -o GlobalKnownHostsFile=/dev/null \
  -o HostKeyAlias="zfsesx-$nb" -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 \
  "$address" zfsesx <"$W/in" >"$W/out" 2>"$W/err" &
ssh=$!
exec 3>"$W/in" 4<"$W/out"
printf 'HELLO\t2\t%s\tfailback\nINV\town\n' "$src" >&3
answer
case $line in "@HELLO$TAB"*) ;; *) fail "$nb says: $line" ;; esac
: >"$W/there"
while answer; do
  case $line in
    @END) break ;;
    "@NO$TAB"*) fail "$nb says: $line" ;;
  esac
  printf '%s\n' "$line" >>"$W/there"
done
token=$(awk -F '\t' -v r="$rel" '$1 == "@D" && $2 == r { print ($3 == "-") ? "" : $3 }' "$W/there")
there=$(awk -F '\t' -v r="$rel" '$1 == "@D" && $2 == r { print "yes" }' "$W/there")
base=$(awk -F '\t' -v r="$rel" '
  FILENAME ~ /own$/ { if (index($1, "@")) name[$2 ""] = $1; next }
  $1 == "@S" && index($2, r "@") == 1 && (($3 "") in name) && $4 + 0 > txg { txg = $4 + 0; best = name[$3 ""] }
  END { print best }' "$W/own" "$W/there")
arrives=$snap
if [ -n "$token" ]; then
  arrives=-
  set -- -t "$token"
elif [ "$base" = "$ds@$snap" ]; then
  echo SENT
  exit 0
elif [ -n "$base" ]; then
  set -- -I "@${base#*@}" "$ds@$snap"
elif [ -z "$there" ]; then
  # Nothing of it is there yet but what it is a clone of: that is where it goes on.
  set -- -i "$(zfs get -H -o value origin "$ds")" "$ds@$snap"
else
  fail "$nb has $rel of an earlier way home, without a snapshot of this one: destroy it there"
fi
printf 'RECV\t%s\t%s\t%s\n' "$rel" "$arrives" "$guid" >&3
(trap - PIPE && exec zfs send "$@" >&3 3>&- 4<&-) 2>"$W/send.err"
code=$?
# A stream that is cut off: only closing the session keeps the other side from reading on.
[ "$code" -ne 0 ] || printf 'BYE\n' >&3
exec 3>&-
while IFS= read -r line <&4; do printf '%s\n' "$line"; done >"$W/replies"
exec 4<&-
wait "$ssh"
ssh=
said=$(awk -F '\t' '$1 == "@FAIL" { print $4; exit }' "$W/replies")
[ -z "$said" ] || fail "$nb: $said"
[ "$code" -eq 0 ] || fail "zfs send: $(tr '\n' ' ' <"$W/send.err")"
[ "$arrives" != - ] || { echo AGAIN; exit 0; }
at=$(awk -F '\t' -v r="$rel" '$1 == "@AT" && $2 == r { print $3 }' "$W/replies")
[ "$at" = "$guid" ] || fail "$snap has not arrived: $(tr '\n' ' ' <"$W/err")"
echo SENT
