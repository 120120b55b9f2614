# How OpenSolaris (ifconfig) and illumos (ipadm) change an interface: in the temporary way first, which a restart forgets.
host=${5%/*}
save() {
  ifconfig "$nic" >"$d/ifconfig" 2>/dev/null
  netstat -rn -f inet | awk '$1 == "default" { print $2 }' >"$d/defaults"
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
    svcadm enable -st network/physical:default || return
  fi
  if [ "$way" = ipadm ]; then
    while read -r o; do ipadm disable-addr -t "$o" || return; done <"$d/objects"
    [ "$(cat "$d/mtu")" = "$mtu" ] || mtu_is "$mtu" || return
    ipadm show-if "$nic" >/dev/null 2>&1 || { : >"$d/made" && ipadm create-if -t "$nic"; } || return
    ipadm create-addr -t -T static -a "local=$address" "$nic/zfsesxtry" || return
  else
    if [ "$(cat "$d/mtu")" != "$mtu" ]; then
      # busy while the interface is plumbed
      ifconfig "$nic" unplumb 2>/dev/null
      mtu_is "$mtu" || return
    fi
    ifconfig "$nic" plumb 2>/dev/null
    ifconfig "$nic" dhcp drop 2>/dev/null
    ifconfig "$nic" inet "$host" netmask "$mask" broadcast + up || return
  fi
  if [ "$gateway" != - ]; then
    while read -r g; do route delete default "$g"; done <"$d/defaults"
    route add default "$gateway" || return
  fi
  while [ $# -ge 2 ]; do
    route add -net "$1" "$2" || return
    shift 2
  done
}
restore() {
  if [ "$gateway" != - ]; then route delete default "$gateway"; fi
  if [ "$way" = ipadm ]; then
    ipadm delete-addr "$nic/zfsesxtry"
    if [ -e "$d/made" ]; then ipadm delete-if "$nic"; fi
    mtu_is "$(cat "$d/mtu")"
    while read -r o; do ipadm enable-addr -t "$o"; done <"$d/objects"
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
        ifconfig "$nic" $(awk '$1 == "inet" { print "inet", $2, "netmask", "0x" $4; exit }' "$d/ifconfig") broadcast + up
      fi
    fi
  fi
  while read -r g; do route add default "$g"; done <"$d/defaults"
}
# keep INTERFACE WAY ADDRESS MTU GATEWAY ROUTES…: the same for good; files are written by others.
keep() {
  nic=$1 way=$2 address=$3 mtu=$4 gateway=$5
  shift 5
  if [ -e "$d/nwam" ]; then
    svcadm disable network/physical:nwam
    svcadm enable network/physical:default
  fi
  dladm set-linkprop -p "mtu=$mtu" "$nic"
  if [ "$way" = ipadm ]; then
    ipadm delete-addr "$nic/zfsesxtry"
    while read -r o; do ipadm delete-addr "$o"; done <"$d/objects"
    if [ -e "$d/made" ]; then
      ipadm delete-if "$nic"
      ipadm create-if "$nic"
    fi
    ipadm create-addr -T static -a "local=$address" "$nic/zfsesx" || return
  fi
  if [ "$gateway" != - ]; then
    while read -r g; do [ "$g" = "$gateway" ] || route -p delete default "$g"; done <"$d/defaults"
    # it says that the entry exists, and keeps it
    route -p add default "$gateway"
  fi
  while [ $# -ge 2 ]; do
    route -p add -net "$1" "$2"
    shift 2
  done
  :
}
