using ZfsEsx.Core.Tests.Os;
using ZfsEsx.Os;
using ZfsEsx.Shell;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed partial class MutationTests
{
    // After the manuals dladm(1M), ifconfig(1M), netstat(1M), svcs(1), route(1M) and ipadm(1M).
    private const string Snv = "\u001econnection\n192.168.10.5 40000 192.168.10.21 22\n\u001ephys\ne1000g0  primary  0:c:29:1:2:3  yes  e1000g0\n"
        + "\u001elinks\ne1000g0:phys:1500:up\ne1000g1:phys:1500:unknown\n\u001eifconfig\n" + SunHost.Ifconfig
        + "\n\u001eroutes\ndefault 192.168.10.1 UG 2 1234\n\u001eback\n interface: e1000g0\n\u001ephysical\nonline svc:/network/physical:default\n"
        + "\u001epersistent\npersistent: route add -net 10.98.0.0/16 192.168.10.1\n\u001eipadm\nthere\nlo0/v4:static:ok:U--:127.0.0.1/8\n"
        + "\u001efile /etc/hostname.e1000g0\n192.168.10.21 netmask 255.255.255.0 broadcast + up\n";

    private const string Names = "\u001ename\nuss1\n\u001ekept\nuss1\n\u001elink\nlrwxrwxrwx 1 root root 39 /etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf\n"
        + "\u001eresolv\n# by resolvconf(8)\nnameserver 192.0.2.53\nsearch example.org\n\u001eservers\nnameserver 192.0.2.53\n\u001ersolved\n[Resolve]\n"
        + "\u001ensswitch\nhosts: dns [NOTFOUND=return] files # x\nipnodes: dns\n\u001ehosts\n127.0.0.1 localhost\n"
        + "# BEGIN ZfsEsx (Set-ZfsHostName)\n10.99.0.101\tvh1-nas\n# END ZfsEsx\n10.99.0.102 vh2 vh2-nas\n";

    private const string Sun = "\u001elist\nsp1/nas/vol0\trw=vh1-nas:@10.99.0.102,root=vh1-nas\t/export/uss1-nas-vol0\tyes\n"
        + "\u001epools\nsp1\tONLINE\n\u001eexports\n-@sp1/nas  /export/uss1-nas-vol0   rw=vh1-nas:@10.99.0.102   \"\"  \n"
        + "\u001eserver\nstate running\nboot yes\n\u001eaddresses\n10.99.0.11/ffffff00\n\u001eproperties\nquota\t0\tdefault\n"
        + "\u001evalues\n\tquota  YES  NO  <size> | none\n\trecordsize  YES  YES  512 to 128k, power of 2\n\u001enames\nname vh1-nas\n10.99.0.101 vh1-nas\n";

    [Fact]
    public void And_a_hundred_thousand_about_the_system() => Survive([.. HostCases()]);

    private static IEnumerable<(string, Action<string>)> HostCases()
    {
        HostNetworkRequest address =
            new() { Address = "10.99.0.12/24", Interface = "eth1", Routes = [new("10.98.0.0/16", "10.99.0.1")] };
        yield return (ZfsFixture.Text("openzfs-2.3.9/network.txt"),
            t => LinuxNetworkPlanner.Compare("uss1", LinuxNetwork.Parse("uss1", t), address));
        SolarisDialect solaris = new(HostSystem.OpenSolaris);
        yield return (Snv, t => solaris.CompareNetwork(
            "uss1", solaris.ParseNetwork("uss1", t), address with { Interface = "e1000g1" }));
        yield return (ZfsFixture.Text("openzfs-2.3.9/detect.txt"),
            t => HostProbe.Parse("uss1", new CommandResult(0, t, "")));
        yield return (ZfsFixture.Text("openzfs-2.3.9/host-checks.txt"), t => HostChecksTests.Judge(t));
        yield return ("2026-11-22T12:00:01.500000000\n",
            t => HostClock.Of(DateTimeOffset.UnixEpoch, t, DateTimeOffset.UnixEpoch));
        HostNameRequest names = new()
        {
            Entries = [new("vh3-nas", "10.99.0.103")], NameServers = ["192.0.2.1"], SearchDomains = ["example.net"],
        };
        yield return (Names, t =>
        {
            IReadOnlyDictionary<string, string> parts = Sections.Split(t);
            HostNamesText.Merge("uss1", parts.Get("hosts"), names.Entries);
            HostNamesText.Resolved(parts.Lines("hosts"));
            HostResolver.Compare("uss1", parts, names, solaris: true);
        });
        NfsShareRequest share =
            new() { FileSystem = "sp1/nas/vol0", Quota = 1 << 20, Hosts = [new("vh1", ["10.99.0.101/24"])] };
        yield return (Sun, t =>
        {
            NfsShareState state = NfsShareState.Parse("uss1", solaris, t);
            NfsExportNames.Unclear(state.Shares);
            NfsSharePlanner.Compare("uss1", state, NfsShareRules.Complete("uss1", state, share), solaris);
        });
        MeasureRequest measure = new() { FileSystem = "sp1/like", CompareLog = LogComparison.Offline };
        yield return (Head(ZfsFixture.Text("openzfs-2.3.9/measure.txt")),
            t => MeasurePlanner.Compare("uss1", MeasureState.Parse("uss1", new LinuxDialect(), t), measure));
        yield return (ZfsFixture.Text("openzfs-2.3.9/measure-client.txt"), t => MeasureClientState.Parse("uss1", t));
        yield return ("\u001euptime\n100.5 200\n\u001ecpu\ncpu  1 2 3 4 5 6 7 8\n\u001edisks\n 254 32 vdc 1 2 3 4 5 6 7 8 9 10 11\n", t =>
        {
            MeasureSample? sample = MeasureSample.Parse(Sections.Split(t));
            MeasureLoad.Between(new MeasureSample { Uptime = 1 }, sample, ["vdc"], ["vdd"]).LimitedBy(null);
        });
        foreach (string file in ZfsFixture.Files("zfs-fuse-0.7.0/features.txt")
            .Concat(ZfsFixture.Files("openzfs-2.3.9/upgrade-v.txt")))
        {
            yield return (file, t => ZpoolFeatures.Parse(Sections.Split(t)));
        }

        yield return (ZfsFixture.Text("zfs-fuse-0.7.0/zpool-status.txt"), t => ZpoolText.Pools("uss1", null, t));
        yield return ("\u001elist\ndd\t268435456\t9479127\t258956329\t3\t3.00\tONLINE\t6\n\u001ememory\nmemory 8589934592\narc_c_max 6442450944\n"
            + "\u001ededup\n" + ZfsFixture.Text("openzfs-2.3.9/status-D.txt")
            + "\u001estatus\n" + ZfsFixture.Text("openzfs-2.3.9/status-D.txt")
            + "\u001esimulated\n" + ZfsFixture.Text("openzfs-2.3.9/zdb-S.txt"),
            t => ZpoolChecks.Judge("uss1", Sections.Split(t), "dd"));
        yield return ("sp1/a@2026-11-22 b\nsp1/a@x\nsp1/b@y\n", t =>
        {
            SnapshotCounts counts = new();
            foreach (string line in t.Split('\n'))
            {
                counts.Take(line);
            }
        });
    }
}
