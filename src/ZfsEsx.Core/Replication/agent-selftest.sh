# Checks what the ZfsEsx replication agent needs of this shell and this awk; read by agent.sh selftest. No zfs needed.

for part in zfs plan keep report aside serve send cycle; do . "$LIB/agent-$part.sh"; done
W=${TMPDIR:-/tmp}/zfsesx.$$ STATE=$W
mkdir "$W" || exit 2
trap 'rm -rf "$W"' 0
failed=0 checks=0
boot_id
known_lacks

expect() { # WHAT WANTED GOT
  checks=$((checks + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  printf 'FAILED %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
}

yes_no() { if "$@"; then echo yes; else echo no; fi; }

# Lines and raw bytes in one pipe: read must not take more than its line, and a program in the background gets the rest.
framing() {
  exec 5<&0
  while IFS=$TAB read -r framing_cmd framing_n; do
    case $framing_cmd in
      GET) dd bs=1 count="$framing_n" <&5 2>/dev/null | wc -c | tr -d ' ' & wait $! ;;
      *) echo "$framing_cmd"; return ;;
    esac
  done
}
expect framing '7 1500 BYE' "$(
  { printf 'GET\t7\nab\ncd\n\n'; printf 'GET\t1500\n'; awk 'BEGIN { for (i = 0; i < 150; i++) printf "RECV\tx\n\t\n\\" }'; printf 'BYE\n'; } |
    framing | tr '\n' ' ' | sed 's/ $//')"

# The same where the number of bytes is known, if a program here takes exactly so many.
exact_reader
[ -z "$exact" ] || expect "exactly with $exact" "1500 7 BYE" "$(
  awk 'BEGIN { for (i = 0; i < 150; i++) printf "RECV\tx\n\t\n\\"; printf "ab\ncd\n\nBYE\n" }' |
    { exactly 1500 | wc -c; exactly 7 | wc -c; cat; } | tr -d ' ' | tr '\n' ' ' | sed 's/ $//')"

for name in uss1 a a-b.c_d 1; do expect "name $name" yes "$(yes_no safe_name "$name")"; done
for name in '' -x .x 'a b' 'a;b' 'a$(b)' 'a/b' "a'b" 'a"b' 'a
b'; do expect "name '$name'" no "$(yes_no safe_name "$name")"; done
for name in nas nas/vol0 a:b/c-d/_e nas/v..x; do expect "data set $name" yes "$(yes_no safe_dataset "$name")"; done
for name in '' / /a a/ a//b ../a a/../b a/./b 'a b' 'a@b' 'a;b' '$(a)' 'a`b`' -a a/-b 'a
b'; do expect "data set '$name'" no "$(yes_no safe_dataset "$name")"; done

cat >"$W/conf" <<'END'
# a comment
source=uss1
plan=uss1-uss2

root=sp2/replica/uss1
keep=3
ciphers=$(touch /nowhere);x
END
read_conf "$W/conf"
expect conf 'uss1 uss1-uss2 sp2/replica/uss1 3 $(touch /nowhere);x 900' "$c_source $c_plan $c_root $c_keep $c_ciphers $c_stall"
for line in 'divergence=destroy' 'rate=-1' 'hourly=x' 'root=sp2' 'root=../x/y' 'source=a b' 'keep=0' 'keep=1;2' 'evil=1' 'plan='; do
  { cat "$W/conf"; printf '%s\n' "$line"; } >"$W/bad"
  expect "conf with $line" refused "$( (read_conf "$W/bad") 2>/dev/null && echo accepted || echo refused)"
done

. "$LIB/agent-selfplan.sh"

seconds
run='r"1' nb=uss2 snapshot= idle= heard_at= problem='a "b" \c' started=2026-01-05T09:00:00Z begin=$seconds_now asof= code=1 sessions=1 c_dataset=p/n
printf 'p/n/a b\t1\ts\t18446744073709551615\t-\t12\t3\tfailed\tsays "no" \\ \n' >"$W/results"
expect report '"run":"r\"1" "error":"a \"b\" \\c" {"name":"p/n/a b" "target":"sp2/replica/uss1/n/a b" "guid":"18446744073709551615" "bytes":12 "error":"says \"no\" \\ "}]}' \
  "$(report | sed 's/"filesystems":\[/,/' | tr , '\n' | grep -E '"run"|"name"|"target"|"guid"|"bytes"|"error":"' | tr '\n' ' ' | sed 's/ $//')"

if mkdir "$W/lock" && printf '%s\t%s\n' 99999999 "$boot" >"$W/lock/owner"; then
  expect 'stale lock taken' yes "$(yes_no lock "$W/lock")"
  expect 'lock held' no "$(yes_no lock "$W/lock")"
fi

[ "$failed" -eq 0 ] && echo "ok $checks"
exit "$failed"
