# The decisions of the ZfsEsx replication agent; read by agent.sh. Pure: text in, text out, no zfs and no files of its
# own, so that agent.sh selftest can check them. GUIDs are compared as text: awk's numbers lose their last digits.

# Decides what to do for each data set. In: the replica's inventory (@D, @S), base file, names settled already,
# names whose broken transfer is to be dropped, the source's inventory. Out, tab-separated:
# rel, action, data set, base, snapshot, its guid, GUID of the data set, token or text.
PLAN='
BEGIN { FS = OFS = "\t" }
function row(action, base, text) {
  print rel[d], action, ds[d], (base == "") ? "-" : base, new[d], newguid[d], dsguid[d], (text == "") ? "-" : text }
kind == "there" && $1 == "@D" { exists[$2] = 1; if ($4 != "-") token[$2] = $4 }
kind == "there" && $1 == "@S" {
  at = index($2, "@"); r = substr($2, 1, at - 1); s = substr($2, at + 1); any[r] = 1; there[r, $3] = $4 + 0
  if (substr(s, 1, 7) == "zfsesx-" && $4 + 0 > own[r]) { own[r] = $4 + 0; ownguid[r] = $3; ownname[r] = s } }
kind == "base" { sent[$1] = $2 "" }
kind == "settled" { settled[$1] = 1 }
kind == "drop" { drop[$1] = 1 }
kind != "here" { next }
{ at = index($1, "@") }
!at { n++; d = n; ds[d] = $1; rel[d] = substr($1, index($1, "/") + 1); dsguid[d] = $2; pos[$1] = d; next }
{ d = pos[substr($1, 1, at - 1)]; s = substr($1, at + 1); t = $3 + 0; here[d, $2] = 1
  if (substr(s, 1, 7) == "zfsesx-" && t > newtxg[d]) { newtxg[d] = t; new[d] = s; newguid[d] = $2 }
  if (((rel[d], $2) in there) && t > basetxg[d]) { basetxg[d] = t; base[d] = s; baseguid[d] = $2 } }
END {
  for (d = 1; d <= n; d++) {
    r = rel[d]
    if ((r in settled) || new[d] == "") continue
    if (r !~ /^[A-Za-z0-9_.:\/-]+$/) { row("REFUSED", "", "its name has characters that replication does not carry"); continue }
    if (r in token) { row((r in drop) ? "ABORT" : "RESUME", base[d], token[r]); continue }
    if (!(r in exists)) {
      if ((ds[d] in sent) && sent[ds[d]] == dsguid[d] "") row("LOST", "", "its replica had been delivered and is gone")
      else row("FULL", "", "")
      continue }
    if (!(r in any)) { row("DIVERGED", "", "the replica exists without any snapshot"); continue }
    if (base[d] == "") { row("DIVERGED", "", "no snapshot of the replica is known to the source"); continue }
    if ((r in own) && !((d, ownguid[r]) in here)) {
      row("DIVERGED", base[d], "the replica has " ownname[r] ", which the source has lost: rolled back or made anew"); continue }
    if (basetxg[d] > newtxg[d] || baseguid[d] "" == newguid[d] "") { row("SAME", base[d], ""); continue }
    row("INCR", base[d], "") } }'

# What has become of what was sent. In: sent (rel, action, data set, base, snapshot, guid, guid of the data set,
# exit code, seconds, bytes), replies. Out: result rows for what is settled; in file "again" transfers that were broken before, which need a new session.
OUTCOME='
BEGIN { FS = OFS = "\t"; problem = ENVIRON["PROBLEM"] }
kind == "replies" { if ($1 == "@BYE") bye = 1; if ($1 == "@OK" || $1 == "@ABORTED") ok[$2] = 1; if ($1 == "@AT") at[$2] = $3 ""; if ($1 == "@FAIL") { bad[$2] = $3; text[$2] = $4 }; next }
{ r = $1; result = "failed"; error = ""
  if ($2 == "RESUME" || $2 == "ABORT") {
    # One attempt to go on per cycle: what is still broken then, or could not go on, is dropped.
    if ((r in ok) || $2 == "RESUME") { print r >again; next }
    error = "a broken transfer cannot be dropped: " text[r] }
  else if ((r in at) && at[r] == $6 "") result = "ok"
  else if (r in bad) { if (bad[r] == "DIVERGED") result = "diverged"; error = text[r] }
  else if ($8 != 0) error = "send: " problem
  else if (!bye) error = (problem == "") ? "the session ended before the result was read back" : problem
  else error = (r in ok) ? "received, but " $5 " is not there" : "no answer"
  print $3, $7, $5, $6, $4, $10, $9, result, (error == "") ? "-" : error }'

# Which of our own snapshots have had their time: all but the newest KEEP, never the base, never one newer than it.
# In: base file (name, guid of data set, snapshot, its guid), inventory. Out: "one DATASET@SNAPSHOT", or
# "all DATASET@SNAPSHOT" (with those of that name below it) and after it "part DATASET@SNAPSHOT" for each of them.
EXPIRED='
BEGIN { FS = "\t" }
kind == "base" { base[$1] = $4 ""; next }
{ at = index($1, "@"); if (!at) next
  ds = substr($1, 1, at - 1); snap = substr($1, at + 1)
  if (length(snap) != 23 || snap !~ /^zfsesx-[0-9]+T[0-9]+Z$/) next
  have[snap]++; n[ds]++; name[ds, n[ds]] = snap; txg[ds, n[ds]] = $3 + 0
  if ((ds in base) && base[ds] == $2 "") limit[ds] = $3 + 0 }
END {
  for (ds in n) {
    if ((ds in base) && !(ds in limit)) continue
    for (i = 1; i <= n[ds]; i++) {
      newer = 0
      for (j = 1; j <= n[ds]; j++) if (txg[ds, j] > txg[ds, i]) newer++
      if (newer < keep || ((ds in base) && txg[ds, i] >= limit[ds])) continue
      snap = name[ds, i]; gone[snap]++; who[snap, gone[snap]] = ds } }
  for (snap in gone) {
    # One call for all when all that have it lose it and lie below one of them.
    top = who[snap, 1]; whole = gone[snap] == have[snap]
    for (i = 2; i <= gone[snap]; i++) if (length(who[snap, i]) < length(top)) top = who[snap, i]
    for (i = 1; i <= gone[snap]; i++) if (index(who[snap, i] "/", top "/") != 1) whole = 0
    if (whole && gone[snap] > 1) print "all\t" top "@" snap
    for (i = 1; i <= gone[snap]; i++) print ((whole && gone[snap] > 1) ? "part\t" : "one\t") who[snap, i] "@" snap } }'
