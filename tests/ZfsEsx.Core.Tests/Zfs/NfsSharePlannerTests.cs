using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class NfsSharePlannerTests
{
    private static readonly NfsShareRequest s_there = new()
    {
        FileSystem = "sp2/nas/vol0",
        MountPoint = "/export/uss1-nas-vol0",
        Clients = [new NfsClient("vh1-nas", "10.99.0.101"), new NfsClient("vh2-nas", "10.99.0.102")],
        Atime = true,
    };

    private static readonly NfsShareRequest s_new = new()
    {
        FileSystem = "sp2/new", MountPoint = "/export/new", Clients = [new NfsClient("vh1-nas")], RecordSize = 65536,
    };

    [Fact]
    public void What_is_so_needs_nothing() => Assert.Empty(Steps("shares", s_there));

    [Fact]
    public void A_new_file_system_is_created_and_shared()
    {
        NfsShareStep[] steps = [.. Steps("shares-new", s_new, InEmptyDirectory)];
        Assert.Equal([NfsShareStepKind.Create, NfsShareStepKind.Share], steps.Select(s => s.Kind));
        Assert.Equal(["mountpoint=/export/new", "atime=off", "recordsize=65536"], steps[0].Arguments);
        Assert.Equal(["sharenfs=rw=vh1-nas,no_root_squash,no_subtree_check"], steps[1].Arguments);
        Assert.Equal("Share /export/new for reading and writing with vh1-nas", steps[1].Action);
    }

    [Fact]
    public void Properties_are_compared_by_value_and_a_client_that_loses_access_is_named()
    {
        NfsShareStep[] steps =
        [
            .. Steps("shares", s_there with
            {
                Atime = false,
                RecordSize = 131072,
                Properties = new Dictionary<string, string> { ["quota"] = "0", ["com.example:role"] = "primary" },
                Clients = [s_there.Clients[0]],
            }),
        ];
        Assert.Equal("Set atime from on to off, com.example:role from  to primary", steps[0].Action);
        Assert.EndsWith("with vh1-nas; no longer with vh2-nas", steps[1].Action, StringComparison.Ordinal);
        Assert.Equal(ChangeRisk.Disruptive, steps[1].Risk);
    }

    [Fact]
    public void A_share_that_the_server_forgot_is_exported_again()
    {
        NfsShareState state = State("shares");
        ZfsNfsShare[] forgotten = [.. state.Shares.Select(s => s with { Exported = [] })];
        NfsShareStep step = Assert.Single(NfsSharePlanner.Compare(
            "uss1", state with { Shares = forgotten }, s_there, new LinuxDialect()));
        Assert.Equal(NfsShareStepKind.Share, step.Kind);
    }

    [Fact]
    public void Client_names_must_mean_the_right_address_on_the_storage_vm()
    {
        ZfsEsxException e = Refused("shares", s_there with { Clients = [new NfsClient("vh9-nas", "10.99.0.109")] });
        Assert.Equal(("ClientNameNotResolved", "vh9-nas"), (e.Id, e.Target));
        Assert.Contains("Set-ZfsHostName -ZfsHost uss1 -Entry @{ 'vh9-nas' = '10.99.0.109' }", e.Advice,
            StringComparison.Ordinal);
        e = Refused("shares", s_there with { Clients = [new NfsClient("vh1-nas", "10.99.0.109")] });
        Assert.Equal("ClientAddressDiffers", e.Id);
        Assert.Contains("is 10.99.0.101 on uss1, but its host uses 10.99.0.109", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_and_states_that_do_not_fit()
    {
        Assert.Equal("PoolNotFound", Refused("shares-new", s_new with { FileSystem = "sp7/x" }).Id);
        ZfsEsxException e = Refused("shares-new", s_new with { MountPoint = "/etc" });
        Assert.Equal(("MountPointInUse", FailureKind.InUse), (e.Id, e.Kind));
        e = Refused("shares", s_there with { FileSystem = "sp2/other" });
        Assert.Contains("it is the mount point of sp2/nas/vol0", e.Message, StringComparison.Ordinal);
        NfsShareState state = State("shares");
        Assert.Equal("NfsServerMissing", Refused(state with { Server = NfsServerState.Missing }, s_there).Id);
        Assert.Equal("PoolNotUsable",
            Refused(state with { Pools = new Dictionary<string, string> { ["sp2"] = "SUSPENDED" } }, s_there).Id);
        Assert.Equal("FileSystemReadOnly", Refused(With(state, "readonly", "on"), s_there).Id);
        Assert.Equal("NotAFileSystem", Refused(With(state, "type", "volume"), s_there).Id);
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/")]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/a b")]
    [InlineData("/a;id")]
    [InlineData("/$(id)")]
    [InlineData("/a\nb")]
    [InlineData("/a'b")]
    [InlineData("/ä")]
    [InlineData("/a&b")]
    [InlineData("/a|b")]
    [InlineData("/a>b")]
    [InlineData("/a`id`")]
    public void Mount_points_that_are_refused(string path) => Assert.Equal(
        "InvalidMountPoint",
            Assert.Throws<ZfsEsxException>(() => NfsShareRules.Check(s_new with { MountPoint = path })).Id);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("vh1,no_root_squash")]
    [InlineData("vh1:vh2")]
    [InlineData("*")]
    [InlineData("-x")]
    [InlineData("$(id)")]
    [InlineData("vh1\nvh2")]
    [InlineData("10.99.0")]
    [InlineData("10.99.0.0/33")]
    public void Client_names_that_are_refused(string name) => Assert.Equal(
        "InvalidClientName", Assert.Throws<ZfsEsxException>(
            () => NfsShareRules.Check(s_new with { Clients = [new NfsClient(name)] })).Id);

    [Theory]
    [InlineData(1000)]
    [InlineData(0)]
    [InlineData(33554432)]
    public void Record_sizes_that_are_refused(long size) => Assert.Equal(
        "InvalidProperty",
            Assert.Throws<ZfsEsxException>(() => NfsShareRules.Check(s_new with { RecordSize = size })).Id);

    [Fact]
    public void Every_system_has_its_own_syntax()
    {
        NfsShareRequest request = s_there with { Clients = [new NfsClient("vh1-nas"), new NfsClient("10.99.0.0/24")] };
        Assert.Equal(
            "rw=vh1-nas:@10.99.0.0/24,no_root_squash,no_subtree_check", new LinuxDialect().ShareOptions(request));
        Assert.Equal(
            "rw=vh1-nas:@10.99.0.0/24,root=vh1-nas:@10.99.0.0/24",
                new SolarisDialect(HostSystem.OpenSolaris).ShareOptions(request));
        Assert.StartsWith(
            "ro=", new LinuxDialect().ShareOptions(request with { ReadWrite = false }), StringComparison.Ordinal);
        Assert.Equal("SystemNotSupportedYet",
            Assert.Throws<ZfsEsxException>(() => new UnknownDialect(HostSystem.FreeBsd).ShareOptions(request)).Id);
        Assert.Equal(["vh1-nas", "10.99.0.0/24"], ShareSyntax.Clients("sec=sys,rw=vh1-nas:@10.99.0.0/24,root=vh1-nas"));
        Assert.Equal(["*"], ShareSyntax.Clients("on"));
        Assert.Empty(ShareSyntax.Clients("off"));
        Assert.Equal(
            ["vh3-nas", "vh2-nas"],
            ShareSyntax.Share(
                "-               /export/uss1-nas-vol0   rw=vh3-nas:vh2-nas,root=vh3-nas:vh2-nas   \"\"  "
                + "\n")["/export/uss1-nas-vol0"]);
    }

    private static NfsShareState InEmptyDirectory(NfsShareState state) => state with { InDirectory = "" };

    private static NfsShareState State(string file)
    {
        NfsShareState state =
            NfsShareState.Parse("uss1", new LinuxDialect(), ZfsFixture.Text("openzfs-2.3.9/" + file + ".txt"));
        state = state with { Server = NfsServerState.Running };
        return file == "shares" ? state with { InDirectory = "" } : state;
    }

    private static NfsShareState With(NfsShareState state, string property, string value) => state with
    {
        Properties = new Dictionary<string,
            ZfsProperty>(state.Properties) { [property] = new ZfsProperty(value, "local") },
    };

    private static IReadOnlyList<NfsShareStep> Steps(
        string file, NfsShareRequest request, Func<NfsShareState, NfsShareState>? change = null)
    {
        NfsShareRules.Check(request);
        NfsShareState state = change is null ? State(file) : change(State(file));
        return NfsSharePlanner.Compare(
            "uss1", state, NfsShareRules.Complete("uss1", state, request), new LinuxDialect());
    }

    private static ZfsEsxException Refused(string file, NfsShareRequest request) => Refused(State(file), request);

    private static ZfsEsxException Refused(NfsShareState state, NfsShareRequest request) =>
        Assert.Throws<ZfsEsxException>(() => NfsSharePlanner.Compare(
            "uss1", state, NfsShareRules.Complete("uss1", state, request), new LinuxDialect()));
}
