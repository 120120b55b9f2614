# The receiving half of the ZfsEsx replication agent; read by agent.sh. It speaks with one session of the source:
#
#   HELLO <v> <source> <run>      @HELLO <v> <host> <root>         who is there, where replicas are kept
#   INV own|all                   @D <rel> <token|-> ...             data sets below the root
#                                 @S <rel@snap> <guid> <txg> ... @END  and their snapshots: the agent's own, or all
#   RECV <rel> <snap|-> <guid>     @OK <rel> | @FAIL <rel> <class> <text>      one stream follows, read exactly
#   ABORT <rel>                   @ABORTED <rel> | @FAIL ...         drops what a broken transfer has left
#   MOVE <rel> <old>              @DONE <rel> | @FAIL ...            renames a replica
#   PRESERVE <rel> <guid>         @DONE <rel> | @FAIL ...            keeps a diverged replica aside, goes on from that base
#   BYE                           @AT <rel> <guid> ...  @KEPT <snapshot> ...  @BYE    snapshots as they are now on disk
#
# Fields are separated by tabs. After @FAIL the session ends: the rest of the stream would be read as commands.
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
  W=$STATE/from-$1.lock
  BASE=$STATE/from-$1.base
  exec 5<&0
  trap '' PIPE
  recv= begun=
  trap '[ -z "$begun" ] || rm -rf "$W"' 0
  trap '[ -z "$recv" ] || kill "$recv" 2>/dev/null; exit 2' HUP INT TERM
  partial=-s
  if [ -r /proc/sys/kernel/hostname ]; then read -r host </proc/sys/kernel/hostname; else host=$(uname -n); fi
  ! lacks receive-s || partial=
  while IFS=$TAB read -r cmd rel snap guid; do
    case $cmd in
      HELLO) reply HELLO 2 "$host" "$c_root" ;;
      INV) begin && list_replicas || break ;;
      RECV) begin && take || break ;;
      ABORT) begin && drop_partial || break ;;
      MOVE) begin && move || break ;;
      PRESERVE) begin && preserve || break ;;
      BYE) break ;;
      *) reply FAIL - DESYNC 'not a command'; break ;;
    esac
  done
  finish
  reply BYE
}

# A greeting alone disturbs nobody. With the first real command this session takes the place of any other one: the
# source runs one cycle at a time, so a session that still stands is the rest of a dead connection.
begin() {
  [ -z "$begun" ] || return 0
  lock "$W" || { end_owner "$W"; lock "$W"; } || { reply NO BUSY 'another session does not end'; return 1; }
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
  recv=$!
  echo "$recv" >"$W/child" # for end_owner
  wait "$recv"
  receive_code=$?
  recv=
  : >"$W/child"
  return "$receive_code"
}

take() {
  safe_dataset "$rel" && safe_dataset "$guid" && { [ "$snap" = - ] || safe_dataset "$snap"; } || { reply FAIL - NAME 'bad name'; return 1; }
  if receive $partial -u "$c_root/$rel"; then code=0; else code=$?; fi
  # A ZFS without -s says so before it reads a byte: the stream is still whole.
  if [ "$code" -ne 0 ] && [ -n "$partial" ] && grep 'invalid option' "$W/err" >/dev/null; then
    partial=
    now_lacks receive-s
    if receive -u "$c_root/$rel"; then code=0; else code=$?; fi
  fi
  if [ "$code" -eq 0 ]; then
    printf '%s\t%s\t%s\n' "$rel" "$snap" "$guid" >>"$W/arrived"
    reply OK "$rel"
    return 0
  fi
  text=$(one_line <"$W/err")
  case $text in
    *'has been modified'* | *'does not match incremental source'* | *'must be destroyed'* | *'must destroy'*) class=DIVERGED ;;
    *'out of space'* | *quota*) class=SPACE ;;
    *partially-complete* | *resum*) class=PARTIAL ;;
    *busy*) class=BUSY ;;
    *) class=ERROR ;;
  esac
  reply FAIL "$rel" "$class" "${text:-zfs receive ended with $code}"
  return 1
}

drop_partial() { # never touches what has been received completely
  safe_dataset "$rel" || { reply FAIL - NAME 'bad name'; return 1; }
  if zfs receive -A "$c_root/$rel" >"$W/err" 2>&1; then reply ABORTED "$rel"; else
    reply FAIL "$rel" PARTIAL "$(one_line <"$W/err")"
    return 1
  fi
}

# A replica follows its file system, whichever side was renamed. With it go those below it and what we know of them.
move() { # rel: the new name, snap: the one until now
  safe_dataset "$rel" && safe_dataset "$snap" || { reply FAIL - NAME 'bad name'; return 1; }
  if [ "$rel" = "$snap" ] || rename "$c_root/$snap" "$c_root/$rel"; then reply DONE "$rel"; else
    reply FAIL "$rel" MOVE "$(one_line <"$W/err")"
    return 1
  fi
}

rename() { # OLD NEW
  zfs rename "$1" "$2" 2>"$W/err" || { zfs unmount "$1" 2>/dev/null && zfs rename "$1" "$2" 2>"$W/err"; } || return 1
  for renamed in "$BASE" "$W/inv"; do
    awk -v old="$1" -v new="$2" 'BEGIN { FS = OFS = "\t" }
      { c = substr($1, length(old) + 1, 1); if (index($1, old) == 1 && (c == "" || c == "/" || c == "@")) $1 = new substr($1, length(old) + 1)
        print }' "$renamed" >"$renamed.new" && mv "$renamed.new" "$renamed"
  done
}

# What somebody else has written to a replica is not ours to destroy: the replica is renamed with all it has, and the
# increments go on in a clone of the base, which takes over the history up to there. Goes on where it was interrupted.
preserve() { # rel, snap: the GUID of the base
  safe_dataset "$rel" && safe_dataset "$snap" || { reply FAIL - NAME 'bad name'; return 1; }
  preserve_name=$c_root/$rel
  preserve_base=$(awk -F "$TAB" -v name="$preserve_name" -v guid="$snap" '
    { at = index($1, "@"); ds = substr($1, 1, at - 1) }
    at && $2 "" == guid && (ds == name || index(ds, name ".diverged-") == 1) { print $1; exit }' "$W/inv")
  case $preserve_base in
    '') echo 'the base is not there' >"$W/err" ;;
    "$preserve_name@"*)
      preserve_aside=$preserve_name.diverged-$(utc)
      [ "$c_divergence" = preserve ] || echo 'is not preserved here' >"$W/err"
      [ "$c_divergence" = preserve ] && rename "$preserve_name" "$preserve_aside" &&
        zfs clone "$preserve_aside@${preserve_base#*@}" "$preserve_name" 2>"$W/err" &&
        zfs promote "$preserve_name" 2>"$W/err" && preserved && return 0
      ;;
    *)
      preserve_aside=${preserve_base%@*}
      zfs promote "$preserve_name" 2>"$W/err" && preserved && return 0
      ;;
  esac
  reply FAIL "$rel" DIVERGED "$(one_line <"$W/err")"
  return 1
}

preserved() { # those below come back; our base is the clone's
  zfs list -H -r -t filesystem,volume -o name "$preserve_aside" 2>/dev/null |
    awk -v top="$preserve_aside/" 'index($1, top) == 1 && !index(substr($1, length(top) + 1), "/")' >"$W/below"
  while IFS= read -r preserve_child; do
    rename "$preserve_child" "$preserve_name/${preserve_child#"$preserve_aside"/}" || return 1
  done <"$W/below"
  awk -v old="$preserve_aside" -v new="$preserve_name" 'BEGIN { FS = OFS = "\t" } $1 == old { $1 = new } { print }' "$BASE"     >"$BASE.new" && mv "$BASE.new" "$BASE"
  reply DONE "$rel"
}

# An exit code is no proof. What has arrived is looked up in one call, becomes the base and is held; the former
# base is let go; what is too old is destroyed.
finish() {
  [ -n "$begun" ] && [ -s "$W/arrived" ] || return 0
  tag=zfsesx:$c_plan
  awk -F "$TAB" -v root="$c_root/" '$2 != "-" { print root $1 "@" $2 }' "$W/arrived" >"$W/ask"
  with_lines "$W/ask" zfs get -Hp -o name,value guid >"$W/guids" 2>/dev/null
  # Base file: data set, "-", snapshot, guid. Snapshots that bear the guid which the source named, and no other.
  awk -F "$TAB" -v root="$c_root/" -v rows="$W/at" -v hold="$W/hold" -v free="$W/free" '
    BEGIN { printf "" >rows; printf "" >hold; printf "" >free }
    kind == "guid" { at[$1] = $2 ""; next }
    kind == "arrived" {
      name = root $1; snap = name "@" $2
      if (snap in at) print "@AT\t" $1 "\t" at[snap] >rows
      if ((snap in at) && at[snap] == $3 "") { now[name] = $2; guid[name] = $3; print snap >hold }
      next }
    !($1 in now) { print; next }
    $3 != now[$1] { print $1 "@" $3 >free }
    END { for (name in now) print name "\t-\t" now[name] "\t" guid[name] }
  ' kind=guid "$W/guids" kind=arrived "$W/arrived" kind=base "$BASE" >"$BASE.new"
  with_lines "$W/hold" zfs hold "$tag" 2>/dev/null
  mv "$BASE.new" "$BASE"
  with_lines "$W/free" zfs release "$tag" 2>/dev/null
  cat "$W/at"
  # Of data sets that got something: the listing from before, and what is new.
  awk -F "$TAB" 'kind == "base" { base[$1] = $4; snap[$1] = $3; next }
    { at = index($1, "@"); ds = at ? substr($1, 1, at - 1) : ""; if (!(ds in base)) next
      print; if ($3 + 0 > top[ds]) top[ds] = $3 + 0; if ($2 "" == base[ds] "") known[ds] = 1 }
    END { for (ds in base) if (!(ds in known)) print ds "@" snap[ds] "\t" base[ds] "\t" top[ds] + 1 }
  ' kind=base "$BASE" kind=inv "$W/inv" >"$W/now"
  prune "$tag" "$BASE" "$W/now" | while IFS= read -r kept; do reply KEPT "$kept"; done
}
