# How the ZfsEsx replication agent sends what was planned; read by agent.sh.

send_all() {
  count=0 total= verbose=-vP heard= batch=0 making= spooled=
  : >"$W/batch"
  ! lacks send-P || verbose=
  while IFS=$TAB read -r rel action ds base new guid dsguid text <&6; do
    count=$((count + 1))
    case $action in
      SAME) result ok - ;;
      KNOWN) idle= && result ok - ;;
      DIVERGED) idle= && result diverged "$text" ;;
      LOST) idle= && result lost "$text" ;;
      REFUSED) idle= && result refused "$text" ;;
      ABORT)
        begin_sending
        behind=yes
        printf 'ABORT\t%s\n' "$rel" 2>/dev/null >&3
        sent 0 0
        ;;
      MOVE | PRESERVE)
        begin_sending
        printf '%s\t%s\t%s\n' "$action" "$rel" "$text" 2>/dev/null >&3
        sent 0 0
        ;;
      *)
        begin_sending
        if [ "$action" = INCR ] && [ -n "$lanes" ]; then spool; else send_next; fi || return
        ;;
    esac
  done 6<"$W/plan"
  flush
}

send_next() {
  failed && return 1
  printf '%s\t%s\t%s\t%s\n' "$count" "$total" "$ds" "$new" >"$W/now"
  send_one
}

# Small increments cost time, not bytes. Some are made side by side, each in a file that may not grow large, and with its
# size before it the other side can read one while it still receives others. What does not fit goes the long way.
spool() {
  batch=$((batch + 1))
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$rel" "$action" "$ds" "$base" "$new" "$guid" "$dsguid" "$text" >>"$W/batch"
  incremental
  (trap - PIPE && ulimit -f 4096 && exec zfs send "$increment" "$from" "$ds@$new" >"$W/spool.$batch" 2>/dev/null 3>&- 4<&- 6<&- 8<&-) 2>/dev/null &
  making="$making $!" spooled="$spooled $W/spool.$batch"
  [ "$batch" -lt "$lanes" ] || flush
}

flush() {
  [ "$batch" -gt 0 ] || return 0
  codes=
  for pid in $making; do
    wait "$pid" 2>/dev/null
    codes="$codes $?"
  done
  wc -c $spooled >"$W/sizes"
  making= batch=0 parts=
  set -- $codes
  while IFS=$TAB read -r rel action ds base new guid dsguid text <&9 && read -r size file <&5; do
    if [ "$1" -ne 0 ]; then
      pour && send_next || return
    else
      printf 'RECV\t%s\t%s\t%s\t%s\n' "$rel" "$new" "$guid" "$size" >"$file.head"
      parts="$parts $file.head $file"
      sent 0 0 "$size"
    fi
    shift
  done 9<"$W/batch" 5<"$W/sizes"
  spooled=
  : >"$W/batch"
  pour
}

pour() {
  [ -n "$parts" ] || return 0
  failed && return 1
  printf '%s\t%s\t%s\t%s\n' "$count" "$total" "$ds" "$new" >"$W/now"
  cat $parts 2>/dev/null >&3 || return
  parts=
}

# The answers are read as they come: the other side must never wait for us to read.
begin_sending() {
  [ -z "$cat" ] || return 0
  held
  (exec 3>&- >"$W/replies" && heard_all) &
  cat=$! idle=
  total=$(wc -l <"$W/plan")
  total=${total##* }
  # One alone goes straight.
  [ -z "$lanes" ] || [ "$(grep -c "${TAB}INCR$TAB" "$W/plan")" -gt 1 ] || lanes=
}

heard_all() { # until the results are read back: what the other side does after that, it does for itself
  while answer; do
    printf '%s\n' "$line"
    [ "$line" != @READ ] || return 0
  done
  return 1
}

failed() { # has the other side reported a failure since the last look?
  while IFS= read -r heard_part <&8; do
    case $heard$heard_part in @FAIL*) return 0 ;; esac
    heard=
  done
  heard=$heard$heard_part
  return 1
}

result() { # RESULT TEXT
  printf '%s\t%s\t%s\t%s\t%s\t-\t0\t%s\t%s\n' "$ds" "$dsguid" "$new" "$guid" "$base" "$1" "$2" >>"$W/results"
  printf '%s\n' "$rel" >>"$W/settled"
  [ "$1" = ok ] || behind=yes
}

sent() { # CODE SECONDS [BYTES]
  size=${3:--}
  [ "$size" != - ] || [ "$action" = MOVE ] || [ "$action" = PRESERVE ] || [ "$action" = ABORT ] ||
    while IFS=$TAB read -r size_key size_value size_rest; do
      [ "$size_key" != size ] || { size=$size_value; break; }
    done <"$W/send.err"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$rel" "$action" "$ds" "$base" "$new" "$guid" "$dsguid" "$1" "$2" "$size" >>"$W/sent"
}

send_one() {
  arrives=$new
  [ "$action" != RESUME ] || arrives=-
  printf 'RECV\t%s\t%s\t%s\n' "$rel" "$arrives" "$guid" 2>/dev/null >&3 || return 1
  case $action in
    FULL) set -- "$ds@$new" ;;
    INCR) incremental; set -- "$increment" "$from" "$ds@$new" ;;
    RESUME) behind=yes; set -- -t "$text" ;;
  esac
  seconds
  since=$seconds_now
  stream "$@"
  # A ZFS without -P (size and progress, on stderr) says so before it writes a byte: nothing has been sent.
  if [ "$send_code" -ne 0 ] && [ -n "$verbose" ] && grep 'invalid option' "$W/send.err" >/dev/null; then
    verbose=
    now_lacks send-P
    stream "$@"
  fi
  seconds
  sent "$send_code" $((seconds_now - since))
  # The stream may be half: only closing the session keeps the other side from reading on.
  [ "$send_code" -eq 0 ] || { send_text=$(grep -E -v "^[0-9:]*$TAB|^size|^full|^incremental" "$W/send.err" | one_line); return 1; }
}

incremental() { # a bookmark stands for one snapshot, and leads to one
  case $base in '#'*) increment=-i from=$base ;; *) increment=-I from=@$base ;; esac
}

stream() { # OPTIONS SNAPSHOT. In the background, so that a signal ends it at once
  if [ "$c_rate" -gt 0 ]; then
    rm -f "$W/slow"
    mkfifo "$W/slow"
    throttle <"$W/slow" >&3 3>&- 4<&- 6<&- &
    slow=$!
    (trap - PIPE && exec zfs send $verbose "$@" >"$W/slow" 3>&- 4<&- 6<&-) 2>"$W/send.err" &
  else
    (trap - PIPE && exec zfs send $verbose "$@" >&3 3>&- 4<&- 6<&-) 2>"$W/send.err" &
  fi
  send=$!
  wait "$send"
  send_code=$?
  send=
  [ -z "$slow" ] || { wait "$slow"; slow=; }
}

# So many bytes a second at most, with what every system has. A read may bring less than a block: never more goes out.
throttle() {
  trap - PIPE
  slow_block=4096
  [ "$c_rate" -lt 33554432 ] || slow_block=65536
  [ "$c_rate" -ge 4096 ] || slow_block=$c_rate
  while :; do
    sleep 1 >/dev/null 7>&- &
    slow_said=$(dd bs="$slow_block" count="$((c_rate / slow_block))" 2>&1 >&7) || break
    case $slow_said in '0+0 records in'*) break ;; esac
    wait $!
  done 7>&1
}
