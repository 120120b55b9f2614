# What is in a clone: removes the locks that a dead host has left, if told so, and tells its VMs and our note of them.
# Arguments: the clone, its mount point, "unlock" or "". Only ever in a clone, never in a replica.
PATH=/usr/xpg4/bin:$PATH
export PATH
[ "$(zfs get -H -o value mountpoint "$1")" = "$2" ] && [ "$(zfs get -H -o value mounted "$1")" = yes ] || {
  echo "$1 is not mounted at $2" >&2
  exit 1
}
cd "$2" || exit 1
if [ "$3" = unlock ]; then
  [ "$(zfs get -H -o value origin "$1")" != - ] || { echo "$1 is no clone" >&2; exit 1; }
  printf 'LOCKS\t%s\n' "$(find . -type f \( -name '.lck-*' -o -name '*.lck' \) -print | wc -l | tr -d ' ')"
  find . -type f \( -name '.lck-*' -o -name '*.lck' \) -exec rm -f {} \;
fi
find . -type f -name '*.vmx' -print | while IFS= read -r vmx; do
  name=$(awk '
    { k = tolower(substr($0, 1, index($0, "=") - 1)); gsub(/[ \t]/, "", k) }
    k == "displayname" { v = substr($0, index($0, "=") + 1); sub(/^[ \t]*"/, "", v); sub(/"[ \t\r]*$/, "", v); print v; exit }' "$vmx")
  printf 'VMX\t%s\t%s\n' "${vmx#./}" "$name"
done
[ ! -f .zfsesx-vms ] || awk '{ print "NOTE\t" $0 }' .zfsesx-vms
exit 0
