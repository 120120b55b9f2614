# What a storage VM says about its edges; read by ReplicationProbe, after the function "found" and clocks.sh. Arguments: "all" or "-",
# the neighbour, the data set that is sent, the root of the replicas received, and files.
all=$1 nb=$2 dataset=$3 root=$4
shift 4
state=/var/lib/zfsesx
printf 'NOW\t%s\n' "$(date '+%Y-%m-%dT%H:%M:%S%z')"
if command -v crontab >/dev/null; then
  echo CRONTAB
  crontab -l 2>/dev/null | awk '{ print "CRON\t" $0 }'
fi
zfs list -H -r -t filesystem,volume -o name "$dataset" 2>/dev/null | awk '{ print "FS\t" $0 }'
zfs list -H -o name "${root%%/*}" >/dev/null 2>&1 && echo POOL
mark=$(zfs get -H -o value zfsesx:source "$root" 2>/dev/null) && printf 'ROOT\t%s\n' "$mark"
for conf in /etc/zfsesx/edge-*.conf /etc/zfsesx/source-*.conf; do
  [ ! -f "$conf" ] || awk -v file="${conf##*/}" '{ print "CONF\t" file "\t" $0 }' "$conf"
done
[ ! -f "$state/$nb.status" ] || tail -n 1 "$state/$nb.status" | awk '{ print "REPORT\t" $0 }'
if [ -s "$state/$nb.base" ]; then
  awk '{ print "BASE\t" $0 }' "$state/$nb.base"
  awk -F '\t' '{ print "\047" $1 "@" $3 "\047" }' "$state/$nb.base" |
    xargs -n 100 zfs get -Hp -o name,property,value guid,creation 2>/dev/null | awk '{ print "SNAP\t" $0 }'
fi
found "$@"
[ "$all" = all ] || exit 0

printf 'USED\t%s\n' "$(zfs get -Hp -o value used "$dataset" 2>/dev/null)"
printf 'FREE\t%s\n' "$(zfs get -Hp -o value available "${root%%/*}" 2>/dev/null)"
zfs list -H -r -t filesystem -o name,mounted,readonly,sharenfs "$root" 2>/dev/null | awk '{ print "REPLICA\t" $0 }'
case $(crontab -l 2>&1 >/dev/null) in *'not allowed'* | *'not authorized'* | *'ot permitted'*) echo CRONREFUSED ;; esac
ps -e -o comm= 2>/dev/null | awk '{ sub(/.*\//, "") } $1 == "cron" || $1 == "crond" { print "CRONRUNS"; exit }'
# cron keeps the time zone that it was started with
for started in /run/crond.pid /var/run/crond.pid /var/run/cron.pid /etc/cron.d/FIFO; do
  [ -e "$started" ] || continue
  find /etc/localtime /etc/default/init -newer "$started" 2>/dev/null | awk '{ print "CRONZONE\t" $0; exit }'
  break
done
exit 0
