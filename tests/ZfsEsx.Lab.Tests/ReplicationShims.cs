using ZfsEsx.Os;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Programs that stand before zfs, ssh and date in the agent's PATH on a storage host: they record what is called, and
/// break it once where a test says so.
/// </summary>
internal static class ReplicationShims
{
    // /tmp/fault: HOW COUNT ARGUMENT; with COUNT 1 the next call of that kind is it. The agent to be killed owns the
    // lock.
    private const string Install =
        """
        zfs=$(PATH=/usr/sbin:/sbin:/usr/bin:/bin command -v zfs)
        {
          printf '#!/bin/bash\nzfs=%s lock=%s\n' "$zfs" "$1"
          cat <<'END'
        echo "$*" >>/tmp/zfs.log
        how= n=1 arg=
        if [ -f /tmp/fault ]; then
          # Several run side by side: one counts at a time. One that was killed while it did is not waited for.
          for try in {1..100}; do mkdir /tmp/counting 2>/dev/null && break; sleep 0.05; done
          [ ! -f /tmp/fault ] || read -r how n arg </tmp/fault
          case $how:$1 in
            before:* | after:* | stop:* | send:send | receive:receive) n=$((n - 1)) ;;
            *) how= n=1 ;;
          esac
          if [ $n -le 0 ]; then rm -f /tmp/fault; elif [ -n "$how" ]; then echo "$how $n $arg" >/tmp/fault; fi
          rmdir /tmp/counting
        fi
        [ $n -le 0 ] || exec $zfs "$@"
        read -r pid rest <$lock/owner
        case $how in
          stop) touch /tmp/stopped; exec sleep 1000 ;;
          before) kill -9 $pid; exit 1 ;;
          after) $zfs "$@"; kill -9 $pid; exit 1 ;;
          send) $zfs "$@" | head -c $arg; exit 137 ;;
          receive) head -c $arg | $zfs "$@"; exit 137 ;;
        esac
        END
        } >/usr/local/sbin/zfs
        cat >/usr/local/sbin/ssh <<'END'
        #!/bin/bash
        case " $* " in *' -O '*) exec /usr/bin/ssh "$@" ;; esac # no session
        echo ssh >>/tmp/ssh.log
        [ -f /tmp/cut ] || exec /usr/bin/ssh "$@"
        n=$(cat /tmp/cut)
        rm -f /tmp/cut /tmp/cut.in
        mkfifo /tmp/cut.in
        /usr/bin/ssh "$@" </tmp/cut.in &
        ssh=$!
        [ $(stdbuf -o0 head -c $n | tee /tmp/cut.in | wc -c) -eq $n ] || { wait $ssh; exit; }
        kill -9 $ssh
        exit 255
        END
        cat >/usr/local/sbin/date <<'END'
        #!/bin/bash
        [ ! -f /tmp/back ] || set -- -d '1 hour ago' "$@"
        exec /usr/bin/date "$@"
        END
        chmod 755 /usr/local/sbin/zfs /usr/local/sbin/ssh /usr/local/sbin/date
        : >/tmp/zfs.log; : >/tmp/ssh.log
        """;

    /// <param name="host">A storage host.</param>
    /// <param name="lockOf">Name of the lock of the agent that a fault kills there.</param>
    public static Task InstallAsync(ZfsHost host, string lockOf) =>
        ReplicationFixture.MustAsync(host, "sh", "-c", Install, "sh", "/var/lib/zfsesx/" + lockOf + ".lock");

    public static Task RemoveAsync(ZfsHost host) =>
        ReplicationFixture.MustAsync(
            host, "rm", "-f", "/usr/local/sbin/zfs", "/usr/local/sbin/ssh", "/usr/local/sbin/date");

    /// <summary>What zfs was called with since the last time; forgets it.</summary>
    public static async Task<string[]> CallsAsync(ZfsHost host) =>
        (await ReplicationFixture.MustAsync(host, "sh", "-c", "cat /tmp/zfs.log; : >/tmp/zfs.log"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<int> SessionsAsync(ZfsHost host) =>
        int.Parse(await ReplicationFixture.MustAsync(host, "sh", "-c", "wc -l </tmp/ssh.log; : >/tmp/ssh.log"));
}
