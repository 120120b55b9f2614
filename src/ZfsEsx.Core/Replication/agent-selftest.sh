# Checks what the ZfsEsx replication agent needs of this shell and this awk; read by agent.sh selftest. No zfs needed.

. "$LIB/agent-plan.sh"
. "$LIB/agent-cycle.sh"
W=$(mktemp -d "${TMPDIR:-/tmp}/zfsesx.XXXXXX") || exit 2
trap 'rm -rf "$W"' 0
failed=0 checks=0

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
for line in 'root=sp2' 'root=../x/y' 'source=a b' 'keep=0' 'keep=1;2' 'evil=1' 'plan='; do
  { cat "$W/conf"; printf '%s\n' "$line"; } >"$W/bad"
  expect "conf with $line" refused "$( (read_conf "$W/bad") 2>/dev/null && echo accepted || echo refused)"
done

# GUIDs that differ only where a floating-point number no longer does.
g=1234567890123456
N=zfsesx-20260101T0000
t() { tr ' ' '\t'; }
t >"$W/there" <<END
@D nas ${g}001 -
@S nas@${N}00Z ${g}100 5
@D nas/same ${g}002 -
@S nas/same@${N}01Z ${g}201 9
@D nas/div ${g}003 -
@S nas/div@x ${g}999 9
@D nas/rolled ${g}004 -
@S nas/rolled@${N}00Z ${g}400 5
@S nas/rolled@${N}09Z ${g}409 7
@D nas/foreign ${g}005 -
@S nas/foreign@${N}00Z ${g}500 5
@S nas/foreign@mine ${g}599 7
@D nas/part ${g}006 1-token
@D nas/drop ${g}007 1-token
@D nas/bare ${g}008 -
END
t >"$W/here" <<END
sp1/nas ${g}011 1
sp1/nas@${N}00Z ${g}100 10
sp1/nas@user ${g}150 15
sp1/nas@${N}01Z ${g}101 20
sp1/nas/same ${g}012 1
sp1/nas/same@${N}01Z ${g}201 20
sp1/nas/div ${g}013 1
sp1/nas/div@${N}01Z ${g}301 20
sp1/nas/rolled ${g}014 1
sp1/nas/rolled@${N}00Z ${g}400 10
sp1/nas/rolled@${N}01Z ${g}401 20
sp1/nas/foreign ${g}015 1
sp1/nas/foreign@${N}00Z ${g}500 10
sp1/nas/foreign@${N}01Z ${g}501 20
sp1/nas/part ${g}016 1
sp1/nas/part@${N}01Z ${g}601 20
sp1/nas/drop ${g}017 1
sp1/nas/drop@${N}01Z ${g}701 20
sp1/nas/bare ${g}018 1
sp1/nas/bare@${N}01Z ${g}801 20
sp1/nas/first ${g}019 1
sp1/nas/first@${N}01Z ${g}901 20
sp1/nas/lost ${g}020 1
sp1/nas/lost@${N}01Z ${g}902 20
sp1/nas/again ${g}021 1
sp1/nas/again@${N}01Z ${g}903 20
sp1/nas/done ${g}022 1
sp1/nas/done@${N}01Z ${g}904 20
sp1/nas/young ${g}023 19
sp1/nas/young@user ${g}905 20
END
{ printf 'sp1/nas/a b\t1\t1\nsp1/nas/a b@%s01Z\t2\t20\n' "$N"; } >>"$W/here"
printf 'sp1/nas/lost\t%s020\t%s00Z\t1\nsp1/nas/again\t%s999\t%s00Z\t1\n' "$g" "$N" "$g" "$N" >"$W/base"
echo nas/done >"$W/settled"
echo nas/drop >"$W/drop"
expect plan "nas:INCR:${N}00Z:${N}01Z nas/same:SAME:${N}01Z:${N}01Z nas/div:DIVERGED:-:${N}01Z nas/rolled:DIVERGED:${N}00Z:${N}01Z \
nas/foreign:INCR:${N}00Z:${N}01Z nas/part:RESUME:-:${N}01Z nas/drop:ABORT:-:${N}01Z nas/bare:DIVERGED:-:${N}01Z nas/first:FULL:-:${N}01Z \
nas/lost:LOST:-:${N}01Z nas/again:FULL:-:${N}01Z nas/a b:REFUSED:-:${N}01Z " "$(
  awk "$PLAN" kind=there "$W/there" kind=base "$W/base" kind=settled "$W/settled" kind=drop "$W/drop" kind=here "$W/here" |
    awk -F "$TAB" '{ printf "%s:%s:%s:%s ", $1, $2, $4, $5 }')"

# Expired: never the base, never newer than it, only our names, in one call only where all of them go.
: >"$W/here"
for ds in p/n p/n/a p/n/b; do
  k=0
  for s in 0 1 2 3 4; do k=$((k + 1)); printf '%s@%s0%sZ\t%s%s\t%s\n' "$ds" "$N" "$s" "$ds" "$s" "$k"; done
  printf '%s@zfsesx-mine\t%s9\t0\n' "$ds" "$ds"
done >"$W/here"
printf 'p/n\t-\t-\tp/n4\np/n/a\t-\t-\tp/n/a4\np/n/b\t-\t-\tp/n/b1\n' >"$W/base"
expect expired "all:p/n@${N}00Z one:p/n/a@${N}01Z one:p/n@${N}01Z part:p/n/a@${N}00Z part:p/n/b@${N}00Z part:p/n@${N}00Z " "$(
  awk -v keep=3 "$EXPIRED" kind=base "$W/base" kind=inventory "$W/here" | sort | awk -F "$TAB" '{ printf "%s:%s ", $1, $2 }')"

printf '@OK\ta\n@OK\tb\n@FAIL\tc\tDIVERGED\thas been modified\n@AT\ta\t%s1\n@AT\tb\t%s2\n@BYE\n' "$g" "$g" >"$W/replies"
for r in a b c d; do printf '%s\tINCR\tp/%s\tx\ty\t%s1\t1\t%s\t0\t-\n' "$r" "$r" "$g" "$([ $r = d ] && echo 1 || echo 0)"; done >"$W/sent"
expect outcome 'p/a:ok:- p/b:failed:received, but y is not there p/c:diverged:has been modified p/d:failed:send: gone ' "$(
  PROBLEM=gone awk -v again="$W/again" "$OUTCOME" kind=replies "$W/replies" kind=sent "$W/sent" | awk -F "$TAB" '{ printf "%s:%s:%s ", $1, $8, $9 }')"

run='r"1' nb=uss2 snapshot= problem='a "b" \c' started=now begin=0 code=1 sessions=1 c_dataset=p/n
printf 'p/n/a b\t1\ts\t18446744073709551615\t-\t12\t3\tfailed\tsays "no" \\ \n' >"$W/results"
expect report '"run":"r\"1" "error":"a \"b\" \\c" {"name":"p/n/a b" "target":"sp2/replica/uss1/n/a b" "guid":"18446744073709551615" "bytes":12 "error":"says \"no\" \\ "}]}' \
  "$(report | sed 's/"filesystems":\[/,/' | tr , '\n' | grep '"run"\|"name"\|"target"\|"guid"\|"bytes"\|"error":"' | tr '\n' ' ' | sed 's/ $//')"

if mkdir "$W/lock" && printf '%s\t%s\n' 99999999 "$(boot_id | one_line)" >"$W/lock/owner"; then
  expect 'stale lock taken' yes "$(yes_no lock "$W/lock")"
  expect 'lock held' no "$(yes_no lock "$W/lock")"
fi

[ "$failed" -eq 0 ] && echo "ok $checks"
exit "$failed"
