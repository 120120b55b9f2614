# How the sending half of the ZfsEsx replication agent comes to its neighbour; read by agent.sh.

answer() { # sets line to the next line of the session that is ours; whatever a login prints is not
  while IFS= read -r line <&4; do
    case $line in @*) return 0 ;; esac
  done
  return 1
}

ssh_said() { # its warning of a changed key fills a screen
  if grep 'Host key verification failed' "$W/ssh.err" >/dev/null; then
    echo 'Host key verification failed: it has another host key than the one pinned'
  else
    one_line <"$W/ssh.err"
  fi
}

# Key exchange and cipher are most of what a short session costs: quick ones that this ssh knows go first, the others stay
# allowed. Asked once per boot. Whoever wants others writes $ETC/ssh_config, and has all of it in his hands.
quick_ssh() { # sets config, quick
  config=$ETC/ssh_config quick= quick_of=
  [ ! -f "$config" ] || return 0
  config=/dev/null
  [ ! -f "$STATE/quick" ] || IFS=$TAB read -r quick_of quick <"$STATE/quick"
  [ "$quick_of" != "$boot" ] || return 0
  quick=
  for quick_try in KexAlgorithms=^mlkem768x25519-sha256,curve25519-sha256 KexAlgorithms=^curve25519-sha256 Ciphers=^aes128-gcm@openssh.com; do
    case $quick=$quick_try in
      *Kex*Kex*) continue ;;
      *Ciphers*) # an emulated AES is slower than none
        { cat /proc/cpuinfo || isainfo -v; } 2>/dev/null |
          awk '/ aes /{ aes = 1 } /QEMU TCG/{ slow = 1 } END { exit !aes || slow }' || continue ;;
    esac
    ! ssh -F /dev/null -G -o "$quick_try" localhost >/dev/null 2>&1 || quick="$quick -o $quick_try"
  done
  printf '%s\t%s\n' "$boot" "$quick" >"$STATE/quick.$$" && mv "$STATE/quick.$$" "$STATE/quick"
}

# A login costs eight round trips and more than a cycle with nothing to do. Where cycles follow one another soon, ssh keeps
# the connection for so long. It belongs to the address and the keys that it was made with: when they are others now, it ends.
standing() { # sets key, stay (options of ssh), stood (there is one)
  key=${c_key:-$ETC/keys/$nb} stay=
  # The path of a socket is short on every system.
  if [ "$c_persist" -eq 0 ] || [ -z "$quick" ] || [ "${#nb}" -gt 60 ]; then hang_up; return; fi
  stay="-o ControlMaster=auto -o ControlPath=$STATE/$nb.ssh -o ControlPersist=$c_persist"
  set -- "$c_address" "$c_port" "$c_user" "$c_ciphers" $(cksum "$key" "$ETC/known_hosts" 2>/dev/null)
  stood_for=
  [ ! -f "$STATE/$nb.ssh.for" ] || read -r stood_for <"$STATE/$nb.ssh.for"
  if [ "$stood_for" != "$*" ]; then
    hang_up
    printf '%s\n' "$*" >"$STATE/$nb.ssh.for"
  fi
  [ ! -S "$STATE/$nb.ssh" ] || stood=yes
}

hang_up() {
  [ -S "$STATE/$nb.ssh" ] || return 0
  ssh -F /dev/null -O exit -o ControlPath="$STATE/$nb.ssh" "$nb" >/dev/null 2>&1
  rm -f "$STATE/$nb.ssh" "$STATE/$nb.ssh.for"
}

# One that stands may be dead: the neighbour was started anew, or something on the way has forgotten it.
again() {
  [ -n "$stood" ] || return 1
  stood=
  sessions=$((sessions + 1))
  exec 3>&-
  depart
  hang_up
  connect
}

connect() {
  [ ! -p "$W/in" ] || rm -f "$W/in" "$W/out"
  mkfifo "$W/in" "$W/out" || { problem="$W cannot be written"; return 1; }
  ssh -F "$config" -T -p "$c_port" -i "$key" -l "$c_user" -o BatchMode=yes -o IdentitiesOnly=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$ETC/known_hosts" -o GlobalKnownHostsFile=/dev/null \
    -o HostKeyAlias="zfsesx-$nb" -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 $stay \
    ${c_ciphers:+-o "Ciphers=$c_ciphers"} $quick "$c_address" zfsesx <"$W/in" >"$W/out" 2>"$W/ssh.err" &
  ssh=$! ssh_code=0 whole=
  exec 3>"$W/in" 4<"$W/out"
  printf 'HELLO\t2\t%s\t%s\nINV\t%s\n' "$c_source" "$run" "$looked" 2>/dev/null >&3
}

depart() {
  [ -n "$ssh" ] || return 0
  [ -z "$whole" ] || while answer; do :; done
  exec 4<&-
  wait "$ssh"
  ssh_code=$?
  ssh=
}
