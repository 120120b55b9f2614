# What the ZfsEsx replication agent says of its cycles; read by agent.sh.

report() { # one JSON object in one line
  seconds
  ended=$heard_at # where nothing was to be done, that was all
  [ -n "$idle" ] && [ -n "$ended" ] || ended=$(instant)
  RUN=$run NB=$nb SOURCE=$c_source DATASET=$c_dataset ROOT=$c_root SNAPSHOT=$snapshot PROBLEM=$problem
  START=$started END=$ended ASOF=$asof TOOK=$((seconds_now - begin)) CODE=$code SESSIONS=$sessions
  export ASOF RUN NB SOURCE DATASET ROOT SNAPSHOT PROBLEM START END TOOK CODE SESSIONS
  awk 'function q(s, i, n, a) { gsub(/[\001-\037]/, " ", s); gsub(/\\/, "&&", s); n = split(s, a, "\""); s = a[1]
      for (i = 2; i <= n; i++) s = s "\\\"" a[i]
      return "\"" s "\"" }
    function num(s) { return (s ~ /^[0-9]+$/) ? s : "null" }
    function opt(s) { return (s == "-" || s == "") ? "null" : q(s) }
    function e(name) { return ENVIRON[name] "" }
    BEGIN { FS = "\t"
      printf "{\"v\":1,\"run\":%s,\"source\":%s,\"neighbour\":%s,\"dataset\":%s,\"snapshot\":%s,\"start\":%s,\"end\":%s,", \
        q(e("RUN")), q(e("SOURCE")), q(e("NB")), q(e("DATASET")), opt(e("SNAPSHOT")), q(e("START")), q(e("END"))
      printf "\"asof\":%s,", opt(e("ASOF"))
      printf "\"seconds\":%s,\"code\":%s,\"sessions\":%s,\"error\":%s,\"filesystems\":[", \
        num(e("TOOK")), e("CODE"), num(e("SESSIONS")), opt(e("PROBLEM")) }
    { printf "%s{\"name\":%s,\"target\":%s,\"snapshot\":%s,\"guid\":%s,\"base\":%s,\"bytes\":%s,\"seconds\":%s,\"result\":%s,\"error\":%s}", \
        (NR > 1) ? "," : "", q($1), q(e("ROOT") "/" substr($1, index($1, "/") + 1)), q($3), q($4), opt($5), num($6), num($7), q($8), opt($9) }
    END { print "]}" }' "$W/results"
}

# One line for each cycle: end, code, seconds, bytes, delivered, not delivered, as of when. A file a month; twelve stay.
remember() { # after report
  past=$STATE/$nb.history-${started%-*} past_bytes=0 past_ok=0 past_bad=0
  if [ ! -f "$past" ]; then
    past_month=${started#*-}
    rm -f "$STATE/$nb.history-$((${started%%-*} - 1))-${past_month%%-*}"
  fi
  while IFS=$TAB read -r past_1 past_2 past_3 past_4 past_5 past_size past_7 past_result past_9; do
    case $past_size in *[!0-9]*) ;; *) past_bytes=$((past_bytes + past_size)) ;; esac
    if [ "$past_result" = ok ]; then past_ok=$((past_ok + 1)); else past_bad=$((past_bad + 1)); fi
  done <"$W/results"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$ended" "$code" "$((seconds_now - begin))" "$past_bytes" "$past_ok" "$past_bad" "$asof" >>"$past"
}

status() { # state, what is sent, its progress, the clock, the last report
  if owner_alive "$STATE/$1.lock"; then
    printf 'running\t%s\nnow\t%s\n' "$lock_pid" "$(cat "$STATE/$1.lock/now" 2>/dev/null)"
    printf 'progress\t%s\n' "$(awk -F "$TAB" '$1 == "size" { s = $2 } NF > 2 && $2 ~ /^[0-9]+$/ { b = $2 } END { print b + 0 "\t" s + 0 }' \
      "$STATE/$1.lock/send.err" 2>/dev/null)"
  else
    printf 'idle\n'
  fi
  printf 'clock\t%s\n' "$(instant)"
  [ ! -f "$STATE/$1.status" ] || tail -n 1 "$STATE/$1.status"
}

forget() { # NEIGHBOUR DATASET
  [ -f "$STATE/$1.base" ] || return 0
  awk -F "$TAB" -v ds="$2" '$1 != ds' "$STATE/$1.base" >"$STATE/$1.base.new" && mv "$STATE/$1.base.new" "$STATE/$1.base"
}
