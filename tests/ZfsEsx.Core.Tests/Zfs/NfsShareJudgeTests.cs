using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>What checks of shares say.</summary>
public sealed class NfsShareJudgeTests
{
    private const string Good = "\u001eproperties\nsp1/nas/vol0\tavailable\t1000000\nsp1/nas/vol0\treferenced\t1000\n"
        + "sp1/nas/vol0\tsync\tstandard\n\u001elisted\nasked\n/export/uss1-nas-vol0\n";

    private static readonly NfsShareState s_state = NfsShareRulesTests.State();

    private static ZfsNfsShare Share => s_state.Shares.Single(s => s.FileSystem == "sp1/nas/vol0");

    [Fact]
    public void A_good_share_passes_all() => Assert.All(
        Judge(s_state, Share, Good),
        c => Assert.True((ZpoolCheckStatus.Passed, "") == (c.Status, c.Advice), c.ToString()));

    [Theory]
    [InlineData("Mounted", ZpoolCheckStatus.Failed)]
    [InlineData("Server", ZpoolCheckStatus.Failed)]
    [InlineData("Exported", ZpoolCheckStatus.Failed)]
    [InlineData("Listed", ZpoolCheckStatus.Failed)]
    [InlineData("Clients", ZpoolCheckStatus.Failed)]
    [InlineData("Access", ZpoolCheckStatus.Failed)]
    [InlineData("Sync", ZpoolCheckStatus.Warning)]
    [InlineData("Space", ZpoolCheckStatus.Failed)]
    [InlineData("Snapshots", ZpoolCheckStatus.Warning)]
    public void What_is_not_well_is_said_with_advice(string check, ZpoolCheckStatus status)
    {
        ZfsNfsShare share = Share with
        {
            Mounted = false, Exported = [], Clients = ["vh9-nas"], Options = "rw=vh9-nas",
        };
        string text = "\u001eproperties\nsp1/nas/vol0\tavailable\t0\nsp1/nas/vol0\treferenced\t1000\nsp1/nas/vol0\tsync\tdisabled\n"
            + "sp1/nas/vol0\tusedbysnapshots\t900\nsp1/nas/vol0\trefquota\t1000\n\u001elisted\nasked\n";
        ZfsNfsShareCheck found =
            Judge(s_state with { Server = NfsServerState.Stopped }, share, text, snapshots: 1000)
                .Single(c => c.Check == check);
        Assert.Equal(status, found.Status);
        Assert.NotEmpty(found.Advice);
        if (check == "Space")
        {
            Assert.Equal(
                "VMs on it cannot write any more. Snapshots hold 900 B: the oldest can go. Raise its limit with "
                    + "Set-ZfsNfsShare -Quota or -RefQuota, or free space.",
                found.Advice);
        }
    }

    // What is exported by hand, or by another program, on the path of a share.
    [Theory]
    [InlineData("vh1-nas", "vh1-nas *", "*", "vh1-nas, as root; past its options everybody")]
    [InlineData(
        "vh1-nas", "vh1-nas 10.99.0.55 vh7", "10.99.0.55, vh7", "vh1-nas, as root; past its options 10.99.0.55, vh7")]
    [InlineData(
        "10.99.0.0/24", "10.99.0.0/24 10.98.0.5", "10.98.0.5", "10.99.0.0/24, as root; past its options 10.98.0.5")]
    [InlineData("10.99.0.0/24", "10.99.0.0/24 10.99.0.5", "", "10.99.0.0/24, as root")]
    [InlineData(
        "10.99.0.0/24", "10.99.0.0/24 10.0.0.0/8", "10.0.0.0/8", "10.99.0.0/24, as root; past its options 10.0.0.0/8")]
    [InlineData("*", "* vh1-nas", "", "everybody, as root")]
    [InlineData("vh1-nas", "VH1-nas", "", "vh1-nas, as root")]
    public void Who_gets_it_past_its_options_is_a_failure(string clients, string exported, string others, string access)
    {
        ZfsNfsShare share = Share with
        {
            Clients = clients.Split(' '), Exported = exported.Split(' '), Options = "rw=" + clients + ",no_root_squash",
        };
        ILookup<string, ZfsNfsShareCheck> checks = Judge(s_state, share, Good).ToLookup(c => c.Check);
        Assert.Equal(access, checks["Access"].Single().Found);
        Assert.Equal(others.Length > 0, checks["Exported"].Single().Status == ZpoolCheckStatus.Failed);
        Assert.Equal(others.Length > 0, checks["Access"].Single().Status == ZpoolCheckStatus.Failed);
        if (others.Length > 0)
        {
            Assert.Contains(
                "exportfs -u '" + others.Split(", ")[0] + ":/export/uss1-nas-vol0'", checks["Exported"].Single().Advice,
                StringComparison.Ordinal);
        }

        // Setting the share again does not take it away; that is said.
        NfsShareRequest again = new() { FileSystem = share.FileSystem, MountPoint = share.MountPoint };
        IReadOnlyList<string> warnings = NfsShareWarnings.For(s_state with { Shares = [share] }, again);
        Assert.Equal(
            others.Length > 0, warnings.Any(w => w.Contains(" to " + others + " too", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_client_that_is_no_host_fails()
    {
        MountingHost other = new("vh2", ["10.99.0.102/24"]);
        ZfsNfsShareCheck found = NfsShareJudge
            .Judge("uss1", s_state, Share, [other], Sections.Split(Good), new Dictionary<string, SnapshotCount>())
            .Single(c => c.Check == "Clients");
        Assert.Equal(ZpoolCheckStatus.Failed, found.Status);
        Assert.Contains("vh2 uses 10.99.0.102", found.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.99.0.101", "mounted", ZpoolCheckStatus.Passed, "a client) mounted it")]
    [InlineData(
        "10.99.0.12", "refused mount.nfs: access denied by server while mounting", ZpoolCheckStatus.Passed,
        "no client) was refused: mount.nfs: access denied")]
    [InlineData("10.99.0.12", "mounted", ZpoolCheckStatus.Failed, "no client) mounted it")]
    [InlineData(
        "10.99.0.101", "refused mount.nfs: Connection timed out", ZpoolCheckStatus.Failed,
        "was refused: mount.nfs: Connection timed out")]
    [InlineData("10.99.0.12", "refused mount.nfs: Connection timed out", ZpoolCheckStatus.Warning, "timed out")]
    [InlineData("10.99.0.12", "none", ZpoolCheckStatus.Warning, "has no NFS client")]
    public void What_another_machine_gets(string address, string answer, ZpoolCheckStatus status, string said)
    {
        ZfsNfsShareCheck found = NfsShareJudge.Outside("uss1", s_state, Share, "uss2", address, answer);
        Assert.Equal(status, found.Status);
        Assert.Contains(said, found.Found, StringComparison.Ordinal);
        Assert.Equal(status != ZpoolCheckStatus.Passed, found.Advice.Length > 0);
    }

    [Fact]
    public void The_way_between_two_machines_is_no_address_that_both_have()
    {
        Assert.Equal(
            ("10.99.0.11", "10.99.0.12"),
            NfsShareJudge.Way(["10.0.2.15/24", "10.99.0.11/24"], ["10.0.2.15/24", "10.99.0.12/24"]));
        Assert.Null(NfsShareJudge.Way(["10.0.2.15/24"], ["10.0.2.15/24"]));
        Assert.Null(NfsShareJudge.Way(["10.99.0.11/24"], []));
    }

    [Fact]
    public void Snapshots_are_counted_without_keeping_them()
    {
        SnapshotCounts counts = new();
        foreach (string line in (string[])["a@1", "a@2", "a b@x", "a@3", "", "no snapshot", "@", "a@"])
        {
            counts.Take(line);
        }

        Assert.Equal(new SnapshotCount(3, "1", "3"), counts.Found["a"]);
        Assert.Equal(new SnapshotCount(1, "x", "x"), counts.Found["a b"]);
        Assert.Equal(2, counts.Found.Count);
    }

    private static IReadOnlyList<ZfsNfsShareCheck> Judge(
        NfsShareState state, ZfsNfsShare share, string text, long snapshots = 3) =>
    [
        .. NfsShareJudge.Judge(
            "uss1", state, share, [], Sections.Split(text),
            new Dictionary<string, SnapshotCount> { ["sp1/nas/vol0"] = new(snapshots, "a", "z") }),
    ];
}
