# What the ZfsEsx replication agent keeps; read by agent.sh. Pure, like agent-plan.sh.

# Which of our own snapshots have had their time: all but the newest KEEP and the newest of each of the last HOURS, DAYS,
# WEEKS and MONTHS that have one; never the base, never one newer than it. Newer is what ZFS says (createtxg), the hour
# is what the name says.
# In: base file (name, guid of data set, snapshot, its guid), inventory. Out: "one DATASET@SNAPSHOT", or
# "all DATASET@SNAPSHOT" (with those of that name below it) and after it "part DATASET@SNAPSHOT" for each of them.
EXPIRED='
BEGIN { FS = "\t"; split("0 31 59 90 120 151 181 212 243 273 304 334", before, " ") }
function day(s, y, m) { # of the common era; 0 is a Monday
  y = substr(s, 8, 4) + 0; m = substr(s, 12, 2) + 0
  return 365 * (y - 1) + int((y - 1) / 4) - int((y - 1) / 100) + int((y - 1) / 400) + before[m] + substr(s, 14, 2) - 1 \
    + (m > 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)) }
function first(what, bucket, most) { # the newest of a bucket, and the bucket among the last ones
  if (seen[what] == bucket) return 0
  seen[what] = bucket
  return ++buckets[what] <= most }
kind == "base" { base[$1] = $4 ""; next }
{ at = index($1, "@"); if (!at) next
  ds = substr($1, 1, at - 1); snap = substr($1, at + 1)
  if (length(snap) != 23 || snap !~ /^zfsesx-[0-9]+T[0-9]+Z$/) next
  have[snap]++; n[ds]++; name[ds, n[ds]] = snap; txg[ds, n[ds]] = $3 + 0
  if ((ds in base) && base[ds] == $2 "") limit[ds] = $3 + 0 }
END {
  for (ds in n) {
    if ((ds in base) && !(ds in limit)) continue
    for (i = 1; i <= n[ds]; i++) { # newest first
      s = name[ds, i]; t = txg[ds, i]
      for (j = i - 1; j > 0 && txg[ds, j] < t; j--) { name[ds, j + 1] = name[ds, j]; txg[ds, j + 1] = txg[ds, j] }
      name[ds, j + 1] = s; txg[ds, j + 1] = t }
    split("", seen); split("", buckets)
    for (i = 1; i <= n[ds]; i++) {
      s = name[ds, i]
      h = first("h", substr(s, 8, 11), hours); d = first("d", substr(s, 8, 8), days)
      w = first("w", int(day(s) / 7) + 1, weeks); m = first("m", substr(s, 8, 6), months)
      if (i <= keep || h || d || w || m || ((ds in base) && txg[ds, i] >= limit[ds])) continue
      gone[s]++; who[s, gone[s]] = ds } }
  for (s in gone) {
    # One call for all when all that have it lose it and lie below one of them.
    top = who[s, 1]; whole = gone[s] == have[s]
    for (i = 2; i <= gone[s]; i++) if (length(who[s, i]) < length(top)) top = who[s, i]
    for (i = 1; i <= gone[s]; i++) if (index(who[s, i] "/", top "/") != 1) whole = 0
    if (whole && gone[s] > 1) print "all\t" top "@" s
    for (i = 1; i <= gone[s]; i++) print ((whole && gone[s] > 1) ? "part\t" : "one\t") who[s, i] "@" s } }'

# Bookmarks of the bases: a bookmark stays when its snapshot is destroyed. Setting any number is one call, destroying is
# one call each, so that in one cycle the data set with the oldest one gets another, and those that have none; of those
# that have more than one the oldest goes. The last one never does: its snapshot may be gone when the next is to be set.
# In: base file, inventory. Out: at most one "drop BOOKMARK", then "BSNAPSHOT" of those to be set.
BOOKMARKS='
BEGIN { FS = "\t" }
kind == "base" { name = $1 "#" tag ":" substr($3, 8); want[$1] = name; snap[name] = $1 "@" $3; next }
{ at = index($1, "#"); ds = substr($1, 1, at - 1)
  if (!at || index(substr($1, at + 1), tag ":") != 1 || !(ds in want)) next
  have[ds]++
  if ($1 == want[ds]) { current[ds] = 1; next }
  when = substr($1, length($1) - 15)
  if (when > newest[ds]) newest[ds] = when
  if (!(ds in first) || when < since[ds]) { first[ds] = $1; since[ds] = when } }
END {
  for (ds in first) {
    if (have[ds] > 1 && (drop == "" || since[ds] < oldest)) { drop = first[ds]; oldest = since[ds] }
    if (!(ds in current) && (turn == "" || newest[ds] < newest[turn])) turn = ds }
  if (drop != "") print "drop\t" drop
  for (ds in want) if (!(ds in have) || ds == turn) print "B" snap[want[ds]] }'
