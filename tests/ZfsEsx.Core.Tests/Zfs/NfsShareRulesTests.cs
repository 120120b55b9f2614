using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

/// <summary>What a request for a share may leave out, what it may not say, and the hosts behind its clients.</summary>
public sealed class NfsShareRulesTests
{
    private static readonly NfsShareRequest s_request = new() { FileSystem = "sp1/nas/vol0" };

    private static readonly MountingHost s_vh1 = new("vh1", ["192.168.0.1/24", "10.99.0.101/24"]);
    private static readonly MountingHost s_vh2 = new("vh2", ["192.168.0.2/24", "10.99.0.102/24"]);

    [Fact]
    public void What_is_left_out_stays_as_it_is()
    {
        NfsShareState state = State() with { AtBoot = true };
        Assert.Empty(Compare(state, s_request));
        NfsShareStep step = Assert.Single(Compare(state, s_request with { Quota = 1L << 30 }));
        Assert.Equal(["quota=1073741824"], step.Arguments);
        step = Assert.Single(Compare(state, s_request with { ReadWrite = false }));
        Assert.Equal("sharenfs=ro=vh1-nas,no_root_squash,no_subtree_check", Assert.Single(step.Arguments));
        Assert.Empty(Compare(state, s_request with { Quota = 0, RefQuota = 0, RefReservation = 0, Sync = "standard" }));
    }

    [Fact]
    public void A_new_share_needs_a_mount_point_and_clients()
    {
        NfsShareRequest request = s_request with { FileSystem = "sp1/new", Clients = [new NfsClient("vh1-nas")] };
        ZfsEsxException e = Refused(State(), request);
        Assert.Equal(("InvalidMountPoint", "sp1/new"), (e.Id, e.Target));
        Assert.Equal("There is no file system sp1/new on uss1 yet, and a new one needs a mount point.", e.Message);
        Assert.Equal("InvalidMountPoint", Refused(Unmounted(State()), s_request).Id);
        Assert.Equal(
            "InvalidClientName", Refused(State(), request with { MountPoint = "/export/new", Clients = [] }).Id);
    }

    [Fact]
    public void The_server_is_started_and_made_to_start_after_the_share()
    {
        NfsShareState stopped = State() with { Server = NfsServerState.Stopped, AtBoot = null };
        Assert.Equal(
            "Start the NFS server, now and with the system", Assert.Single(Compare(stopped, s_request)).Action);
        NfsShareState once = State() with { AtBoot = false };
        Assert.Equal("Let the NFS server start with the system", Assert.Single(Compare(once, s_request)).Action);
        NfsShareStep[] steps = [.. Compare(once, s_request with { Clients = [new NfsClient("10.99.0.101")] })];
        Assert.Equal([NfsShareStepKind.Share, NfsShareStepKind.Serve], steps.Select(s => s.Kind));
    }

    [Theory]
    [InlineData("vh1-nas", null)]
    [InlineData("10.99.0.101", null)]
    [InlineData("10.99.0.0/24", null)]
    [InlineData(
        "wrong-nas",
        "The client wrong-nas is 10.99.0.109 on uss1, which is none of the hosts' addresses: vh1 uses 10.99.0.101.")]
    [InlineData(
        "management",
        "The client management is 192.168.0.1 on uss1, which is none of the hosts' addresses: vh1 uses 10.99.0.101.")]
    [InlineData("10.99.0.103", "The client 10.99.0.103 is none of the hosts' addresses: vh1 uses 10.99.0.101.")]
    [InlineData("10.98.0.0/24", "The client 10.98.0.0/24 is none of the hosts' addresses: vh1 uses 10.99.0.101.")]
    public void Clients_are_the_hosts_that_vSphere_knows(string client, string? refusal)
    {
        NfsShareRequest request = s_request with { Clients = [new NfsClient(client)], Hosts = [s_vh1] };
        if (refusal is null)
        {
            Compare(State(), request);
            Assert.Equal("HostIsNoClient", client.Contains('/') ? "HostIsNoClient"
                : Refused(State(), request with { Hosts = [s_vh1, s_vh2] }).Id);
            return;
        }

        ZfsEsxException e = Refused(State(), request);
        Assert.Equal(("ClientIsNoHost", refusal), (e.Id, e.Message));
    }

    [Fact]
    public void Hosts_alone_are_clients_by_address()
    {
        NfsShareStep step = Assert.Single(Compare(State(), s_request with { Hosts = [s_vh1, s_vh2] }));
        Assert.StartsWith("sharenfs=rw=@10.99.0.101:@10.99.0.102,", step.Arguments[0], StringComparison.Ordinal);
        Assert.EndsWith("; no longer with vh1-nas", step.Action, StringComparison.Ordinal);
        Assert.Equal(
            "HostWithoutAddress", Refused(State(), s_request with { Hosts = [new MountingHost("vh3", [])] }).Id);
    }

    [Fact]
    public void Sizes_that_do_not_fit_and_what_the_system_lacks()
    {
        Assert.Equal("QuotaTooSmall", Refused(State(), s_request with { Quota = 4096 }).Id);
        Assert.Equal("QuotaTooSmall", Refused(State(), s_request with { RefQuota = 4096 }).Id);
        Assert.Equal("NoSpace", Refused(State(), s_request with { RefReservation = 1L << 50 }).Id);
        NfsShareState old = State() with
        {
            Values = ZfsText.PropertyValues(ZfsFixture.Text("zfs-fuse-0.7.0/zfs-get.txt")),
        };
        foreach (NfsShareRequest wanted in (NfsShareRequest[])
            [
                s_request with { Sync = "always" },
                s_request with { Compression = "zstd" },
                s_request with { RecordSize = 1 << 20 }
            ])
        {
            Assert.Equal("NotOnThisSystem", Refused(old, wanted).Id);
            Assert.NotEmpty(Compare(State(), wanted));
        }

        Assert.NotEmpty(Compare(old, s_request with { Compression = "gzip-9", RecordSize = 4096, Quota = 1L << 30 }));
        Assert.NotEmpty(Compare(State(), s_request with { Compression = "zstd-19" }));
    }

    [Theory]
    [InlineData("sharenfs", "10.0.0.1:rw;reboot")]
    [InlineData("mountpoint", "/etc")]
    [InlineData("atime", "on")]
    [InlineData("a b", "c")]
    [InlineData("user:x", "a\nb")]
    public void Properties_that_are_refused(string name, string value) => Assert.Equal(
        "InvalidProperty",
        Assert.Throws<ZfsEsxException>(() => NfsShareRules.Check(
            s_request with { Properties = new Dictionary<string, string> { [name] = value } })).Id);

    [Fact]
    public void What_changes_is_warned_of_once()
    {
        NfsShareRequest request = s_request with { MountPoint = "/x", Sync = "disabled", RecordSize = 65536 };
        IReadOnlyList<string> said = NfsShareWarnings.For(State(), request);
        Assert.Equal(2, said.Count);
        Assert.Contains(said, s => s.Contains("from now on", StringComparison.Ordinal));
        Assert.Contains(said, s => s.Contains("the last 5 to 30 seconds", StringComparison.Ordinal));
        Dictionary<string, ZfsProperty> so = new(State().Properties)
        {
            ["sync"] = new("disabled", "local"), ["recordsize"] = new("65536", "local"),
        };
        Assert.Empty(NfsShareWarnings.For(State() with { Properties = so }, request));
    }

    [Fact]
    public void Zfs_fuse_has_its_own_syntax()
    {
        ZfsFuseDialect fuse = new();
        NfsShareRequest request =
            s_request with { Clients = [new NfsClient("vh1-nas"), new NfsClient("10.99.0.0/24")] };
        string options = fuse.ShareOptions(request);
        Assert.Equal(
            "vh1-nas:rw,no_root_squash,no_subtree_check 10.99.0.0/24:rw,no_root_squash,no_subtree_check", options);
        Assert.Equal(["vh1-nas", "10.99.0.0/24"], fuse.ShareClients(options));
        Assert.Equal(["*"], fuse.ShareClients("on"));
        Assert.Empty(fuse.ShareClients("off"));
        ZfsNfsShare share = new("uss1", "a", "/a", fuse.ShareOptions(request with { ReadWrite = false }), [], [], true);
        Assert.True(share.ReadOnly);
        Assert.False((share with { Options = options }).ReadOnly);
    }

    [Theory]
    [InlineData("10.99.0.11/24", "10.99.0.11/24")]
    [InlineData("10.99.0.11/ffffff00", "10.99.0.11/24")]
    [InlineData("127.0.0.1/8", null)]
    [InlineData("10.99.0.11", null)]
    [InlineData("x/24", null)]
    public void Addresses_of_both_systems(string text, string? expected) =>
        Assert.Equal(expected, HostRules.Prefixed(text));

    /// <summary>A file system of 96 KB shared to vh1-nas on a system that knows everything.</summary>
    internal static NfsShareState State() =>
        NfsShareState.Parse("uss1", new LinuxDialect(), ZfsFixture.Text("openzfs-2.3.9/shares-full.txt"));

    private static NfsShareState Unmounted(NfsShareState state) => state with
    {
        Shares = [.. state.Shares.Select(s => s with { MountPoint = "none" })],
    };

    private static IReadOnlyList<NfsShareStep> Compare(NfsShareState state, NfsShareRequest request)
    {
        NfsShareRules.Check(request);
        return NfsSharePlanner.Compare(
            "uss1", state, NfsShareRules.Complete("uss1", state, request), new LinuxDialect());
    }

    private static ZfsEsxException Refused(NfsShareState state, NfsShareRequest request) =>
        Assert.Throws<ZfsEsxException>(() => Compare(state, request));
}
