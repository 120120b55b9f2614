# The file systems that a storage VM sends to a neighbour, as they are there, and what is left of the way back. Arguments:
# the neighbour, and the root of what came back from it.
PATH=/usr/xpg4/bin:$PATH
export PATH
dataset=
[ ! -r "/etc/zfsesx/edge-$1.conf" ] || dataset=$(sed -n 's/^dataset=//p' "/etc/zfsesx/edge-$1.conf")
[ -n "$dataset" ] || { echo "replication to $1 is not set up here" >&2; exit 1; }
printf 'DATASET\t%s\n' "$dataset"
zfs list -H -r -t filesystem -o name,mountpoint,mounted,sharenfs,zfsesx:sharenfs,zfsesx:role "$dataset" 2>/dev/null |
  awk '{ print "FS\t" $0 }'
zfs list -H -r -t filesystem -o name "${dataset%%/*}/failback/$2" 2>/dev/null | awk '{ print "BACK\t" $0 }'
[ ! -f "/etc/zfsesx/source-$2.failback.conf" ] || echo WAY
exit 0
