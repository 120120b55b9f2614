# What the ZfsEsx replication agent asks ZFS for all data sets at once; read by agent.sh. Where ZFS runs channel programs
# one call looks, decides and takes the snapshots in one transaction; elsewhere it is one listing.

# What this system cannot do is found by asking, and remembered until the next boot.
known_lacks() {
  lacks_of= lacks_list=
  [ ! -f "$STATE/lacks" ] || IFS=$TAB read -r lacks_of lacks_list <"$STATE/lacks"
  [ "$lacks_of" = "$boot" ] || lacks_list=
}

lacks() { case " $lacks_list " in *" $1 "*) ;; *) return 1 ;; esac; }

now_lacks() {
  lacks "$1" && return
  lacks_list="$lacks_list $1"
  printf '%s\t%s\n' "$boot" "$lacks_list" >"$STATE/lacks.$$" && mv "$STATE/lacks.$$" "$STATE/lacks"
}

# Argument 1: a data set, 2: the name of a new snapshot or "-", 3: "own" or "all" snapshots, 4: "serve" for replicas.
# Answers the rows of an inventory: what is needed and no more, as each property of what is not mounted is slow. The
# snapshot is taken of what was written since the last one of ours: all in this one transaction. Numbers are signed
# there; GUIDs are not.
ASK='
argv = (...)["argv"]
rows, wanted = {}, {}
function text(n)
  if type(n) ~= "number" then return n or "-" end
  if n >= 0 then return tostring(n) end
  n = n + 9223372036854775807 + 1
  d = n % 10 + 8
  return tostring(n / 10 + 922337203685477580 + d / 10) .. tostring(d % 10)
end
function add(name, ...)
  local row = name
  for _, p in ipairs({...}) do row = row .. "\t" .. text(zfs.get_prop(name, p)) end
  rows[#rows + 1] = row
end
function visit(ds)
  if argv[4] ~= "serve" then add(ds, "guid")
  else
    local mark = "-"
    if ds == argv[1] then mark = text(zfs.get_prop(ds, "zfsesx:source")) end
    rows[#rows + 1] = ds .. "\t-\t-\t-\t" .. text(zfs.get_prop(ds, "receive_resume_token")) .. "\t" .. mark
  end
  local newest, txg = nil, -1
  for s in zfs.list.snapshots(ds) do
    local own = string.sub(s, #ds + 2, #ds + 8) == "zfsesx-"
    if own or argv[3] == "all" then add(s, "guid", "createtxg") end
    if own and argv[2] ~= "-" then
      local t = zfs.get_prop(s, "createtxg")
      if t > txg then newest, txg = string.sub(s, #ds + 2), t end
    end
  end
  if argv[2] ~= "-" and (newest == nil or zfs.get_prop(ds, "written@" .. newest) ~= 0) then
    wanted[#wanted + 1] = ds .. "@" .. argv[2]
  end
  if argv[4] ~= "serve" then
    for b in zfs.list.bookmarks(ds) do rows[#rows + 1] = b .. "\t-\t-" end
  end
  for c in zfs.list.children(ds) do visit(c) end
end
visit(argv[1])
for _, s in ipairs(wanted) do
  local e = zfs.check.snapshot(s)
  if e ~= 0 then return "\n!\t" .. tostring(e) .. "\n" end
end
for _, s in ipairs(wanted) do zfs.sync.snapshot(s) end
for _, s in ipairs(wanted) do add(s, "guid", "createtxg") end
return "\n" .. table.concat(rows, "\n") .. "\n"'

# Argument 1: the tag of our bookmarks, then D<snapshot> to destroy it and B<snapshot> to bookmark it. Answers what could
# not be destroyed, with the error: 16 it is held, 17 it has clones.
ACT='
argv = (...)["argv"]
rows = {}
for i, a in ipairs(argv) do
  local op, s = string.sub(a, 1, 1), string.sub(a, 2)
  if i > 1 and op == "D" then
    local e = zfs.check.destroy(s)
    if e == 0 then e = zfs.sync.destroy(s) end
    if e ~= 0 then rows[#rows + 1] = s .. "\t" .. tostring(e) end
  elseif i > 1 then
    local at = string.find(s, "@")
    local b = string.sub(s, 1, at - 1) .. "#" .. argv[1] .. ":" .. string.sub(s, at + 8)
    if zfs.check.bookmark(s, b) == 0 then zfs.sync.bookmark(s, b) end
  end
end
return "\n" .. table.concat(rows, "\n") .. "\n"'

# Name, GUID, createtxg, something and, of replicas, the token of a broken transfer, and our mark; bookmarks with "-".
inventory() { # own|all DATASET FILE [SNAPSHOT]: 1 nothing there, 2 no snapshot could be taken
  if ! lacks program; then
    inventory_write=-n
    [ -z "${4:-}" ] || inventory_write=
    printf '%s\n' "$ASK" >"$3.lua"
    if zfs program $inventory_write "${2%%/*}" "$3.lua" "$2" "${4:--}" "$1" "$verb" >"$3.out" 2>"$3.err"; then
      awk -F "$TAB" 'NF > 1' "$3.out" >"$3"
      IFS=$TAB read -r inventory_first inventory_rest <"$3"
      [ "$inventory_first" = ! ] || return 0
      echo "the snapshot ${4:-} cannot be taken (error $inventory_rest)" >"$3.err"
      return 2
    fi
    case $(cat "$3.err") in
      *'no such'*) return 1 ;;
      *unrecognized* | *'invalid option'* | *'attempt to'* | *permi*) now_lacks program ;;
    esac
  fi
  if [ -n "${4:-}" ]; then zfs snapshot -r "$2@$4" 2>"$3.err" || return 2; fi
  if lacks list-p || ! zfs list -Hp -r -t filesystem,volume,snapshot \
    -o name,guid,createtxg,written,receive_resume_token,zfsesx:source "$2" >"$3.out" 2>"$3.err"; then
    # The older ZFS has no "list -p", but "get -p".
    lacks list-p || ! grep 'invalid option' "$3.err" >/dev/null || now_lacks list-p
    zfs get -Hp -r -o name,property,value guid,createtxg,zfsesx:source "$2" >"$3.get" 2>"$3.err" || return 1
    awk -F "$TAB" -v all="$1" '
      $2 == "guid" { g = $3 } $2 == "createtxg" { t = $3 } $2 !~ /:/ { next }
      { at = index($1, "@"); if (!at || all == "all" || substr($1, at + 1, 7) == "zfsesx-") print $1 FS g FS t FS "-" FS "-" FS $3 }' \
      "$3.get" >"$3"
    return
  fi
  awk -F "$TAB" -v all="$1" '{ at = index($1, "@") } index($1, "#") == 0 && (!at || all == "all" || substr($1, at + 1, 7) == "zfsesx-")' \
    "$3.out" >"$3"
}

# Runs a command with the lines of a file as its last arguments, a hundred at a time. ZFS names have no quotes.
with_lines() { # FILE COMMAND...
  lines_file=$1
  shift
  [ ! -s "$lines_file" ] || sed "s/.*/'&'/" "$lines_file" | xargs -n 100 "$@"
}

# Holds or releases what "gather" has listed: with one call for all of one name where it says so, otherwise by name.
with_tag() { # hold|release TAG FILE
  tag_done=1
  : >"$3.by"
  while IFS=$TAB read -r tag_how tag_what; do
    case $tag_how in
      all) tag_done=0; zfs "$1" -r "$2" "$tag_what" 2>/dev/null && tag_done=1 ;;
      part) [ "$tag_done" -eq 1 ] || printf '%s\n' "$tag_what" >>"$3.by" ;;
      one) printf '%s\n' "$tag_what" >>"$3.by" ;;
    esac
  done <"$3"
  with_lines "$3.by" zfs "$1" "$2" 2>/dev/null
}

# Destroys one of our own expired snapshots or bookmarks; no other name gets through here.
destroy_own() { # [-r] SNAPSHOT|BOOKMARK
  case $* in *@zfsesx-[0-9]*T[0-9]*Z | *'#'zfsesx:*:[0-9]*T[0-9]*Z) zfs destroy "$@" 2>/dev/null ;; *) return 1 ;; esac
}

# A hold that a killed cycle has left is ours too: what is expired is neither base nor undelivered.
destroy_held() { { zfs release "$1" "$2" 2>/dev/null && destroy_own "$2"; } || printf '%s\n' "$2"; }

# Destroys what has expired, and sets the bookmarks that file "act" asks for; prints what could not be destroyed.
prune() { # TAG BASEFILE INVENTORY
  awk -v keep="$c_keep" -v hours="$c_hourly" -v days="$c_daily" -v weeks="$c_weekly" -v months="$c_monthly" \
    "$EXPIRED" kind=base "$2" kind=inventory "$3" >"$W/expired"
  if ! lacks program; then
    # An error of the program is one of all: then what it was to destroy is tried again in the next cycle.
    awk -F "$TAB" '/^B/ { print } $1 != "all" && $2 ~ /@zfsesx-[0-9]+T[0-9]+Z$/ { print "D" $2 }' "$W/act" "$W/expired" >"$W/acts"
    IFS= read -r prune_pool <"$W/acts" || return 0
    prune_pool=${prune_pool#?} prune_pool=${prune_pool%%[/@]*}
    printf '%s\n' "$ACT" >"$W/act.lua"
    with_lines "$W/acts" zfs program "$prune_pool" "$W/act.lua" "$1" 2>/dev/null >"$W/acted"
    while IFS=$TAB read -r prune_what prune_error; do
      case $prune_what=$prune_error in
        *@*=16) destroy_held "$1" "$prune_what" ;;
        *@*=*) printf '%s\n' "$prune_what" ;;
      esac
    done <"$W/acted"
    return 0
  fi
  # zfs-fuse has been seen to hang in "destroy -r" beside a replica kept aside; one by one it refuses.
  prune_aside=no
  grep '[.]diverged-' "$W/inv" >/dev/null 2>&1 && prune_aside=yes
  while IFS=$TAB read -r prune_how prune_what; do
    case $prune_how in
      all) if [ "$prune_aside" = yes ]; then prune_done=0; elif destroy_own -r "$prune_what"; then prune_done=1; else prune_done=0; fi ;;
      *)
        [ "$prune_how" = one ] || [ "$prune_done" -eq 0 ] || continue
        destroy_own "$prune_what" || destroy_held "$1" "$prune_what"
        ;;
    esac
  done <"$W/expired"
}
