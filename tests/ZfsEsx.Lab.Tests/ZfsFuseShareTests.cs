using System.Text;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Shares and memory of zfs-fuse. It is real; the NFS server's program exportfs, which the light lab has not, is played
/// by a script that keeps the list of exports as the real one does.
/// </summary>
public sealed class ZfsFuseShareTests() : FuseHostTest("fuseshare")
{
    private const long Mega = 1 << 20;

    private const string Exportfs = """
        #!/bin/sh
        t=/var/lib/nfs/etab
        mkdir -p /var/lib/nfs && touch $t
        case $1 in
          -o) printf '%s\t%s(%s)\n' "${3#*:}" "${3%%:*}" "$2" >>$t;;
          -u) grep -v -F "${2#*:}	${2%%:*}(" $t >$t.n; mv $t.n $t;;
          -v) cat $t;;
        esac
        """;

    [Fact]
    public async Task What_it_has_works_and_what_it_lacks_is_said()
    {
        await RunAsync(
            "sh", "-c", "zpool create sp1 \"$0\"; echo '10.99.0.101 vh1-nas' >>/etc/hosts", FuseLab.Disks.Data);
        NfsShareRequest wanted = new()
        {
            FileSystem = "sp1/nas/vol 0",
            MountPoint = "/export/nas",
            Clients = [new("vh1-nas", "10.99.0.101"), new("10.99.0.0/24")],
            Compression = "off",
            RecordSize = 65536,
            Quota = 512 * Mega,
            RefReservation = 16 * Mega,
        };
        await RefusedAsync("NfsServerMissing", wanted);
        await Host.UploadAsync(
            "/usr/local/sbin/exportfs", Encoding.UTF8.GetBytes(Exportfs), "0755", CancellationToken.None);
        await RefusedAsync("NotOnThisSystem", wanted with { Sync = "always", Compression = "gzip-6" });
        await RefusedAsync("NotOnThisSystem", wanted with { Compression = "lz4" });
        await RefusedAsync("NotOnThisSystem", wanted with { RecordSize = Mega });
        await RefusedAsync(
            "InvalidProperty",
            wanted with { Properties = new Dictionary<string, string> { ["sharenfs"] = "a:rw;touch /pwned" } });

        // All but a server that could be started: nothing here starts services.
        ZfsEsxException e = await Assert.ThrowsAsync<ZfsEsxException>(async () =>
            await (await NfsShares.PlanSetAsync(Host, wanted, default)).RunAsync(SilentReporter.Instance, default));
        Assert.Equal("NfsServerNotStarted", e.Id);
        Assert.Equal(
            "Start the NFS server, now and with the system",
            Assert.Single((await NfsShares.PlanSetAsync(Host, wanted, default)).Changes).Action);
        ZfsNfsShare share = Assert.Single(await NfsShares.GetAsync(Host, default));
        Assert.Equal(["10.99.0.0/24", "vh1-nas"], share.Exported.Order());
        Assert.Contains(
            "rw,no_root_squash,no_subtree_check", (await RunAsync("exportfs", "-v")).Output, StringComparison.Ordinal);
        IReadOnlyList<ZfsNfsShareCheck> checks = await NfsShareChecks.GetAsync(Host, _ => true, [], [], default);
        Assert.Equal(["Server"], checks.Where(c => c.Status == ZpoolCheckStatus.Failed).Select(c => c.Check));

        await (await NfsShares.PlanSetAsync(Host, new() { FileSystem = wanted.FileSystem, Quota = 0 }, default))
            .Changes[0].ApplyAsync(SilentReporter.Instance, default);
        await RunAsync("sh", "-c", """
            head -c 1200M /dev/zero >/export/nas/x; sync
            for i in $(seq 120); do [ "$(zfs get -Hpo value available sp1)" != 0 ] || exit 0; sleep 1; done; exit 1
            """);
        Zpool pool = Assert.Single(await Zpools.GetAsync(Host, default));
        Assert.Equal((100, 0L), (pool.Capacity, pool.Available!.Value.Bytes));
        Assert.Equal("", (await RunAsync("sh", "-c", "find / -xdev -name pwned")).Output);
    }

    [Fact]
    public async Task The_ARC_is_limited_from_its_next_start()
    {
        ZfsArc arc = Assert.Single(await ZfsArcs.GetAsync(Host, default));
        Assert.Equal(("/etc/zfs/zfsrc", 100 * Mega, (ByteSize?)null), (arc.File, arc.Kept!.Value.Bytes, arc.Max));
        Plan<ZfsArc> plan = await ZfsArcs.PlanSetAsync(Host, 256 * Mega, default);
        Assert.Contains("next start of zfs-fuse", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Equal(256 * Mega, (await plan.RunAsync(SilentReporter.Instance, default)).Kept!.Value.Bytes);
        Assert.Empty((await ZfsArcs.PlanSetAsync(Host, 256 * Mega, default)).Changes);
        Assert.Equal(
            "1",
            (await RunAsync("sh", "-c", "diff /etc/zfs/zfsrc.zfsesx /etc/zfs/zfsrc | grep -c '^>'")).Output.Trim());
    }

    private Task<ZfsEsxException> RefusedAsync(string id, NfsShareRequest request) =>
        HostWork.RefusedAsync(id, ct => NfsShares.PlanSetAsync(Host, request, ct));

    private Task<CommandResult> RunAsync(params string[] words) => MustAsync(Host, words);
}
