# Interfaces, and how this Linux keeps their addresses. Run as the user logged in: sudo would hide SSH_CONNECTION.
part() { printf '\036%s\n' "$1"; }
part connection
echo "$SSH_CONNECTION"
part links
ip -o link show
part addresses
ip -o -4 addr show
part routes
ip -4 route show
part back
set -- $SSH_CONNECTION
if [ $# -ge 1 ]; then ip -o route get "$1" 2>/dev/null; fi
part managers
if command -v systemctl >/dev/null 2>&1; then
  for s in NetworkManager systemd-networkd dhcpcd connman; do
    if systemctl -q is-active $s 2>/dev/null; then echo $s; fi
  done
fi
if [ -d /etc/netplan ] && command -v netplan >/dev/null 2>&1; then echo netplan; fi
if command -v ifup >/dev/null 2>&1 && [ -f /etc/network/interfaces ]; then echo ifupdown; fi
for f in /etc/network/interfaces /etc/network/interfaces.d/*; do
  if [ -f "$f" ]; then
    part "file $f"
    awk 1 "$f" # ends the last line if it has no end
  fi
done
exit 0
