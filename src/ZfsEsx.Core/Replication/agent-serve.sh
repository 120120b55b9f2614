# The receiving half of the ZfsEsx replication agent; read by agent.sh. It speaks with one session of the source:
#
#   HELLO <v> <source> <run>      @HELLO <v> <host> <root>         who is there, where replicas are kept
#   INV own|all                   @D <rel> <token|-> ...             data sets below the root
#                                 @S <rel@snap> <guid> <txg> ... @END  and their snapshots: the agent's own, or all
#   RECV <rel> <snap|-> <guid> [<size>]   @OK <rel> | @FAIL <rel> <class> <text>      one stream follows, read exactly;
#                                 with its size (to those who have said "lanes") it is received beside others
#   ABORT <rel>                   @ABORTED <rel> | @FAIL ...         drops what a broken transfer has left
#   MOVE <rel> <old>              @DONE <rel> | @FAIL ...            renames a replica
#   PRESERVE <rel> <guid>         @DONE <rel> | @FAIL ...            keeps a diverged replica aside, goes on from that base
#   BYE [<as of>]                 @AT <rel> <guid> ... @READ      snapshots as they are now on disk, held
#                                 @BYE                           and what they replace is gone
#
# Fields are separated by tabs. After @FAIL the session ends, unless the size was told: the rest of the stream would be
# read as commands.
# The client's command line is not looked at; the root comes from the configuration of this side only.

reply() { # FIELD...
  reply_line=@$1
  shift
  for reply_field; do reply_line=$reply_line$TAB$reply_field; done
  printf '%s\n' "$reply_line" 2>/dev/null
}

serve() { # SOURCE
  read_conf "$ETC/source-$1.conf" || { reply NO CONFIG "$1 is not known here"; exit 2; }
  [ "$c_source" = "$1" ] || { reply NO CONFIG "the configuration of $1 names another source"; exit 2; }
  not_fenced || exit 2
  W=$STATE/from-$1.lock
  BASE=$STATE/from-$1.base
  exec 5<&0
  trap '' PIPE
  begun= lanes= lane=0 known= asof=
  trap '[ -z "$begun" ] || rm -rf "$W"' 0
  trap 'end_children "$W" TERM; exit 2' HUP INT TERM
  # A stream may bring properties; these stay what they are inherited as, so that no replica is ever mounted or shared.
  partial=-s exclude='-x mountpoint -x canmount -x sharenfs -x sharesmb -x readonly -x setuid -x devices -x exec'
  if [ -r /proc/sys/kernel/hostname ]; then read -r host </proc/sys/kernel/hostname; else host=$(uname -n); fi
  ! lacks receive-s || partial=
  ! lacks receive-x || exclude=
  exact_reader
  while IFS=$TAB read -r cmd rel snap guid size; do
    case $cmd=$size in RECV=?*) ;; *) drain ;; esac
    case $cmd in
      HELLO) reply HELLO 2 "$host" "$c_root" ${exact:+lanes} ;;
      INV) begin && list_replicas || break ;;
      RECV) receivable && begin && take || break ;;
      ABORT) named "$rel" && begin && drop_partial || break ;;
      MOVE) named "$rel" "$snap" && begin && move || break ;;
      PRESERVE) named "$rel" "$snap" && begin && preserve || break ;;
      BYE) asof=$rel; break ;;
      *) reply FAIL - DESYNC 'not a command'; break ;;
    esac
  done
  drain
  finish && remember_asof
  reply BYE
}

remember_asof() { # only when nothing failed
  [ -n "$begun" ] && [ ! -f "$W/short" ] || return
  case $asof in
    [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z) echo "$asof" >"$STATE/from-$c_source.asof" ;;
  esac
}

# Nothing outside the root has a name here. Looked at before "begin": who only tries what is let through (confined.sh)
# must not end a session that receives.
named() { # NAME...
  for named_one; do safe_dataset "$named_one" || { reply FAIL - NAME 'bad name'; return 1; }; done
}

receivable() {
  case $size in *[!0-9]* | ?????????*) reply FAIL - NAME 'bad size'; return 1 ;; esac
  named "$rel" "$guid" && { [ "$snap" = - ] || named "$snap"; }
}

# Nothing is received while the replicas have taken the place of their source.
not_fenced() {
  [ -f "$ETC/fenced-$c_source" ] || return 0
  read -r fence <"$ETC/fenced-$c_source" # its first line says since when
  reply NO FENCED "${fence:-?}" "the replicas of $c_source have taken its place here"
  return 1
}

# A greeting alone disturbs nobody. With the first real command this session takes the place of any other one: the
# source runs one cycle at a time, so a session that still stands is the rest of a dead connection.
begin() {
  [ -z "$begun" ] || return 0
  lock "$W" || { end_owner "$W"; lock "$W"; } || { reply NO BUSY 'another session does not end'; return 1; }
  # Who fences ends the owner of the lock afterwards: a session that has greeted before must not slip through.
  not_fenced || { rm -rf "$W"; return 1; }
  begun=yes
  for file in "$BASE" "$W/arrived" "$W/inv" "$W/act"; do : >>"$file"; done
}

# The root of the replicas is made. Children inherit: never mounted, never shared.
make_root() {
  ready_path=${c_root%%/*}
  ready_rest=${c_root#*/}
  while [ "$ready_rest" != "${ready_rest#*/}" ]; do
    ready_path=$ready_path/${ready_rest%%/*}
    ready_rest=${ready_rest#*/}
    zfs list -H -o name "$ready_path" >/dev/null 2>&1 ||
      zfs create -o canmount=off -o mountpoint=none -o com.sun:auto-snapshot=false "$ready_path" 2>"$W/err" || break
  done
  zfs create -o canmount=off -o mountpoint=none -o readonly=on -o sharenfs=off -o setuid=off -o devices=off -o exec=off \
    -o com.sun:auto-snapshot=false -o zfsesx:source="$c_source" "$c_root" 2>"$W/err" && return 0
  reply NO ROOT "$c_root cannot be made: $(one_line <"$W/err")"
  return 1
}

list_replicas() {
  case $rel in own | all) ;; *) reply NO LIST 'own or all'; return 1 ;; esac
  if ! inventory "$rel" "$c_root" "$W/inv"; then
    case $(cat "$W/inv.err") in *'no such'* | *'not exist'*) ;; *) reply NO LIST "$(one_line <"$W/inv.err")"; return 1 ;; esac
    make_root || return 1
    printf '%s\t-\t1\t-\t-\t%s\n' "$c_root" "$c_source" >"$W/inv"
  fi
  awk -F "$TAB" -v root="$c_root" -v mark="$c_source" '
    $1 == root && $6 != mark { print "@NO\tFOREIGN\t" root " exists and was not made for replicas of " mark; bad = 1; exit }
    index($1, root "/") == 1 && !index($1, "#") {
      rel = substr($1, length(root) + 2)
      if (index($1, "@")) print "@S\t" rel "\t" $2 "\t" $3
      else print "@D\t" rel "\t" (($5 == "") ? "-" : $5) }
    END { if (bad) exit 1; print "@END" }' "$W/inv" 2>/dev/null
}

receive() { # OPTIONS DATASET; the stream is on 5. In the background, so that a signal ends it at once
  zfs receive "$@" <&5 >"$W/err" 2>&1 &
  echo "$!" >"$W/child" # for end_children
  wait "$!"
  receive_code=$?
  : >"$W/child"
  return "$receive_code"
}

# Which program takes exactly so many bytes from a pipe? Many read ahead. Found once per boot, by trying.
exact_reader() { # sets exact; in yash the variable of a loop ends with its function
  for exact_try in head dd ''; do
    exact=$exact_try
    ! lacks "exact=$exact" || return 0
  done
  for exact_try in head dd ''; do
    exact=$exact_try
    case $exact=$(printf 'ab\ncdef' | { exactly 4 2>/dev/null >&2; cat; }) in ?*=def) break ;; esac
  done
  now_lacks "exact=$exact"
}

exactly() { # BYTES
  case $exact in head) head -c "$1" ;; dd) dd bs="$1" count=1 iflag=fullblock ;; esac
}

take() {
  parent || return 1
  if [ -n "$size" ]; then take_small; else deliver; fi
}

# What the source does not replicate, but what it replicates lies in, is a placeholder here, as the root is.
parent() { # known: names that are there or on their way
  known="$known $rel"
  parent=${rel%/*}
  case "$rel $known " in "${rel##*/} "* | *" $parent "*) return 0 ;; esac
  known="$known $parent" parent=$c_root/$parent
  ! awk -F "$TAB" -v name="$parent" '$1 == name { exit 1 }' "$W/inv" || zfs create -p -o canmount=off "$parent" 2>"$W/err" ||
    { reply FAIL "$rel" PARENT "$parent cannot be made: $(one_line <"$W/err")"; return 1; }
}

# A small stream is read into a file, so that several of them are received side by side: they share transaction groups.
take_small() {
  set -- $lanes
  if [ $# -ge 10 ]; then
    reap "$1"
    shift
    lanes=$*
  fi
  lane=$((lane % 10 + 1))
  exactly "$size" <&5 >"$W/lane.$lane" 2>"$W/err" || { reply FAIL "$rel" SPACE "$(one_line <"$W/err")"; return 1; }
  zfs receive $partial $exclude -u "$c_root/$rel" <"$W/lane.$lane" >"$W/err.$lane" 2>&1 &
  echo "$!" >"$W/child.$lane"
  lanes="$lanes $lane:$!"
  printf '%s\t%s\t%s\n' "$rel" "$snap" "$guid" >"$W/row.$lane"
}

reap() { # LANE:PID
  wait "${1#*:}"
  code=$? reap_lane=${1%%:*}
  : >"$W/child.$reap_lane"
  IFS=$TAB read -r reap_rel reap_snap reap_guid <"$W/row.$reap_lane"
  while [ "$code" -ne 0 ] && without_option "$W/err.$reap_lane"; do
    zfs receive $partial $exclude -u "$c_root/$reap_rel" <"$W/lane.$reap_lane" >"$W/err.$reap_lane" 2>&1
    code=$?
  done
  outcome "$code" "$reap_rel" "$reap_snap" "$reap_guid" "$W/err.$reap_lane"
}

drain() {
  for drain_lane in $lanes; do reap "$drain_lane"; done
  lanes=
}

# A ZFS without an option says so before it reads a byte: the stream is still whole.
without_option() { # ERRORS
  case $(cat "$1") in # those beside this one were begun with it, too
    *"invalid option 's'"*) partial= && now_lacks receive-s ;;
    *"invalid option 'x'"*) exclude= && now_lacks receive-x ;;
    *) return 1 ;;
  esac
}

deliver() { # the stream is on 5
  receive $partial $exclude -u "$c_root/$rel"
  code=$?
  while [ "$code" -ne 0 ] && without_option "$W/err"; do
    receive $partial $exclude -u "$c_root/$rel"
    code=$?
  done
  outcome "$code" "$rel" "$snap" "$guid" "$W/err"
}

outcome() { # CODE REL SNAP GUID ERRORS
  if [ "$1" -eq 0 ]; then
    printf '%s\t%s\t%s\n' "$2" "$3" "$4" >>"$W/arrived"
    reply OK "$2"
    return 0
  fi
  : >"$W/short"
  text=$(one_line <"$5")
  case $text in
    *'has been modified'* | *'does not match incremental source'* | *'must be destroyed'* | *'must destroy'*) class=DIVERGED ;;
    *'out of space'* | *quota*) class=SPACE ;;
    *partially-complete* | *resum*) class=PARTIAL ;;
    *busy*) class=BUSY ;;
    *) class=ERROR ;;
  esac
  reply FAIL "$2" "$class" "${text:-zfs receive ended with $1}"
  return 1
}

drop_partial() { # never touches what has been received completely
  if zfs receive -A "$c_root/$rel" >"$W/err" 2>&1; then reply ABORTED "$rel"; else
    reply FAIL "$rel" PARTIAL "$(one_line <"$W/err")"
    return 1
  fi
}

# An exit code is no proof. What has arrived is looked up in one call, becomes the base and is held; the former
# base is let go; what is too old is destroyed.
finish() {
  [ -n "$begun" ] && [ -s "$W/arrived" ] || return 0
  tag=zfsesx:$c_plan
  awk -F "$TAB" -v root="$c_root/" '$2 != "-" { print root $1 "@" $2 }' "$W/arrived" >"$W/ask"
  with_lines "$W/ask" zfs get -Hp -o name,value guid >"$W/guids" 2>/dev/null
  # Base file: data set, "-", snapshot, guid. Snapshots that bear the guid which the source named, and no other.
  awk -F "$TAB" -v root="$c_root" -v rows="$W/at" -v hold="$W/hold" -v free="$W/free" -v short="$W/short" "$GATHER"'
    BEGIN { printf "" >rows; printf "" >hold; printf "" >free }
    kind == "guid" { at[$1] = $2 ""; next }
    kind == "arrived" {
      name = root "/" $1; snap = name "@" $2
      if (snap in at) print "@AT\t" $1 "\t" at[snap] >rows
      if ((snap in at) && at[snap] == $3 "") { now[name] = $2; guid[name] = $3; new[++news] = snap } else print snap >short
      next }
    !($1 in now) { print; stay[$1 "@" $3] = 1; next }
    $3 != now[$1] { old[++olds] = $1 "@" $3 }
    END {
      for (name in now) { print name "\t-\t" now[name] "\t" guid[name]; stay[name "@" now[name]] = 1 }
      gather(hold, new, news, none, root); gather(free, old, olds, stay, root) }
  ' kind=guid "$W/guids" kind=arrived "$W/arrived" kind=base "$BASE" >"$BASE.new" || return
  with_tag hold "$tag" "$W/hold"
  mv "$BASE.new" "$BASE" || return
  cat "$W/at" 2>/dev/null
  reply READ
  with_tag release "$tag" "$W/free"
  # Of data sets that got something: the listing from before, and what is new.
  awk -F "$TAB" 'kind == "base" { base[$1] = $4; snap[$1] = $3; next }
    { at = index($1, "@"); ds = at ? substr($1, 1, at - 1) : ""; if (!(ds in base)) next
      print; if ($3 + 0 > top[ds]) top[ds] = $3 + 0; if ($2 "" == base[ds] "") known[ds] = 1 }
    END { for (ds in base) if (!(ds in known)) print ds "@" snap[ds] "\t" base[ds] "\t" top[ds] + 1 }
  ' kind=base "$BASE" kind=inv "$W/inv" >"$W/now"
  prune "$tag" "$BASE" "$W/now" >/dev/null
  return 0
}
