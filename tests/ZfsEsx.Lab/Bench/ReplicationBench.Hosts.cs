using ZfsEsx.Os;
using ZfsEsx.Replication;
using ZfsEsx.Shell;

namespace ZfsEsx.Lab.Bench;

/// <summary>The hosts that the bench runs on, and what they need for it.</summary>
internal sealed partial class ReplicationBench
{
    // syncoid logs in with a key of its own. It asks for "get -t", which the older ZFS does not have: a program before
    // zfs in its PATH answers that, on both sides.
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
        echo "command=\"PATH=/opt/peer:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; sh -c \\\"\$SSH_ORIGINAL_COMMAND\\\"\" $1" >>/root/.ssh/authorized_keys
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

    // The guests have perl without libraries: syncoid's few, of the same text on both. Pod::Usage only prints help.
    private const string Peer = """
        mkdir -p /opt/peer/perl/Pod && tar -xf - -C /opt/peer && cd /opt/peer || exit
        printf '#!/bin/sh\nPERL5LIB=/opt/peer/perl exec perl /opt/peer/syncoid.pl "$@"\n' >syncoid
        printf 'package Pod::Usage; use Exporter "import"; our @EXPORT = ("pod2usage"); sub pod2usage { die } 1;' >perl/Pod/Usage.pm
        rm -f zfs; chmod 755 syncoid; ./syncoid --version >/dev/null
        """;

    private const string Pack = """
        cd "$(mktemp -d)" && cp "$(command -v syncoid)" syncoid.pl || exit
        perl -e 'for (@ARGV) { require $_; print "$_ $INC{$_}\n" }' Capture/Tiny.pm Data/Dumper.pm Time/Local.pm Sys/Hostname.pm |
          while read -r name path; do mkdir -p "perl/${name%/*}" && cp "$path" "perl/$name"; done
        tar -cf - . && rm -r "$PWD"
        """;

    private async Task<BenchResult> OnFuseAsync(BenchOptions options, CancellationToken ct)
    {
        FuseLab lab = await FuseLab.UpAsync(
            new LabOptions { Name = "bench-" + Environment.ProcessId, Nodes = 2 }, Console.WriteLine, ct);
        try
        {
            using ZfsHost source = await OpenAsync(lab, "uss1", ct), target = await OpenAsync(lab, "uss2", ct);
            RingMember[] members =
            [
                new(source, new RingNode("uss1", "sp1/nas", lab.AddressOf("uss1"))),
                new(target, new RingNode("uss2", "sp2/nas", lab.AddressOf("uss2"))),
            ];
            for (int i = 0; i < 2; i++)
            {
                const string Pool = "zpool create -m /mnt/sp$1 sp$1 $2 && zfs create sp$1/nas";
                await MustAsync(members[i].Host, Pool, ct, (i + 1).ToString(), FuseLab.Disks.Data);
            }

            await PrepareAsync(members, ct);
            await MustAsync(
                source,
                "printf '%s\\n' \"$1\" >/tmp/delay.py; "
                    + "nohup python3 /tmp/delay.py \"$2\" </dev/null >/tmp/delay.log 2>&1 &",
                ct,
                Delay,
                lab.AddressOf("uss2"));
            return await MeasureAsync(source, target, options.Rounds, ct);
        }
        finally
        {
            await lab.DownAsync();
        }
    }

    private async Task<BenchResult> OnGuestsAsync(BenchOptions options, CancellationToken ct)
    {
        LabOptions wanted = new() { Name = "bench-" + Environment.ProcessId, Nodes = 1, DataDiskIops = 0 };
        Lab lab = await Lab.UpAsync(wanted, Console.WriteLine, ct);
        try
        {
            await using GuestPair pair = await GuestPair.UpAsync(lab, ct, gigabytes: 8);
            await PrepareAsync(pair.Members, ct);
            return await MeasureAsync(pair.Members[0].Host, pair.Members[1].Host, options.Rounds, ct);
        }
        finally
        {
            await lab.DownAsync();
        }
    }

    /// <summary>25 ms each way, or not any more: by the kernel in guests, elsewhere by a program between.</summary>
    private async Task FarAsync(ZfsHost source, ZfsHost target, bool far, CancellationToken ct)
    {
        if (openZfs)
        {
            const string Netem =
                "for c in /sys/class/net/*; do ip -o addr show dev ${c##*/} | grep -q 10.99.0. "
                + "&& tc qdisc $1 dev ${c##*/} root netem ${2:+delay 25ms}; done; "
                + "tc qdisc | grep -c netem; true";
            await Task.WhenAll(
                new[] { source, target }.Select(h => MustAsync(h, Netem, ct, far ? ["add", "25"] : ["del"])));
            return;
        }

        const string There =
            "cd /etc/zfsesx && cp edge-uss2.conf near "
            + "&& sed 's/^address=.*/address=127.0.0.1/; s/^port=.*/port=2299/' near >edge-uss2.conf";
        await MustAsync(source, far ? There : "cd /etc/zfsesx && mv near edge-uss2.conf", ct);
    }

    private async Task PrepareAsync(IReadOnlyList<RingMember> members, CancellationToken ct)
    {
        (ZfsHost source, ZfsHost target) = (members[0].Host, members[1].Host);
        string address = members[1].Node.Address;
        foreach (RingMember member in members)
        {
            await MustAsync(member.Host, Shims, ct);
        }

        if (openZfs)
        {
            using System.Diagnostics.Process pack = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("sh", ["-c", Pack]) { RedirectStandardOutput = true })!;
            using MemoryStream files = new();
            await pack.StandardOutput.BaseStream.CopyToAsync(files, ct);
            foreach (RingMember member in members)
            {
                RemoteCommand unpack =
                    new("sh", "-c", Peer) { Input = files.ToArray(), Timeout = TimeSpan.FromMinutes(5) };
                CommandResult result = await member.Host.RunAsync(unpack, ct);
                if (!result.Succeeded)
                {
                    throw new LabException($"syncoid does not run in {member.Host.Name}: {result.Complaint}");
                }
            }
        }

        ReplicationTrustOptions trust = new() { UserName = "root", Address = address };
        await (await ReplicationTrust.PlanNewAsync(source, target, trust, ct)).RunAsync(SilentReporter.Instance, ct);
        RingReplicationOptions options = new()
        {
            UserName = "root",
            KeepOnSource = 1,
            KeepOnReplica = 1,
            Schedule = ReplicationSchedule.Every(TimeSpan.FromMinutes(20)),
        };
        await (await RingReplication.PlanStartAsync(members, options, ct)).RunAsync(SilentReporter.Instance, ct);
        foreach (RingMember member in members)
        {
            await MustAsync(member.Host, "crontab -r", ct); // as if cron ran them, but when we say
        }

        string key = await MustAsync(source, PrepareSource, ct, FileSystems.ToString(), address);
        await MustAsync(target, PrepareTarget, ct, key);
    }

    private static async Task<ZfsHost> OpenAsync(FuseLab lab, string name, CancellationToken ct) =>
        await ZfsHost.OpenAsync(
            await OpenSshShell.ConnectAsync(new SshOptions { HostName = name, ConfigFile = lab.SshConfigPath }, ct),
            ct);
}
