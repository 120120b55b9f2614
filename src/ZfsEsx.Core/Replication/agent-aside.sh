# How the receiving half of the ZfsEsx replication agent renames replicas and keeps diverged ones aside; read by agent.sh.

# A replica follows its file system, whichever side was renamed. With it go those below it and what we know of them.
move() { # rel: the new name, snap: the one until now
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
  awk -v old="$preserve_aside" -v new="$preserve_name" 'BEGIN { FS = OFS = "\t" } $1 == old { $1 = new } { print }' "$BASE" >"$BASE.new" && mv "$BASE.new" "$BASE"
  reply DONE "$rel"
}
