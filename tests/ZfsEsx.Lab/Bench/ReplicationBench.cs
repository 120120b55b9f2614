using System.Globalization;
using System.Text.Json.Nodes;
using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Bench;

/// <summary>
/// The replication agent beside syncoid, Debian's sanoid package, on the same two storage hosts with zfs-fuse: twenty file
/// systems with small changes, nothing to do, one large stream beside plain <c>zfs send | ssh | zfs receive</c>, and a
/// network with 25 ms each way.
/// </summary>
internal sealed class ReplicationBench : IBench
{
    private const int FileSystems = 20;
    private const int LargeMegabytes = 256;
    private const double LeastChanged = 10, LeastIdle = 14, LeastBulk = 0.98, MostDelay = 1.6;

    // syncoid logs in with a key of its own. It asks for "get -t", which the older ZFS does not have: a program before zfs
    // in its PATH answers that, on both sides.
    private const string PrepareSource = """
        zfs create sp1/peer && zfs create sp1/bulk && zfs create sp1/raw || exit
        for i in $(seq $1); do zfs create sp1/nas/d$i && zfs create sp1/peer/d$i || exit; done
        ssh-keygen -qN '' -t ed25519 -f /root/.ssh/peer
        printf 'Host peer\n HostName %s\n User root\n IdentityFile /root/.ssh/peer\n StrictHostKeyChecking no\n' "$2" >/root/.ssh/config
        cd /etc/zfsesx
        sed 's,^dataset=.*,dataset=sp1/bulk,' edge-uss2.conf >edge-bulk.conf
        cp keys/uss2 keys/bulk && sed 's/^zfsesx-uss2/zfsesx-bulk/' known_hosts >more && cat more >>known_hosts
        cat /root/.ssh/peer.pub
        """;

    private const string PrepareTarget = """
        zfs create sp2/peer && zfs create sp2/raw || exit
        echo "command=\"PATH=/opt/peer:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; sh -c \\\"\$SSH_ORIGINAL_COMMAND\\\"\" $1" >>/root/.ssh/authorized_keys
        """;

    private const string Shims = """
        mkdir -p /opt/peer /opt/count
        cat >/opt/peer/zfs <<'END'
        #!/bin/bash
        [ ! -f /tmp/count ] || echo zfs >>/tmp/count
        case "$*" in
          *"-t bookmark"*) exit 0 ;;
          "get "*"-t snapshot"*) ;;
          *) exec /usr/sbin/zfs "$@" ;;
        esac
        words=()
        for word; do [ "$word" = -t ] || [ "$word" = snapshot ] || words+=("$word"); done
        /usr/sbin/zfs "${words[@]}" | grep @
        exit "${PIPESTATUS[0]}"
        END
        printf '#!/bin/sh\n[ ! -f /tmp/count ] || echo zfs >>/tmp/count\nexec /usr/sbin/zfs "$@"\n' >/opt/count/zfs
        printf '#!/bin/sh\necho ssh >>/tmp/count\nexec /usr/bin/ssh "$@"\n' >/opt/count/ssh
        chmod 755 /opt/peer/zfs /opt/count/*
        """;

    private const string Delay = """
        import asyncio, socket, sys
        async def pump(r, w, d):
            loop, q = asyncio.get_running_loop(), asyncio.Queue()
            async def out():
                while True:
                    t, b = await q.get()
                    await asyncio.sleep(max(0, t - loop.time()))
                    if not b: break
                    w.write(b); await w.drain()
                w.close()
            o = asyncio.create_task(out())
            try:
                while True:
                    b = await r.read(65536)
                    await q.put((loop.time() + d, b))
                    if not b: break
            except OSError: await q.put((loop.time(), b''))
            await asyncio.gather(o, return_exceptions=True)
        async def one(r, w):
            r2, w2 = await asyncio.open_connection(sys.argv[1], 22)
            for x in (w, w2): x.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.gather(pump(r, w2, 0.025), pump(r2, w, 0.025))
        async def main():
            async with await asyncio.start_server(one, '127.0.0.1', 2299) as s: await s.serve_forever()
        asyncio.run(main())
        """;

    private const string Agent = "/usr/local/lib/zfsesx/agent.sh cycle ";
    private const string Syncoid =
        "PATH=/opt/peer:$PATH syncoid --recursive --no-privilege-elevation --quiet --compress=none ";

    private const string Write = "for i in $(seq $1); do echo $(date +%N) >/mnt/sp1/$2/d$i/small || exit; done; sync";
    private const string WriteLarge =
        "for f in bulk raw; do rm -f /mnt/sp1/$f/large; head -c $1 /dev/urandom >/mnt/sp1/$f/large || exit; done; sync";

    public string Name => "replication";

    public async Task<BenchResult> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await Prerequisites.EnsurePeersAsync(Console.WriteLine, ct);
        FuseLab lab = await FuseLab.UpAsync(
            new LabOptions { Name = "bench-" + Environment.ProcessId, Nodes = 2 }, Console.WriteLine, ct);
        try
        {
            using ZfsHost source = await OpenAsync(lab, "uss1", ct), target = await OpenAsync(lab, "uss2", ct);
            await PrepareAsync(lab, source, target, ct);
            return await MeasureAsync(source, target, options.Rounds, ct);
        }
        finally
        {
            await lab.DownAsync();
        }
    }

    private static async Task<BenchResult> MeasureAsync(ZfsHost source, ZfsHost target, int rounds, CancellationToken ct)
    {
        const string Peer = Syncoid + "sp1/peer root@peer:sp2/peer/x", PeerIdle = Syncoid + "--no-sync-snap sp1/peer root@peer:sp2/peer/x";
        const string Ours = Agent + "uss2", OursIdle = Agent + "uss2 idle old";
        const string Raw = "zfs snapshot sp1/raw@$0 && zfs send -i $(cat /tmp/raw) sp1/raw@$0 | ssh peer zfs receive -u sp2/raw/x";
        Dictionary<string, List<double>> times = [];
        JsonObject counts = [];
        Dictionary<string, string> counted = [];

        async Task TimeAsync(string what, string command, bool keep)
        {
            // Before the first round they warm up, and are counted.
            double ms = await RunAsync(source, command, ct);
            if (keep)
            {
                times.TryAdd(what, []);
                times[what].Add(ms);
            }
        }

        async Task CountAsync(string what, string command)
        {
            await MustAsync(target, "echo >/tmp/count; cp /opt/count/zfs /usr/local/sbin/zfs", ct);
            await MustAsync(source, "echo >/tmp/count; cp /opt/count/zfs /opt/count/ssh /usr/local/sbin/", ct);
            await RunAsync(source, command, ct);
            const string Read = "rm -f /usr/local/sbin/zfs /usr/local/sbin/ssh; grep -c zfs /tmp/count; grep -c ssh /tmp/count; rm -f /tmp/count";
            string[] here = (await MustAsync(source, Read, ct)).Split('\n');
            string there = (await MustAsync(target, Read, ct)).Split('\n')[0];
            counts[what + "LocalZfs"] = int.Parse(here[0], CultureInfo.InvariantCulture);
            counts[what + "RemoteZfs"] = int.Parse(there, CultureInfo.InvariantCulture);
            counts[what + "Ssh"] = int.Parse(here[1], CultureInfo.InvariantCulture);
            counted[what] = $"{here[0]}+{there} zfs, {here[1]} ssh";
        }

        async Task WriteAsync()
        {
            await MustAsync(source, Write, ct, FileSystems.ToString(), "nas");
            await MustAsync(source, Write, ct, FileSystems.ToString(), "peer");
        }

        foreach (string first in (string[])[Ours, Peer])
        {
            await RunAsync(source, first, ct);
        }

        await WriteAsync();
        await CountAsync("changed", Ours);
        await CountAsync("changedPeer", Peer);
        await CountAsync("idle", OursIdle);
        await CountAsync("idlePeer", PeerIdle);
        await MustAsync(source, "zfs snapshot sp1/raw@r0 && zfs send sp1/raw@r0 | ssh peer zfs receive -u sp2/raw/x && echo @r0 >/tmp/raw", ct);
        await RunAsync(source, Agent + "bulk", ct);
        for (int round = 1; round <= rounds; round++)
        {
            (string, string)[] changed = [("changed", Ours), ("changedPeer", Peer)];
            (string, string)[] idle = [("idle", OursIdle), ("idlePeer", PeerIdle)];
            (string, string)[] bulk = [("bulk", Agent + "bulk"), ("bulkRaw", Raw.Replace("$0", "r" + round))];
            await WriteAsync();
            await AlternateAsync(changed, round);
            await AlternateAsync(idle, round);
            await MustAsync(source, WriteLarge, ct, (LargeMegabytes << 20).ToString(CultureInfo.InvariantCulture));
            await AlternateAsync(bulk, round);
            await MustAsync(source, "echo @r$1 >/tmp/raw; zfs destroy sp1/raw@r$(($1 - 1)); rm -f /mnt/sp1/bulk/large", ct, round.ToString());
            await MustAsync(target, "zfs destroy sp2/raw/x@r$(($1 - 1))", ct, round.ToString());
            await RunAsync(source, Agent + "bulk", ct); // what is gone makes room
            await MustAsync(source, Write, ct, FileSystems.ToString(), "nas");
            await TimeAsync("near", Ours, keep: true);
            await MustAsync(source, Write, ct, FileSystems.ToString(), "nas");
            await MustAsync(source, "cd /etc/zfsesx && cp edge-uss2.conf near && sed 's/^address=.*/address=127.0.0.1/; s/^port=.*/port=2299/' near >edge-uss2.conf", ct);
            await TimeAsync("far", Ours, keep: true);
            await MustAsync(source, "cd /etc/zfsesx && mv near edge-uss2.conf", ct);
        }

        async Task AlternateAsync((string What, string Command)[] pair, int round)
        {
            foreach ((string what, string command) in round % 2 == 0 ? pair.Reverse() : pair)
            {
                await TimeAsync(what, command, keep: true);
            }
        }

        double Ratio(string slow, string fast) => Math.Round(ManyHosts.Median(times[slow]) / ManyHosts.Median(times[fast]), 2);
        string Ms(string what) => $"{ManyHosts.Median(times[what]):0} ms";
        JsonObject figures = new()
        {
            ["changedRatio"] = Ratio("changedPeer", "changed"),
            ["idleRatio"] = Ratio("idlePeer", "idle"),
            ["bulkRatio"] = Ratio("bulkRaw", "bulk"),
            ["delayRatio"] = Ratio("far", "near"),
            ["replicationCounts"] = counts,
            ["replicationMs"] = new JsonObject(times.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)Math.Round(ManyHosts.Median(t.Value))))),
        };
        string[] misses =
        [
            .. Miss("changedRatio", LeastChanged, most: false), .. Miss("idleRatio", LeastIdle, most: false),
            .. Miss("bulkRatio", LeastBulk, most: false), .. Miss("delayRatio", MostDelay, most: true),
        ];

        IEnumerable<string> Miss(string name, double limit, bool most) =>
            ((double)figures[name]! < limit) == most ? [] : [$"{name} {figures[name]} is not {(most ? "below" : "at least")} {limit}"];

        return new BenchResult(
            [
                ($"{FileSystems} file systems changed: agent, {counted["changed"]}", Ms("changed")),
                ($"  syncoid, {counted["changedPeer"]}", Ms("changedPeer")),
                ("  ratio", figures["changedRatio"]!.ToString()),
                ($"nothing to do: agent, {counted["idle"]}", Ms("idle")),
                ($"  syncoid, {counted["idlePeer"]}", Ms("idlePeer")),
                ("  ratio", figures["idleRatio"]!.ToString()),
                ($"one stream of {LargeMegabytes} MB: agent", Ms("bulk")),
                ("  zfs send | ssh | zfs receive", Ms("bulkRaw")),
                ("  ratio", figures["bulkRatio"]!.ToString()),
                ("25 ms each way: agent, without", Ms("near")),
                ("  with", Ms("far")),
                ("  ratio", figures["delayRatio"]!.ToString()),
            ],
            figures,
            misses.Length == 0 ? null : string.Join("; ", misses));
    }

    private static async Task PrepareAsync(FuseLab lab, ZfsHost source, ZfsHost target, CancellationToken ct)
    {
        RingMember[] members =
        [
            new(source, new RingNode("uss1", "sp1/nas", lab.AddressOf("uss1"))), new(target, new RingNode("uss2", "sp2/nas", lab.AddressOf("uss2"))),
        ];
        for (int i = 0; i < 2; i++)
        {
            await MustAsync(members[i].Host, $"zpool create -m /mnt/sp{i + 1} sp{i + 1} {FuseLab.Disks.Data} && zfs create sp{i + 1}/nas", ct);
            await MustAsync(members[i].Host, Shims, ct);
        }

        ReplicationTrustOptions trust = new() { UserName = "root", Address = lab.AddressOf("uss2") };
        await (await ReplicationTrust.PlanNewAsync(source, target, trust, ct)).RunAsync(SilentReporter.Instance, ct);
        RingReplicationOptions options = new()
        {
            UserName = "root",
            KeepOnSource = 1,
            KeepOnReplica = 1,
            Schedule = ReplicationSchedule.At([17], [(DateTime.Now.Hour + 12) % 24]),
        };
        await (await RingReplication.PlanStartAsync(members, options, ct)).RunAsync(SilentReporter.Instance, ct);
        string key = await MustAsync(source, PrepareSource, ct, FileSystems.ToString(), lab.AddressOf("uss2"));
        await MustAsync(target, PrepareTarget, ct, key);
        await MustAsync(source, "printf '%s\\n' \"$1\" >/tmp/delay.py; nohup python3 /tmp/delay.py \"$2\" </dev/null >/tmp/delay.log 2>&1 &", ct, Delay, lab.AddressOf("uss2"));
    }

    /// <summary>Milliseconds of a command on a host, measured there.</summary>
    private static async Task<double> RunAsync(ZfsHost host, string command, CancellationToken ct)
    {
        string script = "cd /; s=$(date +%s%N); { " + command + "; } >/tmp/out 2>&1 || { cat /tmp/out >&2; exit 1; }; echo $((($(date +%s%N) - s) / 1000))";
        return double.Parse(await MustAsync(host, script, ct), CultureInfo.InvariantCulture) / 1000;
    }

    private static async Task<string> MustAsync(ZfsHost host, string script, CancellationToken ct, params string[] arguments)
    {
        RemoteCommand command = new(["sh", "-c", script, "sh", .. arguments]) { Timeout = TimeSpan.FromMinutes(10) };
        CommandResult result = await host.RunAsync(command, ct);
        return result.Succeeded ? result.Output.TrimEnd('\n') : throw new LabException($"{host.Name}: {script}: {result.Complaint}");
    }

    private static async Task<ZfsHost> OpenAsync(FuseLab lab, string name, CancellationToken ct) => await ZfsHost.OpenAsync(
        await OpenSshShell.ConnectAsync(new SshOptions { HostName = name, ConfigFile = lab.SshConfigPath }, ct), ct);
}
