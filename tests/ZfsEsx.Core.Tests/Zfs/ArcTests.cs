using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ArcTests
{
    private const long Mega = 1L << 20;
    private const long Giga = 1L << 30;

    [Theory]
    [InlineData(768, 384)]
    [InlineData(2048, 1024)]
    [InlineData(3072, 2048)]
    [InlineData(4096, 3072)]
    [InlineData(8192, 6144)]
    [InlineData(65536, 49152)]
    public void What_is_recommended_leaves_room(long memory, long arc) =>
        Assert.Equal(arc * Mega, HostMemory.Recommended(memory * Mega));

    [Theory]
    [InlineData("", "# ZfsEsx: the most that the ARC may take (Set-ZfsArc).\noptions zfs zfs_arc_max=3\n")]
    [InlineData("options zfs l2arc_noprefetch=0", "options zfs l2arc_noprefetch=0\n# ZfsEsx: the most that the ARC may take (Set-ZfsArc).\noptions zfs zfs_arc_max=3\n")]
    [InlineData(
        "# zfs_arc_max=9\noptions zfs zfs_arc_max=7 zfs_arc_min=1 # mine\n",
        "# zfs_arc_max=9\noptions zfs zfs_arc_max=3 zfs_arc_min=1 # mine\n")]
    [InlineData("options zfs \\\n  zfs_arc_max=0x40\r\n", "options zfs \\\n  zfs_arc_max=3\r\n")]
    public void The_line_of_the_module(string before, string after)
    {
        Assert.Equal(after, ArcSetting.Module.Set(before, 3));
        Assert.Equal(after, ArcSetting.Module.Set(after, 3));
        Assert.Equal(3, ArcSetting.Module.Find(after));
    }

    [Theory]
    [InlineData("* a comment: set zfs:zfs_arc_max = 5\n", null)]
    [InlineData("set zfs:zfs_arc_max = 0x60000000\n", 0x60000000L)]
    [InlineData("set zfs:zfs_arc_max=5\nset zfs:zfs_arc_max=6\n", 6L)]
    [InlineData("set zfs:zfs_arc_max=99999999999999999999\n", null)]
    public void The_line_of_etc_system(string text, long? found)
    {
        Assert.Equal(found, ArcSetting.System.Find(text));
        string set = ArcSetting.System.Set(text, Giga);
        Assert.Equal(Giga, ArcSetting.System.Find(set));
        Assert.Contains("zfs:zfs_arc_max", set, StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_zfs_fuse_is_in_megabytes()
    {
        string text = ZfsFixture.Text("zfs-fuse-0.7.0/zfsrc.txt");
        Assert.Equal(100 * Mega, ArcSetting.Fuse.Find(text));
        string set = ArcSetting.Fuse.Set(text, 256 * Mega);
        Assert.Equal(text.Replace("max-arc-size = 100", "max-arc-size = 256"), set);
    }

    [Theory]
    [InlineData(63, "ArcTooSmall")]
    [InlineData(150, "ArcTooSmall")]
    [InlineData(7800, "ArcTooLarge")]
    [InlineData(4096, null)]
    public void Limits_that_ZFS_ignores_or_that_starve_the_system(long megabytes, string? id)
    {
        ArcState state = State("memory 8589934592\narc_c_max 4294967296\narc_c_min 268435456\narc_size 1000\n");
        Assert.Equal(
            id, Record.Exception(() => state.Check("uss1", megabytes * Mega)) is ZfsEsxException e ? e.Id : null);
    }

    [Fact]
    public void Another_file_that_sets_it_is_named()
    {
        ZfsEsxException e = Assert.Throws<ZfsEsxException>(() => (State("memory 8589934592\n") with
        {
            Elsewhere = ["/etc/modprobe.d/local.conf"],
        }).Check("uss1", Giga));
        Assert.Equal("ArcSetElsewhere", e.Id);
        Assert.Contains("/etc/modprobe.d/local.conf", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_of_deduplication_raise_what_is_recommended()
    {
        ArcState state = State("memory 8589934592\narc_c_max 6442450944\n") with { Tables = 5 * Giga };
        Assert.Equal((long)(5 * Giga / 0.75) >> 20 << 20, state.Recommended);
        Assert.Contains(
            "do not fit",
            (state with { Memory = state.Memory with { ArcMax = Giga } }).Describe("uss1").Advice,
            StringComparison.Ordinal);
        Assert.Contains(
            ZfsArcs.Warnings("uss1", state, Giga),
            w => w.Contains("5 GB of memory and do not fit", StringComparison.Ordinal));
        Assert.Contains(
            "Set-ZfsArc -ZfsHost uss1 -Max 6827MB",
            new HostMemory(8 * Giga, Giga).Advice("uss1", 5 * Giga),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_system_without_it_says_so() => Assert.Equal(
        "NotOnThisSystem", Assert.Throws<ZfsEsxException>(() => ArcState.Parse("uss1", "\u001ememory\nmemory 1\n")).Id);

    private static ArcState State(string memory) =>
        ArcState.Parse("uss1", "\u001ememory\n" + memory + "\u001esystem\nmodule\n\u001econfig\n");
}
