# How OpenSolaris (ifconfig) and illumos (ipadm) change an interface: in the temporary way first, which a restart
# forgets.
host=${5%/*}
# Every route over a gateway, as arguments of route(1M), one a line. With -v the mask is told, and the interface may be
# left out; routes that the kernel has learnt (D) or that refuse (R, B) are none of ours.
routes() {
  netstat -rnv -f inet | awk '
    function bits(mask, o, n, i) {
      split(mask, o, ".")
      n = 0
      for (i = 1; i <= 4; i++) for (; o[i] > 0; o[i] = (o[i] * 2) % 256) n++
      return n
    }
    NF > 5 && $2 ~ /^[0-9.]+$/ {
      for (i = 4; i <= NF; i++)
        if ($i ~ /^U[A-Z]*$/ && $i ~ /G/ && $i !~ /[DRB]/) print ($1 == "default" ? $1 : "-net " $1 "/" bits($2)), $3
    }'
}
defaults() { awk '$1 == "default" { print $2 }' "$d/routes"; }
# It is a failure to route(1M) that the entry exists: to us it is there.
route_add() {
  o=$(route add "$@" 2>&1) && return
  case $o in *": entry exists") return 0;; esac
  echo "$o" >&2
  return 1
}
save() {
  ifconfig "$nic" >"$d/ifconfig" 2>/dev/null
  routes >"$d/routes"
  dladm show-link -p -o mtu "$nic" >"$d/mtu" 2>/dev/null
  if [ "$way" = ipadm ]; then
    ipadm show-addr -p -o addrobj,state 2>/dev/null |
      awk -F: -v n="$nic/" 'index($1, n) == 1 && $2 == "ok" { print $1 }' >"$d/objects"
  fi
  if [ "$(svcs -H -o state network/physical:nwam 2>/dev/null)" = online ]; then : >"$d/nwam"; fi
}
mtu_is() { [ -z "$1" ] || dladm set-linkprop -t -p "mtu=$1" "$nic"; }
apply() {
  if [ -e "$d/nwam" ]; then
    # -t: nwam is back after a restart
    svcadm disable -st network/physical:nwam
    still && svcadm enable -st network/physical:default || return
  fi
  still || return
  if [ "$way" = ipadm ]; then
    while read -r a; do still && ipadm disable-addr -t "$a" || return; done <"$d/objects"
    still || return
    [ "$(cat "$d/mtu")" = "$mtu" ] || mtu_is "$mtu" || return
    ipadm show-if "$nic" >/dev/null 2>&1 || { : >"$d/made" && ipadm create-if -t "$nic"; } || return
    still && ipadm create-addr -t -T static -a "local=$address" "$nic/zfsesxtry" || return
  else
    if [ "$(cat "$d/mtu")" != "$mtu" ]; then
      # busy while the interface is plumbed
      ifconfig "$nic" unplumb 2>/dev/null
      still && mtu_is "$mtu" || return
    fi
    still || return
    ifconfig "$nic" plumb 2>/dev/null
    ifconfig "$nic" dhcp drop 2>/dev/null
    still && ifconfig "$nic" inet "$host" netmask "$mask" broadcast + up || return
  fi
  if [ "$gateway" != - ]; then
    for g in $(defaults); do still && route delete default "$g"; done
    still && route_add default "$gateway" || return
  fi
  while [ $# -ge 2 ]; do
    still || return
    case $1 in
      -*) route delete -net "${1#-}" "$2";;
      *) route_add -net "$1" "$2" || return;;
    esac
    shift 2
  done
}
restore() {
  # first, as a network service that is back may add its own
  routes | while read -r r; do grep -xF -e "$r" "$d/routes" >/dev/null || route delete $r; done
  if [ "$way" = ipadm ]; then
    ipadm delete-addr "$nic/zfsesxtry"
    if [ -e "$d/made" ]; then ipadm delete-if "$nic"; fi
    mtu_is "$(cat "$d/mtu")"
    while read -r a; do ipadm enable-addr -t "$a"; done <"$d/objects"
  elif [ -e "$d/nwam" ]; then
    ifconfig "$nic" unplumb
    mtu_is "$(cat "$d/mtu")"
    svcadm disable -st network/physical:default
    svcadm enable -st network/physical:nwam
  else
    ifconfig "$nic" unplumb
    mtu_is "$(cat "$d/mtu")"
    if [ -s "$d/ifconfig" ]; then
      ifconfig "$nic" plumb
      if grep DHCP "$d/ifconfig" >/dev/null; then
        ifconfig "$nic" dhcp start
      else
        was=$(awk '$1 == "inet" { print "inet", $2, "netmask", "0x" $4; exit }' "$d/ifconfig")
        ifconfig "$nic" $was broadcast + up
      fi
    fi
  fi
  # those over this interface went with it
  while read -r r; do route_add $r; done <"$d/routes"
}
# What is kept over a restart; it says that the entry exists, and keeps it.
route_kept() { route -p "$@" >/dev/null 2>&1; }
# keep INTERFACE WAY ADDRESS MTU GATEWAY FILE ROUTES…: the same for good.
keep() {
  nic=$1 way=$2 address=$3 mtu=$4 gateway=$5 file=$6
  shift 6
  # before nwam goes: without it an interface without its file is not brought up
  if [ "$file" != - ]; then
    new=${file%/*}/.zfsesx.$nic # no name that would be read at the start
    cat "$d/text" >"$new" && chmod 644 "$new" && mv -f "$new" "$file" || return
    # with it DHCP would be asked as well
    rm -f "${file%/*}/dhcp.$nic"
  fi
  if [ -e "$d/nwam" ]; then
    svcadm disable network/physical:nwam
    svcadm enable network/physical:default
  fi
  dladm set-linkprop -p "mtu=$mtu" "$nic"
  if [ "$way" = ipadm ]; then
    ipadm delete-addr "$nic/zfsesxtry"
    while read -r a; do ipadm delete-addr "$a"; done <"$d/objects"
    if [ -e "$d/made" ]; then
      ipadm delete-if "$nic"
      ipadm create-if "$nic"
    fi
    ipadm create-addr -T static -a "local=$address" "$nic/zfsesx" || return
  fi
  if [ "$gateway" != - ]; then
    for g in $(defaults); do [ "$g" = "$gateway" ] || route_kept delete default "$g"; done
    route_kept add default "$gateway"
  fi
  while [ $# -ge 2 ]; do
    case $1 in
      -*) route_kept delete -net "${1#-}" "$2";;
      *) route_kept add -net "$1" "$2";;
    esac
    shift 2
  done
  :
}
