# A rights profile of the Solaris systems with the agent as its only command, and the account that has it. Arguments: where
# the system's files are ("" for /), the account, the name of the profile.
etc=$1/etc user=$2 name=$3
line() { # FILE LINE
  grep "^$name:" "$1" >/dev/null 2>&1 || printf '%s\n' "$2" >>"$1"
}
line "$etc/security/prof_attr" "$name:::Receive replicas of ZfsEsx:" &&
  line "$etc/security/exec_attr" "$name:solaris:cmd:::/usr/local/lib/zfsesx/agent.sh:uid=0;gid=0" || exit 1
# What else the account has stays.
has=$(awk -F: -v user="$user" '$1 == user { n = split($NF, a, ";"); for (i = 1; i <= n; i++) if (a[i] ~ /^profiles=/) print substr(a[i], 10) }' \
  "$etc/user_attr" 2>/dev/null)
case ,$has, in *,"$name",*) exit 0 ;; esac
usermod -P "${has:+$has,}$name" "$user"
