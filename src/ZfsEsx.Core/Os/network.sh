# Interfaces, and how this Linux keeps their addresses.
part() { printf '\036%s\n' "$1"; }
part connection
echo "$SSH_CONNECTION"
part links
ip -d -o link show
part addresses
ip -o -4 addr show
part routes
ip -4 route show
part back
set -- $SSH_CONNECTION
if [ $# -ge 1 ]; then ip -o route get "$1" 2>/dev/null; fi
part managers
if command -v midclt >/dev/null 2>&1; then echo TrueNAS; fi
n=
if command -v systemctl >/dev/null 2>&1; then
  for s in NetworkManager systemd-networkd dhcpcd connman wicked; do
    if systemctl -q is-active $s 2>/dev/null; then echo $s; n=$n$s; fi
  done
fi
# its unit may have another name, or there is no systemd to ask
case $n in *networkd*) ;; *) if [ -e /run/systemd/netif/state ] && command -v networkctl >/dev/null 2>&1; then echo systemd-networkd; fi;; esac
if command -v netplan >/dev/null 2>&1 && [ -n "$(cat /etc/netplan/*.yaml /run/netplan/*.yaml 2>/dev/null)" ]; then echo netplan; fi
if command -v ifup >/dev/null 2>&1 && [ -f /etc/network/interfaces ]; then echo ifupdown; fi
part networkmanager
case $n in *NetworkManager*) nmcli -t -f DEVICE,STATE device 2>/dev/null;; esac
part networkd
for f in /run/systemd/netif/links/*; do
  if [ -f "$f" ]; then sed -n "s|^NETWORK_FILE=|${f##*/} |p" "$f"; fi
done
part netplan
if command -v netplan >/dev/null 2>&1; then netplan get ethernets 2>/dev/null; fi
for f in /etc/network/interfaces /etc/network/interfaces.d/* /etc/systemd/network/*-zfsesx-*.network /etc/netplan/*-zfsesx-*.yaml; do
  if [ -f "$f" ]; then
    part "file $f"
    awk 1 "$f" # ends the last line if it has no end
  fi
done
exit 0
