using System.Text.Json.Nodes;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;
using static ZfsEsx.Lab.Tests.HostWork;

namespace ZfsEsx.Lab.Tests;

/// <summary>
/// Shares of a real storage VM, mounted by real clients with the hosts' addresses; full file systems; the ARC.
/// </summary>
public sealed partial class ZfsHostTests
{
    private async Task ShareAsync()
    {
        NfsShareRequest wanted = new()
        {
            FileSystem = "zp1/nas/vol0",
            MountPoint = "/export/zfs1-nas-vol0",
            Clients = [new NfsClient("vh1-nas", "10.99.0.101"), new NfsClient("vh2-nas", "10.99.0.102")],
            RecordSize = 65536,
        };
        await RefusedAsync("ClientNameNotResolved", ct =>
            NfsShares.PlanSetAsync(Host, wanted with { Clients = [new("vh9-nas")] }, ct));
        await RefusedAsync("ClientAddressDiffers", ct =>
            NfsShares.PlanSetAsync(Host, wanted with { Clients = [new("vh1-nas", "10.99.0.109")] }, ct));
        await RefusedAsync(
            "MountPointInUse", ct => NfsShares.PlanSetAsync(Host, wanted with { MountPoint = "/etc" }, ct));
        await RefusedAsync(
            "PoolNotFound", ct => NfsShares.PlanSetAsync(Host, wanted with { FileSystem = "zp9/x" }, ct));
        Assert.Empty(await NfsShares.GetAsync(Host, CancellationToken.None));
        Assert.False(
            (await Host.RunAsync(new RemoteCommand("zfs", "list", "zp1/nas"), CancellationToken.None)).Succeeded);

        ZfsNfsShare share = await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted, ct));
        Assert.Equal(["vh1-nas", "vh2-nas"], share.Exported.Order());
        Assert.Equal(["65536", "off"],
            (await RunAsync("zfs", "get", "-Hpo", "value", "recordsize,atime", wanted.FileSystem)).Lines);

        await MountedByHostsOnlyAsync(wanted.MountPoint);
        share = await LimitsAsync(wanted.FileSystem);
        Assert.Equal(["vh1-nas", "vh2-nas"], share.Exported.Order());

        await ByHandAsync(wanted);

        // The server has forgotten it; and: fewer clients.
        await RunAsync("exportfs", "-ua");
        await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted, ct));
        share = await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted with { Clients = [wanted.Clients[1]] }, ct));
        Assert.Equal(["vh2-nas"], share.Exported);
        Assert.Equal(share.Options, Assert.Single(await NfsShares.GetAsync(Host, CancellationToken.None)).Options);

        await SpellingAsync(wanted);

        // Not running: it is started again, and what it shares is shared.
        await RunAsync("rpc.nfsd", "0");
        Plan<ZfsNfsShare> started =
            await NfsShares.PlanSetAsync(Host, new() { FileSystem = wanted.FileSystem }, default);
        Assert.Equal("Start the NFS server, now and with the system", Assert.Single(started.Changes).Action);
        share = await started.RunAsync(SilentReporter.Instance, CancellationToken.None);
        Assert.Equal(["vh2-nas"], share.Exported);

        // A name with a blank, and one that a shell would read.
        const string Odd = "zp1/a b/c:d";
        share = await TwiceAsync(ct => NfsShares.PlanSetAsync(
            Host, wanted with { FileSystem = Odd, MountPoint = "/export/odd" }, ct));
        Assert.Equal((Odd, true, 2), (share.FileSystem, share.Mounted, share.Exported.Count));
        Assert.Contains(
            await NfsShareChecks.GetAsync(Host, f => f == Odd, [], [], default),
            c => c is { Check: "Exported", Status: ZpoolCheckStatus.Passed });
        await TwiceAsync(ct => NfsShares.PlanRemoveAsync(Host, Odd, ct));
        foreach (string name in (string[])
            ["zp1/$(touch /tmp/pwned)", "zp1/'; touch /tmp/pwned; '", "zp1/a\nb", "zp1/é", "zp1/-x"])
        {
            await RefusedAsync(
                "InvalidDatasetName", ct => NfsShares.PlanSetAsync(Host, wanted with { FileSystem = name }, ct));
        }

        share = await TwiceAsync(ct => NfsShares.PlanRemoveAsync(Host, wanted.FileSystem, ct));
        Assert.Equal(("off", true), (share.Options, share.Mounted));
        Assert.Empty((await RunAsync("exportfs")).Output);
        await RefusedAsync("FileSystemNotFound", ct => NfsShares.PlanRemoveAsync(Host, "zp1/none", ct));
    }

    // Exported by hand past the options of the share: that is said with what ends it, and not taken away.
    private async Task ByHandAsync(NfsShareRequest wanted)
    {
        await RunAsync("exportfs", "-o", "rw,no_root_squash", "*:" + wanted.MountPoint);
        Plan<ZfsNfsShare> again = await NfsShares.PlanSetAsync(Host, wanted, default);
        Assert.Empty(again.Changes);
        Assert.Contains(again.Warnings, w => w.Contains(" to * too", StringComparison.Ordinal));
        ZfsNfsShareCheck[] failed = await FailedAsync();
        Assert.Equal(["Exported", "Access"], failed.Select(c => c.Check));
        string advice = failed[0].Advice;
        await RunAsync("sh", "-c", advice[advice.IndexOf("exportfs -u", StringComparison.Ordinal)..].TrimEnd('.'));
        Assert.Empty(await FailedAsync());

        async Task<ZfsNfsShareCheck[]> FailedAsync() =>
        [
            .. (await NfsShareChecks.GetAsync(Host, f => f == wanted.FileSystem, [], [], default))
                .Where(c => c.Status == ZpoolCheckStatus.Failed),
        ];
    }

    // exportfs knows a client by one name only: what another share calls it, or the first name in the hosts file.
    private async Task SpellingAsync(NfsShareRequest named)
    {
        await RunAsync("sh", "-c", "echo '10.99.0.103 vh3.example.org vh3-nas' >>/etc/hosts");
        NfsShareRequest wanted = new() { FileSystem = "zp1/by-address", MountPoint = "/export/by-address" };
        MountingHost[] hosts = [new("vh2", ["192.168.0.2/24", "10.99.0.102/24"])];
        ZfsNfsShare share = await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, wanted with { Hosts = hosts }, ct));
        Assert.Equal(["10.99.0.102"], share.Exported);
        Assert.Equal(["vh2-nas"], (await ShareOfAsync(named.FileSystem)).Exported);
        Assert.True(
            2 > (await RunAsync(
                "sh", "-c", "exportfs -v | grep -o -e vh2-nas -e 10[.]99[.]0[.]102 | sort -u")).Lines.Length,
            "exportfs lists both by what they were told: this test proves nothing any more.");
        CommandResult mounted = await NasAsync("mount", "10.99.0.102", wanted.MountPoint);
        Assert.True(mounted.Succeeded, mounted.Complaint);
        await NasAsync("unmount", "10.99.0.102", wanted.MountPoint);
        share = await TwiceAsync(ct => NfsShares.PlanSetAsync(
            Host, wanted with { Clients = [new("vh3-nas", "10.99.0.103"), new("10.99.0.0/28")] }, ct));
        Assert.Equal(["10.99.0.0/28", "vh3-nas"], share.Exported.Order());
        Assert.Contains("vh3.example.org", (await RunAsync("exportfs", "-v")).Output, StringComparison.Ordinal);
        Assert.Contains(await NfsShareChecks.GetAsync(Host, f => f == wanted.FileSystem, [], [], default),
            c => c is { Check: "Exported", Status: ZpoolCheckStatus.Passed });
        await RunAsync("zfs", "destroy", wanted.FileSystem);
    }

    private async Task<ZfsNfsShare> ShareOfAsync(string fileSystem) =>
        (await NfsShares.GetAsync(Host, CancellationToken.None)).Single(s => s.FileSystem == fileSystem);

    // From outside: a client with a host's address gets it, one with another does not.
    private async Task MountedByHostsOnlyAsync(string path)
    {
        Assert.Contains("denied", (await NasAsync("mount", "10.99.0.199", path)).Error, StringComparison.Ordinal);
        CommandResult mounted = await NasAsync("mount", "10.99.0.101", path);
        Assert.True(mounted.Succeeded, mounted.Complaint);
        Assert.True((await fixture.Lab.HostsAsync("vh1", "touch", "/vmfs/volumes/vh1/zfs1-share/by-root")).Succeeded);
        await NasAsync("unmount", "10.99.0.101", path);
        IReadOnlyList<ZfsNfsShareCheck> checks = await NfsShareChecks.GetAsync(
            Host, _ => true, [new("vh1", ["10.99.0.101/24"]), new("vh2", ["10.99.0.102/24"])], [], default);
        Assert.All(checks, c => Assert.True(c.Status == ZpoolCheckStatus.Passed, c.ToString()));
        Assert.Contains(checks, c => c.Check == "Listed");
    }

    private Task<CommandResult> NasAsync(string verb, string address, string path) => fixture.Lab.EventAsync(
        "nas-" + verb,
        new JsonObject
        {
            ["host"] = "vh1", ["address"] = address, ["netmask"] = "255.255.255.0", ["mtu"] = 9000,
            ["remoteHost"] = "10.99.0.77", ["remotePath"] = path, ["name"] = "zfs1-share", ["type"] = "NFS",
        },
        CancellationToken.None);

    private async Task<ZfsNfsShare> LimitsAsync(string fileSystem)
    {
        NfsShareRequest limits = new()
        {
            FileSystem = fileSystem, Sync = "disabled", Compression = "zstd-3", Quota = 64 * Mega, RefQuota = 32 * Mega,
            RefReservation = 16 * Mega,
        };
        await RefusedAsync("QuotaTooSmall", ct => NfsShares.PlanSetAsync(Host, limits with { Quota = 1024 }, ct));
        await RefusedAsync(
            "NoSpace", ct => NfsShares.PlanSetAsync(Host, limits with { RefReservation = 1L << 40 }, ct));
        await RefusedAsync(
            "NotOnThisSystem", ct => NfsShares.PlanSetAsync(Host, limits with { Compression = "lzma" }, ct));
        await RefusedAsync("HostIsNoClient", ct => NfsShares.PlanSetAsync(
            Host,
            limits with
            {
                Clients = [new("vh1-nas")],
                Hosts = [new("vh1", ["10.99.0.101/24"]), new("vh2", ["10.99.0.102/24"])]
            },
            ct));
        Assert.Contains(
            (await NfsShares.PlanSetAsync(Host, limits, default)).Warnings,
            w => w.Contains("sync=disabled", StringComparison.Ordinal));
        Plan<ZfsNfsShare> dedup = await NfsShares.PlanSetAsync(
            Host,
            new() { FileSystem = fileSystem, Properties = new Dictionary<string, string> { ["dedup"] = "on" } },
            default);
        Assert.Contains(
            dedup.Warnings,
            w => w.StartsWith("The table of zp1 on zfs1 has no entries yet", StringComparison.Ordinal)
                && w.Contains("in blocks of 64 KB", StringComparison.Ordinal)
                && w.Contains(" are there for it", StringComparison.Ordinal));
        await TwiceAsync(ct => NfsShares.PlanSetAsync(Host, limits, ct));
        Assert.Equal(
            ["disabled", "zstd-3", "67108864", "33554432", "16777216"],
            (await RunAsync(
                "zfs", "get", "-Hpo", "value", "sync,compression,quota,refquota,refreservation", fileSystem)).Lines);
        return await TwiceAsync(ct => NfsShares.PlanSetAsync(
            Host,
            new()
            {
                FileSystem = fileSystem, Sync = "standard", Compression = "off",
                Quota = 0, RefQuota = 0, RefReservation = 0
            },
            ct));
    }

    // Full by its own limit, then because another has taken the rest: zpool still sees room where file systems have
    // none.
    // A file system takes some room itself, so what is left is asked for after it was made, and again.
    private const string TakeAllThatIsLeft =
        """
        for i in 1 2 3 4 5 6 7 8; do
          zpool sync zp1
          left=$(zfs get -Hpo value available zp1)
          [ "$left" != 0 ] || exit 0
          taken=$(zfs get -Hpo value refreservation zp1/rest)
          zfs set refreservation=$((taken + left)) zp1/rest || sleep 1
        done
        exit 1
        """;

    private async Task SpaceAsync()
    {
        await RunAsync(
            "sh", "-c",
            "zfs set refquota=1M zp1/nas/vol0 && zfs set sharenfs=on zp1/nas/vol0; "
                + "head -c 2M /dev/urandom >/export/zfs1-nas-vol0/x; zpool sync zp1");
        ZfsNfsShareCheck space =
            (await NfsShareChecks.GetAsync(Host, _ => true, [], [], default)).Single(c => c.Check == "Space");
        Assert.Equal(ZpoolCheckStatus.Failed, space.Status);
        Assert.Contains("-RefQuota", space.Advice, StringComparison.Ordinal);
        await RunAsync("sh", "-c", "zfs set refquota=none zp1/nas/vol0; zfs create zp1/rest");
        await RunAsync("sh", "-c", TakeAllThatIsLeft);
        Zpool pool = (await Zpools.GetAsync(Host, default)).Single(p => p.Name == "zp1");
        Assert.True(
            pool.Capacity == 100 && pool.Available!.Value.Bytes == 0 && pool.Free.Bytes > Mega,
            $"{pool.Capacity} %, {pool.Free}");
        Assert.Contains("cannot write any more", pool.Advice, StringComparison.Ordinal);
        Assert.Contains(
            await ZpoolChecks.GetAsync(Host, null, default),
            c => c is { Name: "zp1", Check: "Capacity", Status: ZpoolCheckStatus.Failed });
        await RunAsync(
            "sh", "-c", "zfs destroy zp1/rest; rm /export/zfs1-nas-vol0/x; zfs set sharenfs=off zp1/nas/vol0");
    }

    private async Task ArcAsync()
    {
        ZfsArc before = Assert.Single(await ZfsArcs.GetAsync(Host, default));
        Assert.True(
            before.Memory > before.Max && before.Kept is null && before.Recommended < before.Memory, before.ToString());
        await RefusedAsync("ArcTooSmall", ct => ZfsArcs.PlanSetAsync(Host, Mega, ct));
        await RefusedAsync("ArcTooLarge", ct => ZfsArcs.PlanSetAsync(Host, before.Memory!.Value.Bytes, ct));
        await RunAsync("sh", "-c", "echo '# mine' >/etc/modprobe.d/zfs.conf");
        ZfsArc arc = await TwiceAsync(ct => ZfsArcs.PlanSetAsync(Host, 300 * Mega, ct));
        Assert.Equal((300 * Mega, 300 * Mega), (arc.Max!.Value.Bytes, arc.Kept!.Value.Bytes));
        await TwiceAsync(ct => ZfsArcs.PlanSetAsync(Host, null, ct));
        Assert.StartsWith(
            "# mine\n# ZfsEsx", (await RunAsync("cat", "/etc/modprobe.d/zfs.conf")).Output, StringComparison.Ordinal);
        Assert.Equal("# mine\n", (await RunAsync("cat", "/etc/modprobe.d/zfs.conf.zfsesx")).Output);
        Assert.Contains(
            await ZpoolChecks.GetAsync(Host, null, default),
            c => c is { Check: "Arc", Status: ZpoolCheckStatus.Passed });
        Assert.False(
            (await Host.RunAsync(new RemoteCommand("test", "-e", "/tmp/pwned"), CancellationToken.None)).Succeeded);
    }
}
