# The replicas of one source on this storage VM, what stands in for them, and whether increments are taken.
# Argument: the source.
PATH=/usr/xpg4/bin:$PATH
export PATH
printf 'NOW\t%s\n' "$(date -u '+%Y-%m-%dT%H:%M:%SZ')"
[ ! -f "/var/lib/zfsesx/from-$1.asof" ] || printf 'ASOF\t%s\n' "$(sed -n 1p "/var/lib/zfsesx/from-$1.asof")"
[ ! -f "/etc/zfsesx/fenced-$1" ] || printf 'FENCED\t%s\n' "$(sed -n 1p "/etc/zfsesx/fenced-$1")"
list=$(zfs list -H -t filesystem -o name,zfsesx:source,origin,mountpoint,mounted,zfsesx:failover,zfsesx:role) || exit 1
# Of two roots of one source, one is left from another pool or place: its configuration tells which one is current.
root=
[ ! -r "/etc/zfsesx/source-$1.conf" ] || root=$(sed -n 's/^root=//p' "/etc/zfsesx/source-$1.conf")
[ -n "$root" ] || root=$(printf '%s\n' "$list" | awk -F '\t' -v s="$1" '$2 == s { print $1; exit }')
printf '%s\n' "$list" | awk -F '\t' -v s="$1" -v root="$root" '
  $2 == s && ($1 == root || index($1, root "/") == 1) { print "REPLICA\t" $1 }
  $6 != "-" && $3 != "-" { print "CLONE\t" $1 "\t" $3 "\t" $4 "\t" $5 "\t" $6 "\t" $7 }'
[ -z "$root" ] ||
  zfs get -Hp -r -o name,property,value createtxg,creation "$root" 2>/dev/null | awk -F '\t' '/@zfsesx-/ { print "SNAP\t" $0 }'
exit 0
