# How Linux changes an interface: ifupdown, systemd-networkd or netplan make the change from a file in memory.
# before the lasting file by its name: of two files of one name, that in /etc counts
networkd=/run/systemd/network/04-zfsesx-$3.network
netplan=/run/netplan/90-zfsesx-$3.yaml
addresses() { ip -o -4 addr show dev "$nic" scope global | awk '{ print $4 }'; }
save() {
  addresses >"$d/addresses" && ip -o link show dev "$nic" | sed 's/.* mtu \([0-9]*\) .*/\1/' >"$d/mtu" || return
  [ -s "$d/mtu" ] || return
  ip -4 route show | grep -v 'proto kernel' | sed -e 's/ linkdown//' -e 's/ dead//' >"$d/routes"
  case $(ip -o link show dev "$nic") in *[\<,]UP[,\>]*) : >"$d/up";; esac
}
# network and netplan answer before the address is there
arrives() {
  m=0
  until addresses | grep -qxF "$address"; do
    still || return
    if [ $m -ge 20 ]; then echo "the address did not appear" >&2; return 1; fi
    sleep 1
    m=$((m + 1))
  done
}
renew() { networkctl reload && networkctl reconfigure "$nic" || systemctl restart systemd-networkd; }
apply() {
  case $way in
    ifupdown)
      mkdir -p /run/network
      # ends a DHCP client as well; ifdown forgets what it did not do itself
      ifdown --force "$nic"
      still || return
      ip addr flush dev "$nic" scope global
      still || return
      ifup --force -i "$d/text" "$nic"
      ;;
    networkd)
      mkdir -p "${networkd%/*}"
      cat "$d/text" >"$networkd" && still && renew && arrives
      ;;
    netplan)
      mkdir -p "${netplan%/*}"
      ( umask 077; cat "$d/text" >"$netplan" ) && still && netplan apply && arrives
      ;;
  esac
}
restore() {
  case $way in
    ifupdown)
      ifdown --force -i "$d/text" "$nic"
      ip addr flush dev "$nic" scope global
      if ifquery "$nic" >/dev/null 2>&1; then ifup --force "$nic"; fi
      ;;
    networkd) rm -f "$networkd"; renew;;
    netplan) rm -f "$netplan"; netplan apply;;
  esac
  # Whoever had brought the addresses up: they are as they were.
  ip link set dev "$nic" mtu "$(cat "$d/mtu")"
  if [ -e "$d/up" ]; then ip link set dev "$nic" up; else ip link set dev "$nic" down; fi
  for a in $(addresses); do grep -qxF "$a" "$d/addresses" || ip addr del "$a" dev "$nic"; done
  while read -r a; do ip addr replace "$a" brd + dev "$nic" || ip addr replace "$a" dev "$nic"; done <"$d/addresses"
  ip -4 route show dev "$nic" | grep -v 'proto kernel' | while read -r r; do
    grep -qF "${r%% *} " "$d/routes" || ip route del $r dev "$nic"
  done
  while read -r r; do ip route replace $r; done <"$d/routes"
}
keep() { :; }
