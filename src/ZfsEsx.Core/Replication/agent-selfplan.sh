# Checks the decisions of the ZfsEsx replication agent; read by agent.sh selftest.

# GUIDs that differ only where a floating-point number no longer does.
g=1234567890123456
N=zfsesx-20260101T0000
t() { tr ' ' '\t'; }
t >"$W/there" <<END
@D nas -
@S nas@${N}00Z ${g}100 5
@D nas/same -
@S nas/same@${N}01Z ${g}201 9
@D nas/div -
@S nas/div@x ${g}999 9
@D nas/rolled -
@S nas/rolled@${N}00Z ${g}400 5
@S nas/rolled@${N}09Z ${g}409 7
@D nas/foreign -
@S nas/foreign@${N}00Z ${g}500 5
@S nas/foreign@mine ${g}599 7
@D nas/part 1-token
@D nas/drop 1-token
@D nas/bare -
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
expect plan "nas:INCR:${N}00Z:${N}01Z nas/same:KNOWN:${N}01Z:${N}01Z nas/div:DIVERGED:-:${N}01Z nas/rolled:DIVERGED:${N}00Z:${N}01Z \
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
  awk -v keep=3 -v hours=0 "$EXPIRED" kind=base "$W/base" kind=inventory "$W/here" | sort | awk -F "$TAB" '{ printf "%s:%s ", $1, $2 }')"

# The newest of each hour, day, week and month, too, by their names; 2026-01-04 is a Sunday.
: >"$W/here"
k=0
for s in 20251130T235959Z 20251231T100000Z 20260103T100000Z 20260104T100000Z 20260104T103000Z 20260105T090000Z 20260105T091500Z 20260105T094500Z; do
  k=$((k + 1))
  printf 'p/n@zfsesx-%s\t%s\t%s\n' "$s" "$k" "$k" >>"$W/here"
done
: >"$W/base"
kept() { # keep hours days weeks months
  awk -v keep="$1" -v hours="$2" -v days="$3" -v weeks="$4" -v months="$5" "$EXPIRED" kind=base "$W/base" kind=inventory "$W/here" |
    cut -d - -f 2 | cat - "$W/here" | awk '{ s = substr($1, length($1) - 15) } !/@/ { gone[s] = 1; next } !(s in gone) { printf "%s ", substr(s, 5, 9) }'
}
expect 'kept by number' '0105T0915 0105T0945 ' "$(kept 2 0 0 0 0)"
expect 'kept by hour' '0104T1030 0105T0945 ' "$(kept 1 2 0 0 0)"
expect 'kept by day' '0103T1000 0104T1030 0105T0945 ' "$(kept 1 0 3 0 0)"
expect 'kept by week' '1130T2359 0104T1030 0105T0945 ' "$(kept 1 0 0 3 0)"
expect 'kept by month' '1130T2359 1231T1000 0105T0945 ' "$(kept 1 0 0 0 3)"
# An hour back on the clock: the order is that of ZFS.
printf 'p/n@zfsesx-20260105T084500Z\t9\t9\n' >>"$W/here"
expect 'kept after the clock went back' '0105T0945 0105T0845 ' "$(kept 2 0 0 0 0)"

# Bookmarks: those who have none, and the one with the oldest get one; the last one stays.
printf 'p/n\t1\t%s05Z\t5\np/n/a\t2\t%s05Z\t6\np/n/b\t3\t%s05Z\t7\np/n/c\t4\t%s05Z\t8\n' "$N" "$N" "$N" "$N" >"$W/base"
B=#zfsesx:x:20260101T0000
printf 'p/n%s03Z\t-\t-\np/n/a%s02Z\t-\t-\np/n/c%s05Z\t-\t-\np/n/b#mine\t-\t-\n' "$B" "$B" "$B" >"$W/here"
marks() { awk "$BOOKMARKS" tag=zfsesx:x kind=base "$W/base" kind=inventory "$W/here" | sort | tr '\t\n' '  '; }
expect bookmarks "Bp/n/a@${N}05Z Bp/n/b@${N}05Z " "$(marks)"
printf 'p/n%s01Z\t-\t-\np/n/c%s02Z\t-\t-\n' "$B" "$B" >>"$W/here"
expect 'bookmarks too many' "Bp/n/a@${N}05Z Bp/n/b@${N}05Z drop p/n${B}01Z " "$(marks)"

# One call for all of a name, unless one of that name is to stay.
gathered() { # WHAT STAYS
  printf 'p/a@1\np/b@1\np/c@1\np/d@2\n' |
    awk -v file="$W/gathered" -v stays="$1" "$GATHER"'{ list[NR] = $1 } END { if (stays != "") stay[stays] = 1; gather(file, list, NR, stay, "p") }'
  tr '\t\n' ': ' <"$W/gathered"
}
expect gathered 'all:p@1 part:p/a@1 part:p/b@1 part:p/c@1 one:p/d@2 ' "$(gathered '')"
expect 'gathered beside another name' 'all:p@1 part:p/a@1 part:p/b@1 part:p/c@1 one:p/d@2 ' "$(gathered p/x@2)"
expect 'gathered beside one that stays' 'one:p/a@1 one:p/b@1 one:p/c@1 one:p/d@2 ' "$(gathered p/x@1)"

# Renamed at the source (with one below it), renamed at the replica, its base lost but bookmarked or not, a rename aside
# that was interrupted, a replica found modified.
t >"$W/there" <<END
@D n -
@S n@${N}00Z ${g}100 5
@D n/old -
@S n/old@${N}00Z ${g}200 5
@D n/old/x -
@S n/old/x@${N}00Z ${g}300 5
@D n/elsewhere -
@S n/elsewhere@${N}01Z ${g}401 5
@D n/mark -
@S n/mark@${N}00Z ${g}500 5
@D n/nomark -
@S n/nomark@${N}00Z ${g}600 5
@S n/nomark@${N}01Z ${g}601 6
@D n/cut -
@D n/cut.diverged-1 -
@S n/cut.diverged-1@${N}00Z ${g}700 5
@D n/mod -
@S n/mod@${N}00Z ${g}800 5
@D n/older -
@S n/older@${N}00Z ${g}900 5
@S n/older@${N}01Z ${g}901 6
END
t >"$W/here" <<END
p/n ${g}011 1
p/n@${N}00Z ${g}100 10
p/n/new ${g}012 1
p/n/new@${N}00Z ${g}200 10
p/n/new@${N}01Z ${g}201 20
p/n/new/x ${g}013 1
p/n/new/x@${N}00Z ${g}300 10
p/n/here ${g}014 1
p/n/here@${N}01Z ${g}401 20
p/n/mark ${g}015 1
p/n/mark@${N}01Z ${g}501 20
p/n/mark#zfsesx:x:20260101T000000Z - -
p/n/nomark ${g}016 1
p/n/nomark@${N}00Z ${g}600 10
p/n/nomark@${N}02Z ${g}602 20
p/n/cut ${g}017 1
p/n/cut@${N}00Z ${g}700 10
p/n/cut@${N}02Z ${g}702 20
p/n/mod ${g}018 1
p/n/mod@${N}00Z ${g}800 10
p/n/mod@${N}02Z ${g}802 20
p/n/older ${g}019 1
p/n/older@${N}02Z ${g}902 20
p/n/older#zfsesx:x:20260101T000000Z - -
p/n/older#zfsesx:y:20260101T000001Z - -
END
printf 'p/n/mark\t%s015\t%s00Z\t%s500\n' "$g" "$N" "$g" >"$W/base"
: >"$W/settled"; : >"$W/drop"
echo n/mod >"$W/changed"
planned() {
  awk "$PLAN" policy="$1" tag=zfsesx:x kind=there "$W/there" kind=base "$W/base" kind=settled "$W/settled" kind=drop "$W/drop" \
    kind=changed "$W/changed" kind=here "$W/here" | awk -F "$TAB" -v g="$g" '{ sub(g, "", $8); printf "%s:%s:%s ", $1, $2, $8 }'
}
common="n:KNOWN:- n/new:MOVE:n/old n/new:INCR:- n/new/x:MOVE:n/new/x n/here:MOVE:n/elsewhere n/mark:INCR:-"
expect 'plan with preserve' "$common n/nomark:PRESERVE:600 n/nomark:INCR:- n/cut:PRESERVE:700 n/cut:INCR:- n/mod:PRESERVE:800 n/mod:INCR:- n/older:PRESERVE:900 n/older:INCR:- " "$(planned preserve)"
expect 'plan with refuse' "$common n/nomark:DIVERGED:the replica has ${N}01Z, which the source has lost: rolled back or made anew \
n/cut:PRESERVE:700 n/cut:INCR:- n/mod:DIVERGED:the replica has been modified \
n/older:DIVERGED:the replica has ${N}01Z, which the source has lost: rolled back or made anew " "$(planned refuse)"

printf '@OK\ta\n@OK\tb\n@FAIL\tc\tDIVERGED\thas been modified\n@AT\ta\t%s1\n@AT\tb\t%s2\n@BYE\n' "$g" "$g" >"$W/replies"
for r in a b c d; do printf '%s\tINCR\tp/%s\tx\ty\t%s1\t1\t%s\t0\t-\n' "$r" "$r" "$g" "$([ $r = d ] && echo 1 || echo 0)"; done >"$W/sent"
: >"$W/changed"
outcome() { # POLICY
  PROBLEM=gone awk -v dir="$W" "$OUTCOME" policy="$1" kind=changed "$W/changed" kind=replies "$W/replies" \
    kind=sent "$W/sent" | awk -F "$TAB" '{ printf "%s:%s:%s ", $1, $8, $9 }'
}
# What came after the failure is tried again in another session.
expect outcome 'p/a:ok:- p/b:failed:received, but y is not there p/c:diverged:has been modified ' "$(outcome refuse)"
expect 'outcome with preserve' 'p/a:ok:- p/b:failed:received, but y is not there ' "$(outcome preserve)"
expect 'to be preserved' c "$(cat "$W/changed")"
expect settled 'a b c a b ' "$(tr '\n' ' ' <"$W/settled")"
expect 'preserved once' 'p/a:ok:- p/b:failed:received, but y is not there p/c:diverged:has been modified ' "$(outcome preserve)"
sed '/FAIL/d' "$W/replies" >"$W/new" && mv "$W/new" "$W/replies"
expect 'outcome of a broken send' 'p/a:ok:- p/b:failed:received, but y is not there p/c:failed:no answer p/d:failed:send: gone ' "$(outcome refuse)"

# A broken transfer: one that is whole now and one that can never go on are dropped, the others keep what has arrived.
printf '@OK\twhole\n@FAIL\tfull\tSPACE\tout of space\n@FAIL\tmod\tDIVERGED\thas been modified\n' >"$W/replies"
for r in whole full mod cut; do printf '%s\tRESUME\tp/%s\t-\ty\t1\t1\t%s\t0\t-\n' "$r" "$r" "$([ $r = cut ] && echo 1 || echo 0)"; done >"$W/sent"
resumed() { # PROBLEM
  : >"$W/drop"
  PROBLEM=$1 awk -v dir="$W" "$OUTCOME" policy=refuse kind=replies "$W/replies" kind=sent "$W/sent" | awk -F "$TAB" '{ printf "%s:%s:%s ", $1, $8, $9 }'
  tr '\n' ' ' <"$W/drop"
}
expect 'a transfer that broke again' 'p/full:failed:out of space whole mod ' "$(resumed 'connection to uss2: lost')"
sed '/FAIL/d' "$W/replies" >"$W/new" && mv "$W/new" "$W/replies"
sed -n '/^cut/p' "$W/sent" >"$W/new" && mv "$W/new" "$W/sent"
expect 'a transfer cut again' 'p/cut:failed:send: connection to uss2: lost ' "$(resumed 'connection to uss2: lost')"
expect 'a transfer that can never go on' 'cut ' "$(resumed "cannot resume send: 'p/cut@y' used in the initial send no longer exists")"
