# Tries with a source's key, on the source, what it must not be able to do on its neighbour. Arguments: neighbour, user,
# address, port. Prints "OPEN what" for each way that is open.
nb=$1 user=$2 address=$3 port=$4
try() {
  ssh -F /dev/null -p "$port" -i "/etc/zfsesx/keys/$nb" -l "$user" -o BatchMode=yes -o IdentitiesOnly=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/etc/zfsesx/known_hosts -o GlobalKnownHostsFile=/dev/null \
    -o HostKeyAlias="zfsesx-$nb" -o ConnectTimeout=15 "$@" 2>&1
}
# What is not refused is told apart by what comes back.
case $(try -T "$address" 'echo zfsesx-$((6 * 7))' </dev/null) in *zfsesx-42*) echo "OPEN a command" ;; esac
case $(echo 'echo zfsesx-$((6 * 7))' | try -T "$address") in *zfsesx-42*) echo "OPEN a shell" ;; esac
# What has a terminal sees the end of its input only in this way.
case $(printf 'exit\n\004' | try -tt "$address") in *'PTY allocation request failed'*) ;; *@*) echo "OPEN a terminal" ;; esac
case $(try -W "127.0.0.1:$port" "$address" </dev/null) in *SSH-2.0-*) echo "OPEN forwarding to other addresses" ;; esac
case $(try -T -o ExitOnForwardFailure=yes -R 0:127.0.0.1:9 "$address" </dev/null) in *'llocated port'*) echo "OPEN forwarding from there" ;; esac
# An answer of the agent's to something that is not its own.
for line in 'RECV\t../../zfsesx-tried\ts\t1' 'RECV\t/zfsesx-tried\ts\t1' 'MOVE\t../zfsesx-tried\tnas' 'DESTROY\tnas' 'zfs list'; do
  case $(printf "$line\nBYE\n" | try -T "$address" zfsesx) in *@OK* | *@DONE*) echo "OPEN $line" ;; esac
done
case $(printf 'BYE\n' | try -T -s "$address" sftp) in '') echo "OPEN sftp" ;; esac
exit 0
