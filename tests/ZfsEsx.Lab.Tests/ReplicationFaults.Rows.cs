using ZfsEsx.Os;

namespace ZfsEsx.Lab.Tests;

/// <summary>The faults.</summary>
internal sealed partial class ReplicationFaults
{
    /// <summary>All but kills and reboots. One by one, in any order.</summary>
    public IReadOnlyList<Func<Task>> Rows(string user) =>
    [
        .. new[] { true, false }.SelectMany(atSource => (Func<Task>[])
        [
            () => FullAsync(atSource), () => BaseDestroyedAsync(atSource, "b"), () => BaseDestroyedAsync(atSource, "a"),
        ]),
        () => WrittenAsync("b", withSnapshot: false), () => WrittenAsync("a", withSnapshot: true),
        () => ForeignSnapshotAsync("a/in"), () => ReplicaRenamedAsync("b"),
        SourceRenamedAsync, ClockAsync, TwiceAsync, HostKeyAsync, () => KeyRevokedAsync(user),
        .. new[] { 0, 1, 30 }.Select(at => (Func<Task>)(() => CutAsync(at))),
        .. Enumerable.Repeat<Func<Task>>(CutAnywhereAsync, 8),
        .. Enumerable.Range(0, 6).Select(i => (Func<Task>)(() => StreamAsync(sender: i % 2 == 0))),
        BrokenAsync,
    ];

    /// <summary>
    /// kill -9 at every step of the cycle, on either side; another seed kills after where this one did before.
    /// </summary>
    public async Task KillsAsync()
    {
        foreach (bool atSource in (bool[])[true, false])
        {
            int call = 1;
            while (call < 40 && await KillAsync(atSource, after: (call + seed) % 2 != 0, call))
            {
                call++;
            }

            Assert.InRange(call, 6, 39);
        }
    }

    /// <summary>Some of them.</summary>
    public async Task SampleAsync(int rows, string user)
    {
        Func<Task>[] all = [.. Rows(user)];
        random.Shuffle(all);
        foreach (Func<Task> row in all.Take(rows))
        {
            await row();
        }

        await BrokenAsync();
        await KillAsync(atSource: true, after: false, random.Next(2, 7));
        await KillAsync(atSource: false, after: true, random.Next(2, 6));
        await RebootAsync(random.Next(2, 6));
    }

    /// <summary>The connection ends after so many bytes from the source.</summary>
    public Task CutAsync(int at, bool large = false) =>
        FaultAsync("cut at byte " + at, () => OnSource("echo $1 >/tmp/cut", at.ToString()), large: large, kind: "cut");

    public Task CutAnywhereAsync()
    {
        bool large = random.Next(2) == 0;
        return CutAsync(random.Next(Bytes(large) + 2000), large);
    }

    /// <summary>zfs send or receive ends after so many bytes of the nth stream.</summary>
    public Task StreamAsync(bool sender)
    {
        bool large = random.Next(2) == 0;
        string fault =
            (sender ? "send " : "receive ") + random.Next(1, s_names.Length + 1) + " " + random.Next(Bytes(large) / 3);
        // One more session for the one that failed in mid-stream.
        return FaultAsync(
            fault, () => On(sender ? source : neighbour, "echo $1 >/tmp/fault", fault), large: large,
            kind: sender ? "sender" : "receiver", sessions: 2);
    }

    /// <summary>
    /// The stream of the large file ends in its middle at the receiver: enough has arrived to be worth keeping.
    /// </summary>
    public Task BrokenAsync() => FaultAsync(
        "large stream broken in its middle",
        () => On(neighbour, "echo receive $1 $2 >/tmp/fault", s_names.Length.ToString(), (Large / 2).ToString()),
        large: true,
        kind: "receiver",
        sessions: 2);

    /// <summary>And when it goes on it breaks again: what has arrived stays all the same.</summary>
    public async Task BrokenTwiceAsync()
    {
        // That the others were read is a change, too; it goes first, so that this one is alone.
        await OnSource("zfs set atime=off $1 && " + Cycle, dataset);
        await ReplicationShims.CallsAsync(source);
        const string Write = "head -c $2 /dev/urandom >$(zfs get -H -o value mountpoint $1/b)/data; sync";
        await FaultAsync(
            "one large stream broken in its middle, and again",
            async () =>
            {
                await OnSource(Write, dataset, Large.ToString());
                await On(neighbour, "echo receive 1 $1 >/tmp/fault", (Large / 2).ToString());
                await OnSource(Cycle + " >/dev/null 2>&1; true");
                await On(neighbour, "echo receive 1 $1 >/tmp/fault", (Large / 5).ToString());
            },
            write: false,
            kind: "receiver",
            sessions: 1);
        Assert.Single(sends, s => s.Contains(dataset + "/b@") && !s.Contains(" -t "));
        Assert.True(sends.Count(s => s.Contains(" -t ")) >= 2, string.Join('\n', sends));
    }

    /// <summary>The neighbour dies at its nth call of zfs in a cycle.</summary>
    public async Task RebootAsync(int call)
    {
        log.Add("neighbour rebooted at call " + call);
        await WriteAsync(large: true);
        await On(neighbour, "rm -f /tmp/stopped; echo stop $1 >/tmp/fault", call.ToString());
        Task cycle = OnSource(Cycle + " >/dev/null 2>&1; true");
        await On(
            neighbour,
            "for i in $(seq 3000); do [ ! -f /tmp/stopped ] || exit; sleep 0.1; done; echo 'was not reached' >&2");
        neighbour = await reboot();
        await cycle;
        await HealthyAsync("neighbour rebooted at call " + call);
    }

    private static int Bytes(bool large) => (s_names.Length * (Size + 10_000)) + (large ? Large - Size : 0);

    /// <summary>kill -9 of an agent before or after its nth call of zfs; true when there was such a call.</summary>
    public async Task<bool> KillAsync(bool atSource, bool after, int call)
    {
        string fault = (after ? "after " : "before ") + call;
        ZfsHost host = atSource ? source : neighbour;
        bool reached = false;
        await FaultAsync(
            (atSource ? "source agent killed " : "receiving agent killed ") + fault,
            () => On(host, "echo $1 >/tmp/fault", fault),
            async () => reached = await On(host, "[ -f /tmp/fault ] && echo left; rm -f /tmp/fault") == "");
        return reached;
    }

    /// <summary>A pool without a byte to spare.</summary>
    public Task FullAsync(bool atSource)
    {
        ZfsHost host = atSource ? source : neighbour;
        string pool = (atSource ? dataset : root).Split('/')[0];
        return FaultAsync(
            atSource ? "source full" : "target full",
            () => On(
                host,
                """
                zfs create -o mountpoint=none $1/filler || exit
                for spare in 100000 300000 600000 1000000; do
                  zfs set reservation=$(($(zfs get -Hp -o value available $1) - spare)) $1/filler 2>/dev/null && exit
                done
                echo 'the pool cannot be filled' >&2
                """,
                pool),
            () => On(host, "zfs destroy $1/filler", pool));
    }

    /// <summary>The common snapshot is let go and destroyed by hand.</summary>
    public Task BaseDestroyedAsync(bool atSource, string name) => FaultAsync(
        "base of " + name + " destroyed " + (atSource ? "at the source" : "at the replica"),
        async () =>
        {
            string b = await OnSource(
                "awk -F '\\t' -v ds=$1 '$1 == ds { print $3 }' /var/lib/zfsesx/uss2.base", dataset + "/" + name);
            await On(
                atSource ? source : neighbour,
                "zfs release zfsesx:uss1-uss2 $1 && zfs destroy $1",
                (atSource ? dataset : root + "/" + Below) + "/" + name + "@" + b);
        });

    /// <summary>All snapshots of a source are let go and destroyed by hand. Only where ZFS has bookmarks.</summary>
    public Task OnlyBookmarkLeftAsync(string name) => FaultAsync(
        "no snapshot of " + name + " left at the source",
        () => OnSource(
            """
            for s in $(zfs list -H -d 1 -t snapshot -o name $1); do
              for tag in $(zfs holds -H $s | cut -f 2); do zfs release $tag $s || exit; done
              zfs destroy $s || exit
            done
            """,
            dataset + "/" + name));

    /// <summary>Somebody writes to a replica; the data must be there afterwards.</summary>
    public async Task WrittenAsync(string name, bool withSnapshot)
    {
        string replica = root + "/" + Below + "/" + name;
        string text = "precious " + random.Next();
        await FaultAsync(
            "replica of " + name + " written to" + (withSnapshot ? " and a snapshot taken" : ""),
            () => On(
                neighbour,
                """
                zfs set readonly=off $1 && zfs set mountpoint=/mnt/hand $1
                zfs mount $1 2>/dev/null
                echo "$2" >/mnt/hand/mine && sync
                for i in $(seq 150); do zfs unmount $1 2>/dev/null && break; sleep 0.2; done
                if [ -n "$3" ]; then zfs snapshot $1@by-hand; fi
                """,
                replica,
                text,
                withSnapshot ? "yes" : ""));
        string kept = await On(
            neighbour,
            """
            aside=$(zfs list -H -r -o name $1 | grep "^$2.diverged-" | tail -n 1)
            zfs mount $aside 2>/dev/null
            cat /mnt/hand/mine
            for i in $(seq 150); do zfs unmount $aside 2>/dev/null && break; sleep 0.2; done
            zfs inherit mountpoint $aside
            """,
            root,
            replica);
        Assert.Equal(text, kept);
    }

    public Task ForeignSnapshotAsync(string name) => FaultAsync(
        "foreign snapshot on the replica of " + name,
        () => On(neighbour, "zfs snapshot $1@foreign-$2", root + "/" + Below + "/" + name, random.Next().ToString()));

    public Task ReplicaRenamedAsync(string name) => FaultAsync(
        "replica of " + name + " renamed",
        () => On(neighbour, "zfs rename $1 $1-elsewhere", root + "/" + Below + "/" + name));

    /// <summary>A file system is renamed with what is below it, and back in the next fault.</summary>
    public async Task SourceRenamedAsync()
    {
        await FaultAsync(
            "source renamed", () => OnSource(Rename, dataset, "a", "c"), write: false, names: ["c", "c/in", "b"]);
        await FaultAsync("source renamed back", () => OnSource(Rename, dataset, "c", "a"), write: false);
    }

    public Task ClockAsync() =>
        FaultAsync("clock an hour back", () => OnSource("touch /tmp/back"), () => OnSource("rm -f /tmp/back"));

    public async Task TwiceAsync()
    {
        await WriteAsync();
        string codes = await OnSource(Cycle + " & " + Cycle + "; first=$?; wait $!; echo $first $?");
        Assert.Contains(codes.Split('\n')[^1], (string[])["0 75", "75 0", "0 0"]);
        await HealthyAsync("two at once");
    }

    public Task HostKeyAsync() => FaultAsync(
        "host key changed",
        () => OnSource(
            "cp /etc/zfsesx/known_hosts /tmp/kh && ssh-keygen -qN '' -t ed25519 -f /tmp/other "
            + "&& echo \"zfsesx-uss2 $(cat /tmp/other.pub)\" >/etc/zfsesx/known_hosts"),
        async () =>
        {
            Assert.Contains(
                "Host key verification failed",
                await OnSource("tail -n 1 /var/lib/zfsesx/uss2.status"),
                StringComparison.OrdinalIgnoreCase);
            await OnSource("cp /tmp/kh /etc/zfsesx/known_hosts; rm -f /tmp/other /tmp/other.pub");
        });

    public Task KeyRevokedAsync(string user) => FaultAsync(
        "key revoked",
        async () =>
        {
            await OnSource("/usr/local/lib/zfsesx/agent.sh hangup uss2"); // what stands goes on
            await On(
                neighbour,
                "f=$(eval echo ~$1)/.ssh/authorized_keys; cp -p $f /tmp/ak; grep -v zfsesx:uss1 /tmp/ak >$f",
                user);
        },
        async () =>
        {
            Assert.Contains(
                "Permission denied", await OnSource("tail -n 1 /var/lib/zfsesx/uss2.status"), StringComparison.Ordinal);
            await On(neighbour, "cat /tmp/ak >$(eval echo ~$1)/.ssh/authorized_keys", user);
        });

    // zfs-fuse does not rename what is mounted, or was in use a moment ago.
    private const string Rename =
        """
        for i in $(seq 150); do
          zfs unmount $1/$2/in 2>/dev/null; zfs unmount $1/$2 2>/dev/null
          zfs rename $1/$2 $1/$3 2>/dev/null && break
          sleep 0.2
        done
        zfs mount $1/$3 2>/dev/null; zfs mount $1/$3/in 2>/dev/null; zfs list $1/$3 >/dev/null
        """;
}
