using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZpoolPlannerTests
{
    private static readonly ZpoolRequest s_request = new()
    {
        Name = "sp2",
        Data = [new VdevSpec("disk", ["/dev/disk/by-id/virtio-vmdk2001"])],
        Log = [new VdevSpec("disk", ["vdj"])],
        Properties = new Dictionary<string, string> { ["ashift"] = "12" },
        FileSystemProperties = new Dictionary<string, string> { ["compression"] = "lz4" },
    };

    // sda to sdl of 1 GB, sdX of 2 GB, sdY with sectors of 8 KB.
    private static readonly DiskInventory s_plenty = new(
        [
            .. "abcdefghijklXY".Select(c => new ZfsDisk(
                "uss1", "/dev/sd" + c, "sd" + c, c == 'X' ? 2L << 30 : 1L << 30, "", "", null, null, "",
                ["/dev/sd" + c, "sd" + c]) { SectorSize = c == 'Y' ? 8192 : 512 }),
        ],
        []);

    [Fact]
    public void Free_disks_become_a_pool_by_their_stable_names()
    {
        ZpoolCommand command = Compare("free", s_request)!;
        Assert.Equal(
            [
                "zpool", "create", "-o", "ashift=12", "-O", "compression=lz4", "sp2", "/dev/disk/by-id/virtio-vmdk2001",
                    "log",
                "/dev/disk/by-id/virtio-DDRdriveX1",
            ],
            command.Words);
        Assert.Empty(command.Overwritten);
        Assert.Equal("/dev/disk/by-id/virtio-vmdk2001 with log vdj", ZpoolPlanner.Describe(s_request));
    }

    [Theory]
    [InlineData("mirror:a,b", "takes 2.5 MB in memory; 768 MB are there")]
    [InlineData("raidz1:a,b,c", "takes 5 MB in memory")]
    [InlineData("disk:a,b,c", "takes 7.5 MB in memory")]
    public void Deduplication_of_a_new_pool_is_warned_of_in_figures(string data, string said)
    {
        ZpoolRequest request = new()
        {
            Name = "sp1", Data = [Spec(data)],
            FileSystemProperties = new Dictionary<string, string> { ["dedup"] = "on" },
        };
        DiskInventory observed =
            s_plenty with { Memory = HostMemory.Parse(["memory 4294967296", "arc_c_max 1073741824"]) };
        Assert.Contains(
            ZpoolPlanner.New("uss1", observed, request)!.Warnings, w => w.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Groups_and_roles_are_written_as_zpool_wants_them()
    {
        ZpoolCommand? command = ZpoolPlanner.New(
            "uss1", s_plenty,
            new ZpoolRequest
            {
                Name = "sp1",
                Data = [new VdevSpec("mirror", ["sda", "sdb"]), new VdevSpec("mirror", ["sdc", "sdd"])],
                Log = [new VdevSpec("mirror", ["sde", "sdf"])],
                Special = [new VdevSpec("mirror", ["sdi", "sdj"])],
                Dedup = [new VdevSpec("mirror", ["sdk", "sdl"])],
                Cache = ["sdg"],
                Spare = ["sdh"],
            });
        Assert.Equal(
            "zpool create -o ashift=12 sp1 mirror /dev/sda /dev/sdb mirror /dev/sdc /dev/sdd special mirror /dev/sdi "
                + "/dev/sdj dedup mirror /dev/sdk /dev/sdl log mirror /dev/sde /dev/sdf cache /dev/sdg spare /dev/sdh",
            string.Join(" ", command!.Words));
    }

    [Theory]
    [InlineData("/dev/vdc", "vdj")]
    [InlineData("virtio-vmdk2001", "/dev/disk/by-path/pci-0000:00:0e.0")]
    public void The_pool_that_is_there_is_known_by_its_disks_whatever_they_are_called(string data, string log) =>
        Assert.Null(
        Compare("pool", s_request with { Data = [new VdevSpec("disk", [data])], Log = [new VdevSpec("disk", [log])] }));

    [Fact]
    public void Another_layout_under_the_same_name_is_refused()
    {
        ZfsEsxException e = Refused("pool", s_request with { Log = [] });
        Assert.Equal(("PoolNameTaken", FailureKind.AlreadyExists), (e.Id, e.Kind));
        Assert.Contains("data vdc; log vdj instead of data vdc", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pool", "vdc", true, "pool sp2", false)]
    [InlineData("pool", "vdj", true, "pool sp2 (log)", false)]
    [InlineData("destroyed", "vdc", false, "label of the destroyed pool sp2", true)]
    [InlineData("free", "vdd", false, "ext4 file system", true)]
    [InlineData("free", "vde", false, "swap area", true)]
    [InlineData("free", "vdb", true, "mounted out of sight (ext4)", false)]
    [InlineData("free", "vdg", true, "used by held1", false)]
    [InlineData("free", "vdh", true, "held by the system", false)]
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
        ZpoolCommand command = Compare("destroyed", s_request with { Force = true })!;
        Assert.Equal("-f", command.Words[2]);
        Assert.Equal(
            ["label of the destroyed pool sp2 on vdc", "label of the destroyed pool sp2 on vdj"], command.Overwritten);

        // The same answer with the state of an exported pool.
        string exported = ZfsFixture.Text("openzfs-2.3.9/disks-destroyed.txt")
            .Replace("/dev/vdc1\t2\t", "/dev/vdc1\t1\t", StringComparison.Ordinal);
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => ZpoolPlanner.New(
            "uss1", LinuxDisks.Parse("uss1", exported), s_request with { Force = true }));
        Assert.Contains("pool sp2, not imported", e.Message, StringComparison.Ordinal);
        Assert.Contains("Import-EncapsulatedZpool", e.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void One_disk_twice_and_unknown_disks_are_refused()
    {
        ZfsEsxException e = Refused("free", s_request with { Log = [new VdevSpec("disk", ["/dev/vdc"])] });
        Assert.Equal("DiskTwice", e.Id);
        Assert.Contains("as data and as log", e.Message, StringComparison.Ordinal);
        foreach (string name in new[] { "vdz", "/dev/vdc1", "$(id)", "a b", "" })
        {
            e = Refused("free", s_request with { Data = [new VdevSpec("disk", [name])] });
            Assert.Equal(("DiskNotFound", FailureKind.NotFound), (e.Id, e.Kind));
        }
    }

    public static TheoryData<string, string, string[]> BadLayouts => new()
    {
        { "mirror", "at least 2", ["vdc"] },
        { "raidz2", "at least 3", ["vdc", "vdj"] },
        { "stripe", "none of", ["vdc"] },
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
        Assert.Equal("InvalidLayout", Id(s_request with { Log = [new("raidz1", ["a", "b"])] }));
        Assert.Equal(
            "InvalidProperty", Id(s_request with { Properties = new Dictionary<string, string> { ["-f"] = "x" } }));
        Assert.Equal("InvalidProperty",
            Id(s_request with { Properties = new Dictionary<string, string> { ["comment"] = "a\nb" } }));
    }

    public static TheoryData<string, string, string> Surprises => new()
    {
        { "mirror:a,b disk:c", "", "its data groups differ in kind or number of disks (mirror of 2, single disks)" },
        { "mirror:a,b mirror:c,d,e", "", "(mirror of 2, mirror of 3)" },
        { "mirror:a,b", "log:disk:c", "its data can lose 1 disk but its log disk cannot be lost" },
        { "raidz2:a,b,c,d", "special:mirror:e,f", "its data can lose 2 disks but its special disks only 1 disk" },
        { "mirror:a,b", "dedup:disk:c", "its dedup disk cannot be lost" },
        { "mirror:a,X", "", "the disks of a mirror differ in size (sda 1 GB, sdX 2 GB)" },
    };

    [Theory]
    [MemberData(nameof(Surprises))]
    public void Layouts_that_surprise_are_refused_unless_told(string data, string more, string message)
    {
        ZpoolRequest request = new() { Name = "sp1", Data = [.. data.Split(' ').Select(Spec)] };
        IReadOnlyList<VdevSpec> other =
            more.Length == 0 ? [] : [Spec(more[(more.IndexOf(':', StringComparison.Ordinal) + 1)..])];
        request = more.Split(':')[0] switch
        {
            "log" => request with { Log = other },
            "special" => request with { Special = other },
            "dedup" => request with { Dedup = other },
            _ => request,
        };
        ZpoolPlanner.Check(request);
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(
            () => ZpoolPlanner.New("uss1", s_plenty, request with { Force = true }));
        Assert.Equal("InvalidLayout", e.Id);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal("-f", ZpoolPlanner.New("uss1", s_plenty, request with { AllowUneven = true })!.Words[2]);
    }

    [Fact]
    public void The_sectors_of_the_disks_make_the_ashift_where_the_system_has_one()
    {
        ZpoolRequest request = new() { Name = "sp1", Data = [new("disk", ["sda"])], Cache = ["sdY"] };
        Assert.Contains("ashift=13", ZpoolPlanner.New("uss1", s_plenty, request)!.Words);
        Assert.Contains("ashift=12", ZpoolPlanner.New("uss1", s_plenty, request with { Cache = [] })!.Words);
        DiskInventory old = s_plenty with
        {
            Features = ZpoolFeatures.Parse(Sections.Split("\u001eproperties\nsize\n\u001efeatures\n1\n14\n")),
        };
        Assert.Equal(
            ["zpool", "create", "sp1", "/dev/sda"], ZpoolPlanner.New("uss1", old, request with { Cache = [] })!.Words);
        Dictionary<string, string> given = new() { ["ashift"] = "9" };
        Assert.Contains("sectors of 4096 bytes", Assert.Single(ZpoolPlanner.New(
            "uss1", s_plenty, request with { Properties = given })!.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("14", "raidz3", "")]
    [InlineData("9", "disk", "cache")]
    [InlineData("6", "disk", "log")]
    [InlineData("23", "disk", "special")]
    public void What_an_old_ZFS_lacks_is_not_on_this_system(string version, string type, string role)
    {
        DiskInventory old = s_plenty with
        {
            Features = ZpoolFeatures.Parse(Sections.Split("\u001efeatures\n1\n" + version + "\n")),
        };
        ZpoolRequest request = new()
        {
            Name = "sp1",
            Data = [new(type, type == "disk" ? ["sda"] : ["sda", "sdb", "sdc", "sdd"])],
            Cache = role == "cache" ? ["sdh"] : [],
            Log = role == "log" ? [new("disk", ["sdh"])] : [],
            Special = role == "special" ? [new("disk", ["sdh"])] : [],
        };
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => ZpoolPlanner.New("uss1", old, request));
        Assert.Equal(("NotOnThisSystem", FailureKind.NotSupported), (e.Id, e.Kind));
        Assert.NotNull(ZpoolPlanner.New("uss1", s_plenty, request));
    }

    [Fact]
    public void Real_systems_say_what_they_can_do()
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(ZfsFixture.Text("openzfs-2.3.9/disks-free.txt"));
        ZpoolFeatures now = ZpoolFeatures.Parse(parts);
        Assert.True(now.HasProperty("ashift"));
        Assert.False(now.HasProperty("nosuch"));
        now.Require("uss1", "Special disks", "allocation_classes");
        ZpoolFeatures old = ZpoolFeatures.Parse(Sections.Split(ZfsFixture.Text("zfs-fuse-0.7.0/features.txt")));
        Assert.True(old.HasProperty("ashift"));
        old.Require("uss1", "raidz3", "", version: 17);
        Assert.Throws<ZfsEsxException>(() => old.Require("uss1", "Special disks", "allocation_classes"));
    }

    [Fact]
    public void Adding_is_idempotent_and_holds_to_the_pools_redundancy()
    {
        DiskInventory there = s_plenty with
        {
            Pools = ZpoolText.Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/pool-layout-all.txt")
                .Replace("virtio-vmdk2001", "sda            ", StringComparison.Ordinal)
                .Replace("virtio-vmdk2002", "sdb            ", StringComparison.Ordinal)
                .Replace("virtio-vmdk2005", "sdg            ", StringComparison.Ordinal)),
        };
        ZpoolLayout layout = new() { Name = "all", Data = [new("mirror", ["sdb", "sda"])], Cache = ["sdg"] };
        Assert.Null(ZpoolPlanner.Add("uss1", there, layout));
        ZpoolCommand more = ZpoolPlanner.Add(
            "uss1", there, layout with { Cache = ["sdg", "sdh"], Log = [new("mirror", ["sdc", "sdd"])] })!;
        Assert.Equal("zpool add all log mirror /dev/sdc /dev/sdd cache /dev/sdh", string.Join(" ", more.Words));
        Assert.Empty(more.Warnings);
        string Id(ZpoolLayout l) => Assert.Throws<ZfsEsxException>(() => ZpoolPlanner.Add("uss1", there, l)).Id;
        Assert.Equal("InvalidLayout", Id(layout with { Data = [new("disk", ["sdc"])] }));
        Assert.Equal("InvalidLayout", Id(layout with { Special = [new("disk", ["sdc"])] }));
        Assert.Equal("PoolNotFound", Id(layout with { Name = "none" }));
        Assert.Contains("stay in the pool", Assert.Single(
            ZpoolPlanner.Add("uss1", there, layout with { Data = [new("mirror", ["sdc", "sdd"])] })!.Warnings),
            StringComparison.Ordinal);
    }

    // "mirror:a,b" with the last letters of sda and sdb.
    private static VdevSpec Spec(string text) =>
        new(text.Split(':')[0], [.. text.Split(':')[1].Split(',').Select(d => "sd" + d)]);

    private static ZpoolCommand? Compare(string state, ZpoolRequest request)
    {
        ZpoolPlanner.Check(request);
        return ZpoolPlanner.New(
            "uss1", LinuxDisks.Parse("uss1", ZfsFixture.Text("openzfs-2.3.9/disks-" + state + ".txt")), request);
    }

    private static ZfsEsxException Refused(string state, ZpoolRequest request) =>
        Assert.Throws<ZfsEsxException>(() => Compare(state, request));
}
