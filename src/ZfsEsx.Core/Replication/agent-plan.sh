# The decisions of the ZfsEsx replication agent; read by agent.sh. Pure: text in, text out, no zfs and no files of its
# own, so that agent.sh selftest can check them. GUIDs are compared as text: awk's numbers lose their last digits.

# Decides what to do for each data set. In: the replica's inventory (@D, @S), base file, names settled already, names
# whose broken transfer is to be dropped, names found diverged in this cycle, the source's inventory; policy is refuse or
# preserve, tag the one of our bookmarks. Out, tab-separated:
# rel, action, data set, base, snapshot, its guid, GUID of the data set, token or text.
# SAME is what the base file says, too; KNOWN is new to it. Exit code 3: a diverged one has no common snapshot of ours.
# MOVE (text: its name until now) and PRESERVE (text: GUID of the base) prepare the INCR of the row after them.
PLAN='
BEGIN { FS = OFS = "\t" }
function row(action, base, text) {
  print rel[d], action, ds[d], (base == "") ? "-" : base, new[d], newguid[d], dsguid[d], (text == "") ? "-" : text }
function diverged(text) {
  if (base[d] == "") baseless = 3
  if (policy != "preserve" || base[d] == "") { row("DIVERGED", base[d], text); return }
  row("PRESERVE", base[d], baseguid[d]); row("INCR", base[d]) }
function orphan(k, i, g, r, best) { # a replica that no data set here has, with the newest snapshot that d has, too
  best = ""
  for (k = 1; k <= snaps[d]; k++) {
    g = snapguid[d, k]
    for (i = 1; i <= owners[g]; i++) {
      r = owner[g, i]
      if (!(r in wanted) && (best == "" || snaptxg[d, k] > basetxg[d])) {
        best = r; basetxg[d] = snaptxg[d, k]; base[d] = snapname[d, k]; baseguid[d] = g } } }
  return best }
function moved(r, i) { # where it is after the moves planned so far
  for (i = 1; i <= moves; i++) if (index(r "/", from[i] "/") == 1) r = to[i] substr(r, length(from[i]) + 1)
  return r }
kind == "there" && $1 == "@D" { exists[$2] = 1; if ($3 != "-") token[$2] = $3 }
kind == "there" && $1 == "@S" {
  at = index($2, "@"); r = substr($2, 1, at - 1); s = substr($2, at + 1); any[r] = 1; there[r, $3] = 1
  owner[$3, ++owners[$3]] = r; named[r, s] = $3
  if (substr(s, 1, 7) == "zfsesx-" && $4 + 0 > own[r]) { own[r] = $4 + 0; ownguid[r] = $3; ownname[r] = s } }
kind == "base" { sent[$1] = $2 ""; sentguid[$1] = $4 ""; mark[$1] = "#" tag ":" substr($3, 8) }
kind == "settled" { settled[$1] = 1 }
kind == "drop" { drop[$1] = 1 }
kind == "changed" { changed[$1] = 1 }
kind != "here" { next }
index($1, "#") { # of a base before, when nothing newer is left; the snapshot bears its name
  bookmark[$1] = 1; at = index($1, "#"); k = pos[substr($1, 1, at - 1)]; s = "zfsesx-" substr($1, at + 2 + length(tag))
  if (substr($1, at, length(tag) + 2) == "#" tag ":" && ((rel[k], s) in named) && s > marked[k]) marked[k] = s
  next }
{ at = index($1, "@") }
!at { n++; d = n; ds[d] = $1; rel[d] = substr($1, index($1, "/") + 1); dsguid[d] = $2; pos[$1] = d; wanted[rel[d]] = 1; next }
{ d = pos[substr($1, 1, at - 1)]; s = substr($1, at + 1); t = $3 + 0; here[d, $2] = 1
  k = ++snaps[d]; snapname[d, k] = s; snapguid[d, k] = $2; snaptxg[d, k] = t
  if (substr(s, 1, 7) == "zfsesx-" && t > newtxg[d]) { newtxg[d] = t; new[d] = s; newguid[d] = $2 }
  if (((rel[d], $2) in there) && t > basetxg[d]) { basetxg[d] = t; base[d] = s; baseguid[d] = $2 } }
END {
  for (d = 1; d <= n; d++) {
    r = rel[d]
    if ((r in settled) || new[d] == "") continue
    if (base[d] == "" && marked[d] != "") { base[d] = "#" tag ":" substr(marked[d], 8); baseguid[d] = named[r, marked[d]] }
    if (r !~ /^[A-Za-z0-9_.:\/-]+$/) { row("REFUSED", "", "its name has characters that replication does not carry"); continue }
    if (r in token) { row((r in drop) ? "ABORT" : "RESUME", base[d], token[r]); continue }
    if (!(r in exists)) {
      o = orphan()
      if (o != "") { # renamed on either side
        o = moved(o)
        row("MOVE", base[d], o); moves++; from[moves] = o; to[moves] = r
        if (baseguid[d] "" != newguid[d] "") row("INCR", base[d])
      } else if ((ds[d] in sent) && sent[ds[d]] == dsguid[d] "") row("LOST", "", "its replica had been delivered and is gone")
      else row("FULL", "", "")
      continue }
    if (!(r in any)) {
      o = orphan()
      if (index(o, r ".diverged-") == 1) { row("PRESERVE", base[d], baseguid[d]); row("INCR", base[d]) } # was interrupted
      else diverged("the replica exists without any snapshot")
      continue }
    if ((r in own) && !((d, ownguid[r]) in here)) {
      if (sentguid[ds[d]] == ownguid[r] "" && ((ds[d] mark[ds[d]]) in bookmark)) row("INCR", mark[ds[d]])
      else diverged((base[d] == "") ? "no snapshot of the replica is known to the source" : \
        "the replica has " ownname[r] ", which the source has lost: rolled back or made anew")
      continue }
    if (base[d] == "") { diverged("no snapshot of the replica is known to the source"); continue }
    if (r in changed) { diverged("the replica has been modified"); continue }
    if (basetxg[d] > newtxg[d] || baseguid[d] "" == newguid[d] "") {
      row((sentguid[ds[d]] == newguid[d] "") ? "SAME" : "KNOWN", base[d]); continue }
    row("INCR", base[d]) }
  exit baseless }'

# What has become of what was sent. In: names tried to be preserved, replies, sent (rel, action, data set, base, snapshot,
# guid, guid of the data set, exit code, seconds, bytes). Out: result rows for what is settled, and its name in file
# "settled"; in file "drop" broken transfers that are whole now or can never go on, in file "changed" diverged replicas:
# both need a new session, as does what came after a failure. A transfer that broke again (no space, a connection cut)
# keeps what has arrived: the next cycle goes on from there.
OUTCOME='
BEGIN { FS = OFS = "\t"; problem = ENVIRON["PROBLEM"] }
kind == "changed" { tried[$1] = 1; next }
kind == "replies" {
  if ($1 == "@READ" || $1 == "@BYE") bye = 1
  if ($1 == "@OK" || $1 == "@ABORTED" || $1 == "@DONE") ok[$2] = 1
  if ($1 == "@AT") at[$2] = $3 ""
  if ($1 == "@FAIL") { broken = 1; bad[$2] = $3; text[$2] = $4 }
  next }
{ r = $1; result = "failed"; error = ""
  if (r in over) next
  if ($2 == "RESUME" || $2 == "ABORT") {
    never = ((r in bad) && bad[r] == "DIVERGED") || ($8 != 0 && problem ~ /cannot resume send/ && problem !~ /roken pipe/)
    if ((r in ok) || ($2 == "RESUME" && never)) { print r >>(dir "/drop"); next }
    if (broken && !(r in bad)) next
    error = (r in bad) ? text[r] : ($8 != 0) ? "send: " problem : (problem == "") ? "the session ended" : problem
    if ($2 == "ABORT") error = "a broken transfer cannot be dropped: " error }
  else if ($2 == "MOVE" || $2 == "PRESERVE") {
    if (r in bad) { over[r] = 1; result = ($2 == "PRESERVE") ? "diverged" : "failed"; error = text[r] }
    else if ($2 == "MOVE" && $4 == $5 && (r in ok)) result = "ok"
    else next }
  else if ((r in at) && at[r] == $6 "") result = "ok"
  else if ((r in bad) && bad[r] == "DIVERGED" && policy == "preserve" && $2 == "INCR" && !(r in tried)) { print r >>(dir "/changed"); next }
  else if (r in bad) { if (bad[r] == "DIVERGED") result = "diverged"; error = text[r] }
  else if (broken && !(r in ok)) next
  else if ($8 != 0) error = "send: " problem
  else if (!bye) error = (problem == "") ? "the session ended before the result was read back" : problem
  else error = (r in ok) ? "received, but " $5 " is not there" : "no answer"
  print r >>(dir "/settled")
  print $3, $7, $5, $6, $4, $10, $9, result, (error == "") ? "-" : error }'

# The rows of the plan that have no result yet. With a file for results they get one there, and the cycle its code: 0 all
# delivered, 1 some, 2 none.
REST='
BEGIN { FS = OFS = "\t"; why = ENVIRON["PROBLEM"]; code = 0 }
kind == "result" { if ($8 == "ok") good = 1; else bad = 1; next }
kind == "settled" { done[$1] = 1; next }
$1 in done { next }
out == "" { print; next }
{ done[$1] = bad = 1; print $3, $7, $5, $6, $4, "-", 0, "failed", why >>out }
END { if (out != "") print bad ? (good ? 1 : 2) : 0 }'

# Writes to a file the snapshots of a list, for with_tag: where no snapshot of their name that is to stay is below the root,
# one line for all of that name and after it the parts; for two names at most.
GATHER='
function gather(file, list, n, stay, root,   i, s, size, bad, whole, names) {
  for (i = 1; i <= n; i++) size[substr(list[i], index(list[i], "@"))]++
  for (i in stay) bad[substr(i, index(i, "@"))] = 1
  for (s in size) if (size[s] > 2 && !(s in bad) && ++names <= 2) {
    whole[s] = 1; print "all\t" root s >file
    for (i = 1; i <= n; i++) if (substr(list[i], index(list[i], "@")) == s) print "part\t" list[i] >file }
  for (i = 1; i <= n; i++) if (!(substr(list[i], index(list[i], "@")) in whole)) print "one\t" list[i] >file }
'

# What the source has after a cycle. In: result rows, base file, the source's inventory. Out: the base file (data set, its
# guid, snapshot, guid: what the neighbour has for certain) without data sets that are gone; in file "hold" bases without
# a hold yet, in file "free" what was held until now. Holds of a data set that was renamed have moved with it.
CONCLUDE=$GATHER'
BEGIN { FS = OFS = "\t"; printf "" >free; printf "" >hold }
kind == "result" { if ($8 == "ok") { now[$1] = $3; rest[$1] = $2 OFS $3 OFS $4 }; dsguid[$2] = $1; next }
kind == "base" { old[++n] = $0; olds[n] = $1; oldg[n] = $2; oldsnap[n] = $3; next }
{ at = index($1, "@"); seen = 1
  if (!at && !index($1, "#")) live[$1] = 1
  if (at && substr($1, at + 1) == snap && !(substr($1, 1, at - 1) in now)) gone[++away] = $1 }
END {
  for (i = 1; i <= n; i++) {
    name = (oldg[i] in dsguid) ? dsguid[oldg[i]] : olds[i]
    if (name in now) { if (oldsnap[i] != now[name]) gone[++away] = name "@" oldsnap[i]; else held[name] = 1 }
    else if (!seen || (name in live)) { $0 = old[i]; $1 = name; print; stay[name "@" oldsnap[i]] = 1 } }
  for (name in now) {
    print name, rest[name]; stay[name "@" now[name]] = 1
    if (now[name] != snap && !(name in held)) fresh[++news] = name "@" now[name] }
  gather(hold, fresh, news, none, root); gather(free, gone, away, stay, root) }'
