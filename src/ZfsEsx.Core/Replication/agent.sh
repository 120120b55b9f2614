#!/bin/sh
# ZfsEsx replication agent. Needs sh, awk, zfs and ssh, and nothing else.
#
#   agent.sh cycle NEIGHBOUR [RUN [old]]  sends what /etc/zfsesx/edge-NEIGHBOUR.conf says (root, from cron);
#                                         RUN names the cycle in its report, "old" takes no new snapshot
#   agent.sh serve SOURCE                 receives: the forced command of the source's key
#   agent.sh status NEIGHBOUR             what is going on, and the report of the last cycle
#   agent.sh stop NEIGHBOUR [RUN]         ends the cycle under way (only that of this name); the next one goes on from there
#   agent.sh hangup NEIGHBOUR             ends the connection that stands until the next cycle; not while one is under way
#   agent.sh forget NEIGHBOUR NAME        allows one full transfer of a file system whose replica was lost
#   agent.sh selftest                     checks this shell and this awk
#
# /etc/zfsesx/ssh_config, if there is one, is what ssh is configured by instead of our choice of quick algorithms.
# cycle ends with 0: all delivered, 1: some not, 2: nothing possible, 75: a cycle is under way.
# Names: letters, digits, _ . : - and / only. Nothing read from a file or a line is ever evaluated.

PATH=/usr/xpg4/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV CDPATH
set -f -u
umask 077
ulimit -c 0 # an old zfs send aborts when its reader is gone

LIB=${0%/*}
ETC=/etc/zfsesx
STATE=/var/lib/zfsesx
TAB='	' # a tab

say() { printf 'zfsesx: %s\n' "$*" >&2; }

die() { # CODE TEXT
  say "$2"
  exit "$1"
}

utc() { date -u '+%Y%m%dT%H%M%SZ'; }

instant() { date -u '+%Y-%m-%dT%H:%M:%SZ'; }

seconds() { # sets seconds_now, to measure; date has no %s on the Solaris family, there srand() tells the time
  if [ -r /proc/uptime ]; then
    read -r seconds_now seconds_rest </proc/uptime
    seconds_now=${seconds_now%%.*}
  else
    seconds_now=$(date '+%s')
    case $seconds_now in '' | *[!0-9]*) seconds_now=$(awk 'BEGIN { srand(); print srand() }') ;; esac
  fi
}

one_line() { tr '\t\n\r' '   ' | sed 's/  */ /g; s/^ //; s/ $//' | cut -c 1-400; }

# Names of storage VMs and runs: never empty, never an option, never a path.
safe_name() {
  case $1 in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9_.-]*) return 1 ;; esac
}

# Names of data sets: no empty part, no part that leads upwards.
safe_dataset() {
  case /$1/ in *[!A-Za-z0-9_.:/-]* | *//* | */../* | */./* | */-*) return 1 ;; esac
}

# Reads key=value lines. Only the keys below exist; values are text.
read_conf() {
  c_source= c_neighbour= c_address= c_port=22 c_user= c_dataset= c_root= c_plan= c_keep= c_ciphers= c_key=
  c_stall=900 c_limit=604800 c_persist=0 c_hourly=0 c_daily=0 c_weekly=0 c_monthly=0 c_rate=0 c_divergence=refuse
  [ -r "$1" ] || return 1
  while IFS= read -r conf_line || [ -n "$conf_line" ]; do
    conf_value=${conf_line#*=}
    case $conf_line in
      '' | '#'*) ;;
      source=*) c_source=$conf_value ;;
      neighbour=*) c_neighbour=$conf_value ;;
      address=*) c_address=$conf_value ;;
      port=*) c_port=$conf_value ;;
      user=*) c_user=$conf_value ;;
      dataset=*) c_dataset=$conf_value ;;
      root=*) c_root=$conf_value ;;
      plan=*) c_plan=$conf_value ;;
      keep=*) c_keep=$conf_value ;;
      hourly=*) c_hourly=$conf_value ;;
      daily=*) c_daily=$conf_value ;;
      weekly=*) c_weekly=$conf_value ;;
      monthly=*) c_monthly=$conf_value ;;
      divergence=*) c_divergence=$conf_value ;;
      rate=*) c_rate=$conf_value ;;
      ciphers=*) c_ciphers=$conf_value ;;
      key=*) c_key=$conf_value ;;
      stall=*) c_stall=$conf_value ;;
      limit=*) c_limit=$conf_value ;;
      persist=*) c_persist=$conf_value ;;
      rpo=*) ;; # how old a replica may be: for those who look at it
      *) die 2 "$1: unknown line" ;;
    esac
  done <"$1"
  safe_name "$c_source" && safe_name "$c_plan" || die 2 "$1: bad source or plan"
  safe_dataset "$c_root" || die 2 "$1: bad root"
  case $c_root in */*) ;; *) die 2 "$1: the root of the replicas must be below a pool" ;; esac
  for conf_value in "$c_keep" "$c_port" "$c_stall" "$c_limit"; do
    case $conf_value in '' | 0* | *[!0-9]*) die 2 "$1: keep, port, stall and limit are numbers above 0" ;; esac
  done
  for conf_value in "$c_hourly" "$c_daily" "$c_weekly" "$c_monthly" "$c_rate" "$c_persist"; do
    case $conf_value in '' | 0?* | *[!0-9]*) die 2 "$1: hourly, daily, weekly, monthly, rate and persist are numbers" ;; esac
  done
  case $c_divergence in refuse | preserve) ;; *) die 2 "$1: divergence is refuse or preserve" ;; esac
}

boot_id() { # sets boot
  boot_id=/proc/sys/kernel/random/boot_id
  if [ -r "$boot_id" ]; then read -r boot <"$boot_id"; else boot=$(boot_time | one_line); fi
}

boot_time() {
  sysctl -n kern.boottime 2>/dev/null ||
    kstat -p unix:0:system_misc:boot_time 2>/dev/null || who -b
}

args_of() { # PID
  if [ -r "/proc/$1/cmdline" ]; then tr '\000' ' ' <"/proc/$1/cmdline"; else ps -o args= -p "$1" 2>/dev/null; fi
}

# Is the process that owns a lock still one of ours? A number may have been given to another since.
owner_alive() { # LOCK; sets lock_pid, lock_run
  lock_pid= lock_boot= lock_run=
  [ -f "$1/owner" ] && IFS=$TAB read -r lock_pid lock_boot lock_run <"$1/owner"
  case $lock_pid in '' | *[!0-9]*) return 1 ;; esac
  [ "$lock_boot" = "$boot" ] && kill -0 "$lock_pid" 2>/dev/null || return 1
  lock_args=$(args_of "$lock_pid") || lock_args=agent.sh
  case $lock_args in *agent.sh*) ;; *) return 1 ;; esac
}

lock() { # DIRECTORY [RUN]: fails when its owner lives
  for lock_try in 1 2 3 4; do
    if mkdir "$1" 2>/dev/null; then
      printf '%s\t%s\t%s\n' "$$" "$boot" "${2:-}" >"$1/owner"
      return 0
    fi
    [ -f "$1/owner" ] || sleep 1 # its maker may be between mkdir and the line above
    owner_alive "$1" && return 1
    # Only one may clear a stale lock, and it looks again before it does.
    if mkdir "$1.clearing" 2>/dev/null; then
      owner_alive "$1" || rm -rf "$1"
      rmdir "$1.clearing"
    else
      sleep 1
      rmdir "$1.clearing" 2>/dev/null
    fi
  done
  return 1
}

end_children() { # LOCK SIGNAL
  for end_lane in '' .1 .2 .3 .4 .5 .6 .7 .8 .9 .10; do
    end_child=
    [ -f "$1/child$end_lane" ] && read -r end_child <"$1/child$end_lane"
    case $end_child in '' | *[!0-9]*) continue ;; esac
    # It may have ended, and its number be another's.
    case $(args_of "$end_child" 2>/dev/null) in *receive*) kill -"$2" "$end_child" 2>/dev/null ;; esac
  done
}

# Ends the owner of a lock and what it started; the pids stand in files that only root can write.
end_owner() { # LOCK [RUN]
  owner_alive "$1" && [ "${2:-$lock_run}" = "$lock_run" ] || return 0
  for end_signal in TERM KILL; do
    end_children "$1" "$end_signal"
    kill -"$end_signal" "$lock_pid" 2>/dev/null
    for end_try in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 "$lock_pid" 2>/dev/null || return 0
      sleep 1
    done
  done
}

verb=${1:-}
case $verb in
  selftest) . "$LIB/agent-selftest.sh"; exit ;;
  cycle | status | stop | hangup | forget | serve) safe_name "${2:-}" || die 2 "$verb needs the name of a storage VM" ;;
  *) die 2 'use: agent.sh cycle|status|stop|hangup|forget NEIGHBOUR, agent.sh serve SOURCE, agent.sh selftest' ;;
esac
[ -d "$STATE" ] || mkdir -p "$STATE" || exit 2
boot_id
for part in zfs plan keep report; do . "$LIB/agent-$part.sh"; done
case $verb in
  cycle) for part in ssh send cycle; do . "$LIB/agent-$part.sh"; done; known_lacks; cycle "$2" "${3:-$(utc)-$$}" "${4:-}" ;;
  serve) . "$LIB/agent-aside.sh"; . "$LIB/agent-serve.sh"; known_lacks; serve "$2" ;;
  status) status "$2" ;;
  stop) end_owner "$STATE/$2.lock" "${3:-}" ;;
  hangup) . "$LIB/agent-ssh.sh"; nb=$2 W=$STATE/$2.lock; ! lock "$W" || { hang_up; rm -rf "$W"; } ;;
  forget) safe_dataset "${3:-/}" || die 2 'forget needs the name of a file system'; forget "$2" "$3" ;;
esac
