using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZpoolPlannerTests
{
    private static readonly ZpoolRequest s_request = new()
    {
        Name = "sp2",
        Data = [new VdevSpec("disk", ["/dev/disk/by-id/virtio-data0"])],
        Log = [new VdevSpec("disk", ["vdc"])],
        Properties = new Dictionary<string, string> { ["ashift"] = "12" },
        FileSystemProperties = new Dictionary<string, string> { ["compression"] = "lz4" },
    };

    [Fact]
    public void Free_disks_become_a_pool_by_their_stable_names()
    {
        IReadOnlyList<string>? words = Compare("free", s_request, out IReadOnlyList<string> overwritten);
        Assert.Equal(
            [
                "zpool", "create", "-o", "ashift=12", "-O", "compression=lz4", "sp2", "/dev/disk/by-id/virtio-data0",
                    "log",
                "/dev/disk/by-id/virtio-log0",
            ],
            words);
        Assert.Empty(overwritten);
        Assert.Equal(
            "Create pool sp2 from /dev/disk/by-id/virtio-data0 with log vdc", ZpoolPlanner.Describe(s_request));
    }

    [Fact]
    public void Groups_and_roles_are_written_as_zpool_wants_them()
    {
        ZfsDisk[] disks = [.. "abcdefgh".Select(c => new ZfsDisk(
            "uss1", "/dev/sd" + c, "sd" + c, 1 << 30, "", "", null, null, "", ["/dev/sd" + c, "sd" + c]))];
        IReadOnlyList<string>? words = ZpoolPlanner.Compare(
            "uss1", new DiskInventory(disks, []),
            new ZpoolRequest
            {
                Name = "sp1",
                Data = [new VdevSpec("mirror", ["sda", "sdb"]), new VdevSpec("mirror", ["sdc", "sdd"])],
                Log = [new VdevSpec("mirror", ["sde", "sdf"])],
                Cache = ["sdg"],
                Spare = ["sdh"],
            },
            out _);
        Assert.Equal(
            "zpool create sp1 mirror /dev/sda /dev/sdb mirror /dev/sdc /dev/sdd log mirror /dev/sde /dev/sdf cache "
                + "/dev/sdg spare /dev/sdh",
            string.Join(" ", words!));
    }

    [Theory]
    [InlineData("/dev/vdb", "vdc")]
    [InlineData("virtio-data0", "/dev/disk/by-path/pci-0000:00:04.0")]
    public void The_pool_that_is_there_is_known_by_its_disks_whatever_they_are_called(string data, string log) =>
        Assert.Null(
        Compare("pool", s_request with { Data = [new VdevSpec("disk", [data])], Log = [new VdevSpec("disk", [log])] },
            out _));

    [Fact]
    public void Another_layout_under_the_same_name_is_refused()
    {
        ZfsEsxException e = Refused("pool", s_request with { Log = [] });
        Assert.Equal(("PoolNameTaken", FailureKind.AlreadyExists), (e.Id, e.Kind));
        Assert.Contains("data vdb; log vdc instead of data vdb", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pool", "vdb", true, "pool sp2", false)]
    [InlineData("pool", "vdc", true, "pool sp2 (log)", false)]
    [InlineData("destroyed", "vdb", false, "label of the destroyed pool sp2", true)]
    [InlineData("free", "vdd", false, "ext4 file system", true)]
    public void Disks_in_use_are_refused_with_their_use(
        string state, string disk, bool force, string use, bool leftover)
    {
        ZfsEsxException e = Refused(
            state, s_request with { Name = "sp9", Data = [new VdevSpec("disk", [disk])], Log = [], Force = force });
        Assert.Equal(("DiskInUse", FailureKind.InUse), (e.Id, e.Kind));
        Assert.Contains(use, e.Message, StringComparison.Ordinal);
        Assert.Equal(leftover, e.Advice!.Contains("-Force", StringComparison.Ordinal));
    }

    [Fact]
    public void Force_takes_a_destroyed_pools_disk_but_never_one_that_could_be_imported()
    {
        IReadOnlyList<string>? words =
            Compare("destroyed", s_request with { Force = true }, out IReadOnlyList<string> overwritten);
        Assert.Equal("-f", words![2]);
        Assert.Equal(["label of the destroyed pool sp2 on vdb", "label of the destroyed pool sp2 on vdc"], overwritten);

        // The same answer with the state of an exported pool.
        string exported = ZfsFixture.Text("openzfs-2.3.9/disks-destroyed.txt")
            .Replace("/dev/vdb1 2 ", "/dev/vdb1 1 ", StringComparison.Ordinal);
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => ZpoolPlanner.Compare(
            "uss1", LinuxDisks.Parse("uss1", exported), s_request with { Force = true }, out _));
        Assert.Contains("pool sp2, not imported", e.Message, StringComparison.Ordinal);
        Assert.Contains("zpool import", e.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void One_disk_twice_and_unknown_disks_are_refused()
    {
        ZfsEsxException e = Refused("free", s_request with { Log = [new VdevSpec("disk", ["/dev/vdb"])] });
        Assert.Equal("DiskTwice", e.Id);
        Assert.Contains("as data and as log", e.Message, StringComparison.Ordinal);
        foreach (string name in new[] { "vdz", "/dev/vdb1", "$(id)", "a b", "" })
        {
            e = Refused("free", s_request with { Data = [new VdevSpec("disk", [name])] });
            Assert.Equal(("DiskNotFound", FailureKind.NotFound), (e.Id, e.Kind));
        }
    }

    public static TheoryData<string, string, string[]> BadLayouts => new()
    {
        { "mirror", "at least 2", ["vdb"] },
        { "raidz2", "at least 3", ["vdb", "vdc"] },
        { "stripe", "none of", ["vdb"] },
        { "disk", "at least 1", [] },
    };

    [Theory]
    [MemberData(nameof(BadLayouts))]
    public void Layouts_that_cannot_be(string type, string message, string[] disks)
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(
            () => ZpoolPlanner.Check(s_request with { Data = [new VdevSpec(type, disks)] }));
        Assert.Equal("InvalidLayout", e.Id);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mixed_layouts_raidz_logs_and_bad_properties_are_refused()
    {
        string Id(ZpoolRequest r) => Assert.Throws<ZfsEsxException>(() => ZpoolPlanner.Check(r)).Id;
        Assert.Equal("InvalidLayout", Id(s_request with { Data = [] }));
        Assert.Equal("InvalidLayout", Id(s_request with { Data = [new("mirror", ["a", "b"]), new("disk", ["c"])] }));
        Assert.Equal("InvalidLayout", Id(s_request with { Log = [new("raidz1", ["a", "b"])] }));
        Assert.Equal(
            "InvalidProperty", Id(s_request with { Properties = new Dictionary<string, string> { ["-f"] = "x" } }));
        Assert.Equal("InvalidProperty",
            Id(s_request with { Properties = new Dictionary<string, string> { ["comment"] = "a\nb" } }));
    }

    private static IReadOnlyList<string>? Compare(
        string state, ZpoolRequest request, out IReadOnlyList<string> overwritten)
    {
        ZpoolPlanner.Check(request);
        return ZpoolPlanner.Compare(
            "uss1", LinuxDisks.Parse("uss1", ZfsFixture.Text("openzfs-2.3.9/disks-" + state + ".txt")), request,
                out overwritten);
    }

    private static ZfsEsxException Refused(string state, ZpoolRequest request) =>
        Assert.Throws<ZfsEsxException>(() => Compare(state, request, out _));
}
