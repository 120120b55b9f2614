using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Breaks cycles in every way we know of, on whatever ZFS the two hosts have. After each fault the next cycle must deliver
/// everything: equal GUIDs, equal SHA-256, and not one full stream.
/// </summary>
internal sealed class ReplicationFaults(ZfsHost source, ZfsHost neighbour, string dataset, string root, int seed)
{
    private static readonly string[] s_names = ["a", "a/in", "b"];
    private readonly Random random = new(seed);
    private readonly List<string> log = [];

    // What a cycle sends, about: a file each, and a little.
    private const int Size = 150_000;
    private readonly int bytes = s_names.Length * (Size + 10_000);

    /// <summary>What has been tried, for the test's message.</summary>
    public string Log => string.Join('\n', log);

    public async Task PrepareAsync()
    {
        await ReplicationShims.InstallAsync(source, "uss2");
        await ReplicationShims.InstallAsync(neighbour, "from-uss1");
        foreach (string name in s_names)
        {
            await OnSource("zfs create $1/$2", dataset, name);
        }

        await WriteAsync();
        await HealthyAsync("first", full: true);
        await WriteAsync();
        await HealthyAsync("second");
    }

    /// <summary>What a cycle costs: one session, and at most so many calls of zfs a side.</summary>
    public async Task CountAsync()
    {
        await CountAsync("", changed: s_names.Length + 1, atMost: 5);
        await CountAsync(" nothing old", changed: 0, atMost: 2);
    }

    private async Task CountAsync(string arguments, int changed, int atMost)
    {
        await WriteAsync();
        await ReplicationShims.CallsAsync(source);
        await ReplicationShims.CallsAsync(neighbour);
        await ReplicationShims.SessionsAsync(source);
        await OnSource(Cycle + arguments);
        Assert.Equal(1, await ReplicationShims.SessionsAsync(source));
        foreach (ZfsHost host in (ZfsHost[])[source, neighbour])
        {
            string[] calls = await ReplicationShims.CallsAsync(host);
            Assert.True(calls.Length <= changed + atMost, $"{host.Name}{arguments}:\n{string.Join('\n', calls)}");
        }
    }

    /// <summary>The connection ends after so many bytes from the source.</summary>
    public Task CutAsync(int at) => FaultAsync("cut at byte " + at, () => OnSource("echo $1 >/tmp/cut", at.ToString()));

    public Task CutAnywhereAsync() => CutAsync(random.Next(bytes + 2000));

    /// <summary>zfs send or receive ends after so many bytes of the nth stream.</summary>
    public Task StreamAsync(bool sender)
    {
        string fault = (sender ? "send " : "receive ") + random.Next(1, s_names.Length + 1) + " " + random.Next(bytes / 3);
        return FaultAsync(fault, () => On(sender ? source : neighbour, "echo $1 >/tmp/fault", fault));
    }

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
            string b = await OnSource("awk -F '\\t' -v ds=$1 '$1 == ds { print $3 }' /var/lib/zfsesx/uss2.base", dataset + "/" + name);
            await On(
                atSource ? source : neighbour,
                "zfs release zfsesx:uss1-uss2 $1 && zfs destroy $1",
                (atSource ? dataset : root + "/" + Below) + "/" + name + "@" + b);
        });

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
                for i in $(seq 50); do zfs unmount $1 2>/dev/null && break; sleep 0.2; done
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
            for i in $(seq 50); do zfs unmount $aside 2>/dev/null && break; sleep 0.2; done
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
        await FaultAsync("source renamed", () => OnSource(Rename, dataset, "a", "c"), write: false, names: ["c", "c/in", "b"]);
        await FaultAsync("source renamed back", () => OnSource(Rename, dataset, "c", "a"), write: false);
    }

    public Task ClockAsync() => FaultAsync("clock an hour back", () => OnSource("touch /tmp/back"), () => OnSource("rm -f /tmp/back"));

    public async Task TwiceAsync()
    {
        await WriteAsync();
        string codes = await OnSource(Cycle + " & " + Cycle + "; first=$?; wait $!; echo $first $?");
        Assert.Contains(codes.Split('\n')[^1], (string[])["0 75", "75 0", "0 0"]);
        await HealthyAsync("two at once");
    }

    public Task HostKeyAsync() => FaultAsync(
        "host key changed",
        () => OnSource("cp /etc/zfsesx/known_hosts /tmp/kh && ssh-keygen -qN '' -t ed25519 -f /tmp/other && echo \"zfsesx-uss2 $(cat /tmp/other.pub)\" >/etc/zfsesx/known_hosts"),
        async () =>
        {
            Assert.Contains("Host key verification failed", await OnSource("tail -n 1 /var/lib/zfsesx/uss2.status"), StringComparison.OrdinalIgnoreCase);
            await OnSource("cp /tmp/kh /etc/zfsesx/known_hosts; rm -f /tmp/other /tmp/other.pub");
        });

    public Task KeyRevokedAsync(string user) => FaultAsync(
        "key revoked",
        () => On(neighbour, "f=$(eval echo ~$1)/.ssh/authorized_keys; cp -p $f /tmp/ak; grep -v zfsesx:uss1 /tmp/ak >$f", user),
        async () =>
        {
            Assert.Contains("Permission denied", await OnSource("tail -n 1 /var/lib/zfsesx/uss2.status"), StringComparison.Ordinal);
            await On(neighbour, "cat /tmp/ak >$(eval echo ~$1)/.ssh/authorized_keys", user);
        });

    // zfs-fuse does not rename what is mounted, or was in use a moment ago.
    private const string Rename =
        """
        for i in $(seq 50); do
          zfs unmount $1/$2/in 2>/dev/null; zfs unmount $1/$2 2>/dev/null
          zfs rename $1/$2 $1/$3 2>/dev/null && break
          sleep 0.2
        done
        zfs mount $1/$3 2>/dev/null; zfs mount $1/$3/in 2>/dev/null; zfs list $1/$3 >/dev/null
        """;

    private const string Cycle = "/usr/local/lib/zfsesx/agent.sh cycle uss2";

    private string Below => dataset[(dataset.IndexOf('/') + 1)..];

    private async Task FaultAsync(
        string what, Func<Task> fault, Func<Task>? repair = null, bool write = true, string[]? names = null)
    {
        log.Add(what);
        if (write)
        {
            await WriteAsync();
        }

        await fault();
        await OnSource(Cycle + " >/dev/null 2>&1; true");
        if (repair is not null)
        {
            await repair();
        }

        await OnSource("rm -f /tmp/cut");
        await HealthyAsync(what, names: names);
    }

    /// <summary>A cycle that delivers all of it, by increments only.</summary>
    private async Task HealthyAsync(string what, bool full = false, string[]? names = null)
    {
        // Another one may still be at work. One that hangs is shown, with what it hangs in.
        CommandResult cycle = await source.RunAsync(
            RemoteCommand.Script("for i in 1 2 3 4 5 6; do timeout 45 " + Cycle + "; c=$?; [ $c = 75 ] || exit $c; sleep 1; done; exit 75"), CancellationToken.None);
        string status = await OnSource("tail -n 1 /var/lib/zfsesx/uss2.status");
        if (!cycle.Succeeded)
        {
            const string Processes = "ps ax -o pid,ppid,stat,args | grep -v 'ps ax' | tail -n 25; tail -n 5 /tmp/zfs.log; zfs list -r -t all -o name,origin $1";
            Assert.Fail($"after {what}: {cycle.ExitCode} {cycle.Complaint}\n{status}\n{await OnSource(Processes, dataset)}\n{await On(neighbour, Processes, root)}\n{Log}");
        }

        string[] sends = [.. (await ReplicationShims.CallsAsync(source)).Where(c => c.StartsWith("send ", StringComparison.Ordinal))];
        Assert.True(
            full || sends.All(s => s.Contains(" -I ") || s.Contains(" -i ") || s.Contains(" -t ")),
            $"after {what}: a full stream\n{string.Join('\n', sends)}\n{Log}");
        foreach (string name in names ?? s_names)
        {
            string[] here = (await OnSource(
                """
                s=$(awk -F '\t' -v ds=$1 '$1 == ds { print $3 }' /var/lib/zfsesx/uss2.base)
                zfs get -Hp -o value guid $1@$s && echo $s && sha256sum <$(zfs get -H -o value mountpoint $1)/data
                """,
                dataset + "/" + name)).Split('\n');
            string there = await On(
                neighbour,
                """
                check=${1%%/*}/check
                zfs get -Hp -o value guid $1@$2 && zfs clone -o readonly=on -o mountpoint=/mnt/check $1@$2 $check || exit
                zfs mount $check 2>/dev/null
                sha256sum </mnt/check/data
                for i in $(seq 50); do zfs destroy $check 2>/dev/null && exit; sleep 0.2; done
                zfs destroy $check
                """,
                root + "/" + Below + "/" + name,
                here[1]);
            Assert.True(here[0] + "\n" + here[2] == there, $"after {what}: {name} differs: {string.Join(' ', here)} / {there}\n{Log}");
        }
    }

    private Task<string> WriteAsync() => OnSource(
        "for f in a a/in b; do head -c $2 /dev/urandom >$(zfs get -H -o value mountpoint $1)/$f/data || exit; done; sync", dataset, Size.ToString());

    private Task<string> OnSource(string script, params string[] arguments) => On(source, script, arguments);

    private static async Task<string> On(ZfsHost host, string script, params string[] arguments)
    {
        CommandResult result = await host.RunAsync(RemoteCommand.Script(script, arguments), CancellationToken.None);
        Assert.True(result.Succeeded || result.Error.Length == 0, host.Name + ": " + script + ": " + result.Complaint);
        return result.Output.TrimEnd('\n');
    }
}
