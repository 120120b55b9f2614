# Interfaces of OpenSolaris and illumos, and how they are kept.
part() { printf '\036%s\n' "$1"; }
part connection
echo "$SSH_CONNECTION"
part phys
dladm show-phys -m 2>/dev/null
part links
dladm show-link -p -o link,class,mtu,state 2>/dev/null
part ifconfig
ifconfig -a
part routes
# -v: with masks
netstat -rnv -f inet
part back
set -- $SSH_CONNECTION
if [ $# -ge 1 ]; then route -n get "$1" 2>/dev/null; fi
part physical
svcs -H -o state,fmri network/physical:default network/physical:nwam 2>/dev/null
part persistent
route -p show 2>/dev/null
part ipadm
if command -v ipadm >/dev/null 2>&1; then
  echo there
  ipadm show-addr -p -o addrobj,type,state,persistent,addr 2>/dev/null
fi
for f in /etc/hostname.* /etc/dhcp.* /etc/defaultrouter; do
  if [ -f "$f" ]; then
    part "file $f"
    cat "$f"
  fi
done
exit 0
