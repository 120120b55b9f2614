# The sending half of the ZfsEsx replication agent; read by agent.sh. One cycle: log in, one atomic snapshot of all,
# compare what both sides have by GUID, send all increments through the same session, believe nothing but the GUIDs read
# back at its end. A session that breaks is opened again for the rest.
cycle() { # NEIGHBOUR RUN old|""
  nb=$1 run=$2
  safe_name "$run" || die 2 'bad name of a run'
  read_conf "$ETC/edge-$nb.conf" || die 2 "no replication to $nb is set up ($ETC/edge-$nb.conf)"
  safe_name "$c_user" && safe_name "$c_neighbour" && safe_dataset "$c_dataset" || die 2 "edge-$nb.conf: bad user or data set"
  case $c_address in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9.:-]*) die 2 "edge-$nb.conf: bad address" ;; esac
  case $c_ciphers in *[!A-Za-z0-9@.,-]*) die 2 "edge-$nb.conf: bad ciphers" ;; esac
  case $c_dataset in */*) ;; *) die 2 "edge-$nb.conf: a pool itself is not replicated" ;; esac
  W=$STATE/$nb.lock BASE=$STATE/$nb.base tag=zfsesx:$c_plan main=$$
  lock "$W" "$run" || die 75 "a cycle to $nb is under way"
  ssh= stood= holding= send= making= slow= cat= dog= snapshot= asof= heard_at= problem= send_text= sessions=0 looked=own
  whole= behind= started= take=yes idle=yes
  [ "$3" != old ] || take=
  for file in results settled drop changed replies send.err here now plan todo batch hold free act; do : >"$W/$file"; done
  [ -f "$BASE" ] || : >"$BASE"
  trap tidy 0
  trap 'problem="stopped"; conclude; exit 2' HUP INT TERM
  trap '' PIPE
  seconds
  begin=$seconds_now
  quick_ssh
  standing
  connect # it takes longest; what can be done while ssh logs in is done now
  started=$(instant)
  tail -n 199 "$STATE/$nb.status" >"$STATE/$nb.status.new" 2>/dev/null
  # A shell keeps copies of what it closes for a function: what closes for good is exec.
  (exec 3>&- 4<&- </dev/null >/dev/null 2>&1 && watchdog) &
  dog=$!
  while session; do :; done
  conclude
  [ "$code" -eq 0 ] || say "cycle to $nb: ${problem:-some file systems were not delivered; see agent.sh status $nb}"
  exit "$code"
}

tidy() {
  for pid in $dog $making $send $slow $ssh $cat; do kill "$pid" 2>/dev/null; done
  rm -rf "$W"
}

# Ends the cycle when nothing has moved for too long: neither an answer nor a byte. Where zfs send does not tell its bytes,
# a long stream looks like that, too: there the limit counts.
watchdog() {
  trap - 0 HUP INT TERM
  pace=$((c_stall / 30)) mark= still=0
  [ $((c_limit / 5)) -ge "$pace" ] || pace=$((c_limit / 5))
  [ "$pace" -ge 2 ] || pace=2
  while sleep "$pace" && kill -0 "$main" 2>/dev/null; do
    was=$mark
    mark=$(cat "$W/now" "$W/there" "$W/replies" 2>/dev/null | wc -c):$(tail -n 1 "$W/send.err" 2>/dev/null | cut -f 2)
    if [ "$mark" = "$was" ]; then still=$((still + pace)); else still=0; fi
    if { [ "$still" -ge "$c_stall" ] && { [ -n "${mark#*:}" ] || [ ! -s "$W/now" ]; }; } || [ "$still" -ge "$c_limit" ]; then
      kill -TERM "$main"
      exit
    fi
  done
}

# One login with everything in it. Succeeds when another one is needed.
session() {
  sessions=$((sessions + 1))
  [ -n "$ssh" ] || connect || return 1
  : >"$W/sent"
  # The source's side while ssh logs in; but a neighbour that took nothing the last time must not make snapshots pile up.
  early=yes
  [ -z "$take" ] || [ ! -f "$STATE/$nb.away" ] || early=
  [ -z "$early" ] || look || { exec 3>&-; depart; return 1; }
  if greeting && heard_at=$(instant) && listed && { [ -n "$early" ] || look; } && compare; then
    send_all 8<"$W/replies"
    # Whoever takes over from the replicas wants to know as of when they had everything.
    if [ -n "$behind" ] || [ "$sessions" -gt 1 ]; then told=; else told=$asof; fi
    printf 'BYE\t%s\n' "$told" 2>/dev/null >&3
    exec 3>&-
    if [ -z "$cat" ] || wait "$cat"; then whole=yes; fi
    cat=
  fi
  exec 3>&-
  # What is left for the other side to do then concerns nobody but itself: we go on with our own meanwhile.
  [ -n "$whole" ] || depart
  [ "$ssh_code" -ne 255 ] || problem="connection to $nb: $(ssh_said)"
  [ ! -s "$W/sent" ] || settle
  # Again for the rest, unless there is nobody to talk to or nothing was reached by this one.
  [ -s "$W/todo" ] && depart && [ "$ssh_code" -ne 255 ] && [ -s "$W/sent" ] && [ -z "$problem" ] && [ "$sessions" -lt 64 ]
}

greeting() {
  answer || { again && answer; } || { : >"$STATE/$nb.away"; problem="no answer from $nb: $(ssh_said)"; return 1; }
  case $line in
    "@HELLO${TAB}2$TAB"*) case $c_rate$line in 0*"${TAB}lanes") lanes=10 ;; *) lanes= ;; esac ;;
    "@NO${TAB}FENCED$TAB"*) : >"$STATE/$nb.away"; fenced; return 1 ;;
    "@NO$TAB"*) refused; return 1 ;;
    *) problem="the agent of $nb speaks another version; install the same on both"; return 1 ;;
  esac
}

refused() {
  : >"$STATE/$nb.away"
  problem=$(printf '%s\n' "$line" | cut -f 2- | one_line)
}

# Two must not serve the same VMs. The neighbour's file systems have taken over, so these are shared with nobody any more;
# with whom they were stays noted for the way back. On its last steps home they are shared again, though the neighbour
# takes no increments yet: which of its fences is over stands in a property.
fenced() {
  fence_since=${line#*FENCED"$TAB"}
  fence_since=${fence_since%%"$TAB"*}
  if [ "$(zfs get -H -o value zfsesx:home "$c_dataset" 2>/dev/null)" = "$fence_since" ]; then
    problem="$nb takes no increments yet: the way home from there is not complete"
  else
    fence
    problem="fenced: the file systems live on $nb now and are no longer shared here"
  fi
}

fence() { # what inherits from below the root is closed with that, what the root has from above is closed there
  zfs get -H -r -o name,value,source sharenfs "$c_dataset" 2>/dev/null >"$W/act"
  while IFS=$TAB read -r fence_name fence_value fence_source; do
    case $fence_value in off | -) continue ;; esac
    case $fence_source in
      inherited*) [ "$fence_name" = "$c_dataset" ] || continue; fence_value=inherited ;;
    esac
    { zfs set zfsesx:sharenfs="$fence_value" "$fence_name" && zfs set sharenfs=off "$fence_name"; } 2>/dev/null
  done <"$W/act"
  zfs set zfsesx:role=fenced "$c_dataset" 2>/dev/null
}

# The source's side. Once per cycle one instant for all. What has not been written since its last snapshot gets no new one where ZFS can tell.
look() {
  for try in 1 2 3; do
    if [ -z "$take" ]; then
      inventory "$looked" "$c_dataset" "$W/here" && return 0
    else
      set -- $(date -u '+%Y%m%dT%H%M%SZ %Y-%m-%dT%H:%M:%SZ')
      snapshot=zfsesx-$1 asof=$2
      if inventory "$looked" "$c_dataset" "$W/here" "$snapshot"; then
        take=
        if grep "@$snapshot$TAB" "$W/here" >/dev/null; then
          zfs hold -r "$tag" "$c_dataset@$snapshot" 2>/dev/null 3>&- 4<&- &
          holding=$!
        else
          snapshot=
        fi
        return 0
      fi
      snapshot= asof=
    fi
    grep -E 'already exists|error 17' "$W/here.err" >/dev/null || break
    sleep 1
  done
  : >"$W/here"
  problem="$c_dataset: $(one_line <"$W/here.err")"
  return 1
}

listed() { # the replica's side
  while answer; do
    case $line in
      @END) break ;;
      "@NO$TAB"*) refused; return 1 ;;
    esac
    printf '%s\n' "$line"
  done >"$W/there"
  [ "$line" = @END ] || { problem="the list of $nb broke off: $(ssh_said)"; return 1; }
  [ ! -f "$STATE/$nb.away" ] || rm -f "$STATE/$nb.away"
}

# Before the first byte leaves, so that nobody destroys what is on its way.
held() {
  [ -z "$holding" ] || wait "$holding"
  holding=
}

compare() {
  awk "$PLAN" policy="$c_divergence" tag="$tag" kind=there "$W/there" kind=base "$BASE" kind=settled "$W/settled" kind=drop "$W/drop" \
    kind=changed "$W/changed" kind=here "$W/here" >"$W/plan"
  case $? in
    0) return 0 ;;
    3) [ "$looked" = own ] || return 0 ;;
    *) problem="$W cannot be written, or awk failed"; return 1 ;;
  esac
  # Where no snapshot of ours is common, one of somebody else's may be.
  looked=all
  printf 'INV\tall\n' 2>/dev/null >&3
  listed && look && compare
}

settle() {
  PROBLEM=${problem:-$send_text}
  export PROBLEM
  awk -v dir="$W" "$OUTCOME" policy="$c_divergence" kind=changed "$W/changed" kind=replies "$W/replies" kind=sent "$W/sent" >>"$W/results"
  send_text=
  : >"$W/replies"
  awk "$REST" kind=settled "$W/settled" kind=plan "$W/plan" >"$W/todo"
}

# Holds and bookmarks follow the base; then what has expired goes.
conclude() {
  trap '' HUP INT TERM
  held
  [ -n "$whole" ] || for pid in $making $send $slow $ssh; do kill "$pid" 2>/dev/null; done
  # Nothing was sent and nothing is new: the bases are what they were, and nothing more has expired.
  code=0
  if [ -z "$idle" ] || [ -n "$problem$snapshot" ]; then account; fi
  report >>"$STATE/$nb.status.new" && mv "$STATE/$nb.status.new" "$STATE/$nb.status"
  remember
  trap 'kill "$ssh" 2>/dev/null' HUP INT TERM
  [ -z "$whole" ] || depart
}

account() {
  awk -v free="$W/free" -v hold="$W/hold" -v snap="$snapshot" -v root="$c_dataset" "$CONCLUDE" kind=result "$W/results" kind=base "$BASE" kind=here "$W/here" \
    >"$BASE.new" || { problem="$BASE cannot be written"; code=2; return; }
  with_tag hold "$tag" "$W/hold"
  mv "$BASE.new" "$BASE" && with_tag release "$tag" "$W/free"
  if [ -s "$W/here" ]; then
    if ! lacks program; then
      awk "$BOOKMARKS" tag="$tag" kind=base "$BASE" kind=inventory "$W/here" >"$W/act"
      IFS=$TAB read -r mark_drop mark_old <"$W/act" && [ "$mark_drop" = drop ] && destroy_own "$mark_old"
    fi
    prune "$tag" "$BASE" "$W/here" >/dev/null
  fi
  # Whatever was planned and did not come to its turn.
  code=$(PROBLEM=${problem:-not reached} awk "$REST" out="$W/results" kind=result "$W/results" kind=settled "$W/settled" kind=plan "$W/plan")
  [ -z "$problem" ] || [ "$code" -ne 0 ] || { code=2; [ ! -s "$W/results" ] || code=1; }
}
