# The sending half of the ZfsEsx replication agent; read by agent.sh. One cycle: log in, one atomic snapshot of all,
# compare what both sides have by GUID, send all increments one behind the other through the same session, believe
# nothing but the GUIDs read back at its end. A session that breaks is opened again for the rest.

cycle() { # NEIGHBOUR RUN old|""
  nb=$1 run=$2
  safe_name "$run" || die 2 'bad name of a run'
  read_conf "$ETC/edge-$nb.conf" || die 2 "no replication to $nb is set up ($ETC/edge-$nb.conf)"
  safe_name "$c_user" && safe_name "$c_neighbour" && safe_dataset "$c_dataset" || die 2 "edge-$nb.conf: bad user or data set"
  case $c_address in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9.:-]*) die 2 "edge-$nb.conf: bad address" ;; esac
  case $c_ciphers in *[!A-Za-z0-9@.,-]*) die 2 "edge-$nb.conf: bad ciphers" ;; esac
  case $c_dataset in */*) ;; *) die 2 "edge-$nb.conf: a pool itself is not replicated" ;; esac
  W=$STATE/$nb.lock BASE=$STATE/$nb.base tag=zfsesx:$c_plan main=$$
  lock "$W" || die 75 "a cycle to $nb is under way"
  ssh= send= cat= dog= snapshot= problem= sessions=0 new=
  trap tidy 0
  trap 'problem="stopped"; conclude; exit 2' HUP INT TERM
  trap '' PIPE
  started=$(date -u '+%Y-%m-%dT%H:%M:%SZ') begin=$(seconds)
  for file in results settled drop replies send.err here now plan todo kept; do : >"$W/$file"; done
  [ -f "$BASE" ] || : >"$BASE"
  watchdog </dev/null >/dev/null 2>&1 &
  dog=$!
  [ "$3" = old ] && snapshot=none
  while session; do :; done
  conclude
  [ "$code" -eq 0 ] || say "cycle to $nb: ${problem:-some file systems were not delivered; see agent.sh status $nb}"
  exit "$code"
}

tidy() {
  for pid in $dog $send $ssh $cat; do kill "$pid" 2>/dev/null; done
  rm -rf "$W"
}

# Ends the cycle when nothing has moved for too long: neither an answer nor, where zfs send tells it, a byte.
watchdog() {
  trap - 0 HUP INT TERM
  mark= still=0 all=0
  while sleep 5 && kill -0 "$main" 2>/dev/null; do
    all=$((all + 5)) was=$mark
    mark=$(cat "$W/now" "$W/replies" 2>/dev/null | wc -c):$(tail -n 1 "$W/send.err" 2>/dev/null | cut -f 2)
    [ "$mark" = "$was" ] && [ -n "${mark#*:}" ] && still=$((still + 5)) || still=0
    if [ "$still" -ge "$c_stall" ] || [ "$all" -ge "$c_limit" ]; then
      kill -TERM "$main"
      exit
    fi
  done
}

answer() { # sets line to the next line of the session that is ours; whatever a login prints is not
  while IFS= read -r line <&4; do
    case $line in @*) return 0 ;; esac
  done
  return 1
}

# One login with everything in it. Succeeds when another one is needed.
session() {
  sessions=$((sessions + 1))
  rm -f "$W/in" "$W/out"
  mkfifo "$W/in" "$W/out" || { problem="$W cannot be written"; return 1; }
  ssh -F /dev/null -T -p "$c_port" -i "${c_key:-$ETC/keys/$nb}" -l "$c_user" -o BatchMode=yes -o IdentitiesOnly=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$ETC/known_hosts" -o GlobalKnownHostsFile=/dev/null \
    -o HostKeyAlias="zfsesx-$nb" -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 \
    ${c_ciphers:+-o "Ciphers=$c_ciphers"} "$c_address" zfsesx <"$W/in" >"$W/out" 2>"$W/ssh.err" &
  ssh=$!
  exec 3>"$W/in" 4<"$W/out"
  : >"$W/sent"; : >"$W/again"
  printf 'HELLO\t1\t%s\t%s\nINV\n' "$c_source" "$run" 2>/dev/null >&3
  if greeting && take_snapshot && compare; then
    cat <&4 3>&- >"$W/replies" &
    cat=$!
    send_all
    printf 'BYE\n' 2>/dev/null >&3
    exec 3>&-
    wait "$cat"
    cat=
  else
    exec 3>&-
  fi
  exec 4<&-
  wait "$ssh"
  ssh_code=$?
  ssh=
  [ "$ssh_code" -ne 255 ] || problem="connection to $nb: $(one_line <"$W/ssh.err")"
  settle
  # Again for the rest, unless there is nobody to talk to or nothing was reached by this one.
  [ -s "$W/todo" ] && [ "$ssh_code" -ne 255 ] && [ -s "$W/sent" ] && [ -z "$problem" ] && [ "$sessions" -lt 64 ]
}

greeting() {
  answer || { problem="no answer from $nb: $(one_line <"$W/ssh.err")"; return 1; }
  case $line in
    "@HELLO${TAB}1$TAB"*) ;;
    "@NO$TAB"*) problem=$(printf '%s\n' "$line" | cut -f 2- | one_line); return 1 ;;
    *) problem="the agent of $nb speaks another version; install the same on both"; return 1 ;;
  esac
}

# Once per cycle, one instant for all. Only after the greeting: a dead neighbour must not make snapshots pile up.
take_snapshot() {
  [ -z "$snapshot" ] || return 0
  for try in 1 2 3; do
    snapshot=zfsesx-$(utc)
    if zfs snapshot -r "$c_dataset@$snapshot" 2>"$W/err"; then
      # Held before the first byte leaves, so that nobody destroys what is on its way.
      zfs hold -r "$tag" "$c_dataset@$snapshot" 2>/dev/null
      return 0
    fi
    grep 'already exists' "$W/err" >/dev/null || break
    sleep 1
  done
  problem="no snapshot of $c_dataset: $(one_line <"$W/err")" snapshot=
  return 1
}

compare() {
  while answer; do
    case $line in
      @END) break ;;
      "@NO$TAB"*) problem=$(printf '%s\n' "$line" | cut -f 2- | one_line); return 1 ;;
    esac
    printf '%s\n' "$line"
  done >"$W/there"
  [ "$line" = @END ] || { problem="the list of $nb broke off: $(one_line <"$W/ssh.err")"; return 1; }
  inventory "$c_dataset" "$W/here" || { problem="$c_dataset: $(one_line <"$W/here.err")"; return 1; }
  awk "$PLAN" kind=there "$W/there" kind=base "$BASE" kind=settled "$W/settled" kind=drop "$W/drop" kind=here "$W/here" >"$W/plan"
}

send_all() {
  count=0 total=$(awk 'END { print NR }' "$W/plan") verbose=${verbose--vP}
  while IFS=$TAB read -r rel action ds base new guid dsguid text <&6; do
    count=$((count + 1))
    case $action in
      SAME) result ok "-" ;;
      DIVERGED | LOST | REFUSED) result "$(printf '%s\n' "$action" | tr '[:upper:]' '[:lower:]')" "$text" ;;
      ABORT)
        printf 'ABORT\t%s\n' "$rel" 2>/dev/null >&3
        sent 0 0
        ;;
      *)
        grep '^@FAIL' "$W/replies" >/dev/null && return
        printf '%s\t%s\t%s\t%s\n' "$count" "$total" "$ds" "$new" >"$W/now"
        send_one || return
        ;;
    esac
  done 6<"$W/plan"
}

result() { # RESULT TEXT
  printf '%s\t%s\t%s\t%s\t%s\t-\t0\t%s\t%s\n' "$ds" "$dsguid" "$new" "$guid" "$base" "$1" "$2" >>"$W/results"
  printf '%s\n' "$rel" >>"$W/settled"
}

sent() { # CODE SECONDS
  size=$(awk -F "$TAB" '$1 == "size" { s = $2 } END { print (s == "") ? "-" : s }' "$W/send.err")
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$rel" "$action" "$ds" "$base" "$new" "$guid" "$dsguid" "$1" "$2" "$size" >>"$W/sent"
}

send_one() {
  printf 'RECV\t%s\t%s\t%s\n' "$rel" "$([ "$action" = RESUME ] && echo - || echo "$new")" "$guid" 2>/dev/null >&3 || return 1
  case $action in
    FULL) set -- "$ds@$new" ;;
    INCR) set -- -I "@$base" "$ds@$new" ;;
    RESUME) set -- -t "$text" ;;
  esac
  since=$(seconds)
  stream "$@"
  # A ZFS without -P (size and progress, on stderr) says so before it writes a byte: nothing has been sent.
  if [ "$send_code" -ne 0 ] && [ -n "$verbose" ] && grep 'invalid option' "$W/send.err" >/dev/null; then
    verbose=
    stream "$@"
  fi
  sent "$send_code" $(($(seconds) - since))
  # The stream may be half: only closing the session keeps the other side from reading on.
  [ "$send_code" -eq 0 ] || { send_text=$(grep -v "^[0-9:]*$TAB\|^size\|^full\|^incremental" "$W/send.err" | one_line); return 1; }
}

stream() { # OPTIONS SNAPSHOT. In the background, so that a signal ends it at once
  (trap - PIPE && exec zfs send $verbose "$@" >&3 3>&- 4<&- 6<&-) 2>"$W/send.err" &
  send=$!
  wait "$send"
  send_code=$?
  send=
}

settle() {
  PROBLEM=${problem:-${send_text:-}}
  export PROBLEM
  awk -v again="$W/again" "$OUTCOME" kind=replies "$W/replies" kind=sent "$W/sent" >"$W/rows"
  send_text=
  cat "$W/rows" >>"$W/results"
  cut -f 1 "$W/rows" | sed 's,^[^/]*/,,' >>"$W/settled"
  cat "$W/again" >>"$W/drop"
  grep '^@KEPT' "$W/replies" >>"$W/kept" 2>/dev/null
  : >"$W/replies"
  rest >"$W/todo"
}

rest() { # the rows of the plan that have no result yet
  awk 'BEGIN { FS = "\t" } kind == "settled" { done[$1] = 1; next } !($1 in done)' kind=settled "$W/settled" kind=plan "$W/plan"
}

# Base file (data set, its guid, snapshot, guid): what the neighbour has for certain. Holds follow it, then the old goes.
conclude() {
  trap '' HUP INT TERM
  for pid in $send $ssh; do kill "$pid" 2>/dev/null; done
  awk -v free="$W/free" -v snap="$snapshot" 'BEGIN { FS = OFS = "\t"; printf "" >free }
    kind == "result" { if ($8 == "ok") { now[$1] = $3; rest[$1] = $2 OFS $3 OFS $4 }; next }
    kind == "base" { if (!($1 in now)) print; else if ($3 != now[$1]) print $1 "@" $3 >free; next }
    { at = index($1, "@"); if (at && substr($1, at + 1) == snap && !(substr($1, 1, at - 1) in now)) print $1 >free }
    END { for (ds in now) print ds, rest[ds] }' kind=result "$W/results" kind=base "$BASE" kind=here "$W/here" >"$BASE.new" &&
    mv "$BASE.new" "$BASE"
  with_lines "$W/free" zfs release "$tag" 2>/dev/null
  [ ! -s "$W/here" ] || prune "$c_keep" "$tag" "$BASE" "$W/here" >>"$W/kept"
  # Whatever was planned and did not come to its turn.
  why=${problem:-not reached}
  rest | awk -v why="$(printf '%s' "$why" | tr '\\' /)" 'BEGIN { FS = OFS = "\t" } { print $3, $7, $5, $6, $4, "-", 0, "failed", why }' >>"$W/results"
  code=$(awk -F "$TAB" '$8 == "ok" { ok++ } END { print (NR > ok + 0) ? (ok ? 1 : 2) : 0 }' "$W/results")
  [ -z "$problem" ] || [ "$code" -ne 0 ] || code=$([ -s "$W/results" ] && echo 1 || echo 2)
  report >"$STATE/$nb.new"
  { tail -n 49 "$STATE/$nb.status" 2>/dev/null; cat "$STATE/$nb.new"; } >"$STATE/$nb.status.new"
  mv "$STATE/$nb.status.new" "$STATE/$nb.status"
  rm -f "$STATE/$nb.new"
}

report() { # one JSON object in one line
  RUN=$run NB=$nb SOURCE=$c_source DATASET=$c_dataset ROOT=$c_root SNAPSHOT=$snapshot PROBLEM=$problem
  START=$started END=$(date -u '+%Y-%m-%dT%H:%M:%SZ') TOOK=$(($(seconds) - begin)) CODE=$code SESSIONS=$sessions
  export RUN NB SOURCE DATASET ROOT SNAPSHOT PROBLEM START END TOOK CODE SESSIONS
  awk 'function q(s, i, n, a) { gsub(/[\001-\037]/, " ", s); gsub(/\\/, "&&", s); n = split(s, a, "\""); s = a[1]
      for (i = 2; i <= n; i++) s = s "\\\"" a[i]
      return "\"" s "\"" }
    function num(s) { return (s ~ /^[0-9]+$/) ? s : "null" }
    function opt(s) { return (s == "-" || s == "") ? "null" : q(s) }
    function e(name) { return ENVIRON[name] "" }
    BEGIN { FS = "\t"
      printf "{\"v\":1,\"run\":%s,\"source\":%s,\"neighbour\":%s,\"dataset\":%s,\"snapshot\":%s,\"start\":%s,\"end\":%s,", \
        q(e("RUN")), q(e("SOURCE")), q(e("NB")), q(e("DATASET")), opt(e("SNAPSHOT")), q(e("START")), q(e("END"))
      printf "\"seconds\":%s,\"code\":%s,\"sessions\":%s,\"error\":%s,\"filesystems\":[", \
        num(e("TOOK")), e("CODE"), num(e("SESSIONS")), opt(e("PROBLEM")) }
    { printf "%s{\"name\":%s,\"target\":%s,\"snapshot\":%s,\"guid\":%s,\"base\":%s,\"bytes\":%s,\"seconds\":%s,\"result\":%s,\"error\":%s}", \
        (NR > 1) ? "," : "", q($1), q(e("ROOT") "/" substr($1, index($1, "/") + 1)), q($3), q($4), opt($5), num($6), num($7), q($8), opt($9) }
    END { print "]}" }' "$W/results"
}

status() { # state, what is sent, its progress, the clock, the last report
  if owner_alive "$STATE/$1.lock"; then
    printf 'running\t%s\nnow\t%s\n' "$lock_pid" "$(cat "$STATE/$1.lock/now" 2>/dev/null)"
    printf 'progress\t%s\n' "$(awk -F "$TAB" '$1 == "size" { s = $2 } NF > 2 && $2 ~ /^[0-9]+$/ { b = $2 } END { print b + 0 "\t" s + 0 }' \
      "$STATE/$1.lock/send.err" 2>/dev/null)"
  else
    printf 'idle\n'
  fi
  printf 'clock\t%s\n' "$(date -u '+%Y-%m-%dT%H:%M:%SZ')"
  [ ! -f "$STATE/$1.status" ] || tail -n 1 "$STATE/$1.status"
}

forget() { # NEIGHBOUR DATASET
  [ -f "$STATE/$1.base" ] || return 0
  awk -F "$TAB" -v ds="$2" '$1 != ds' "$STATE/$1.base" >"$STATE/$1.base.new" && mv "$STATE/$1.base.new" "$STATE/$1.base"
}
