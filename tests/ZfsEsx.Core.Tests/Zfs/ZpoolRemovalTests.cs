using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZpoolRemovalTests
{
    private const string Mirrors = """
          pool: sp1
         state: ONLINE
        config:

        TABNAME        STATE     READ WRITE CKSUM
        TABsp1         ONLINE       0     0     0
        TAB  mirror-0  ONLINE       0     0     0
        TAB    sda     ONLINE       0     0     0
        TAB    sdb     ONLINE       0     0     0
        TAB  mirror-1  ONLINE       0     0     0
        TAB    sdc     ONLINE       0     0     0
        TAB    sdd     ONLINE       0     0     0
        TABlogs
        TAB  sde       ONLINE       0     0     0
        TABcache
        TAB  sdf       ONLINE       0     0     0
        TAB  9876543   UNAVAIL      0     0     0  was /dev/sdg1
        """;

    [Theory]
    [InlineData("id-sde", "log id-sde")]
    [InlineData("sde id-sdf", "log id-sde, cache id-sdf")]
    [InlineData("mirror-1", "data mirror-1 of sdc, sdd")]
    [InlineData("sdd id-sdc", "data mirror-1 of sdc, sdd")]
    [InlineData("id-9876543", "cache id-9876543")]
    [InlineData("/dev/sdg1", "cache id-9876543")]
    [InlineData("sdh", "")]
    public void Disks_by_any_name_leave_by_the_pools_own(string disks, string removed) =>
        Assert.Equal(removed, string.Join(", ", Compare(Mirrors, disks).Select(ZpoolRemoval.Describe)));

    [Theory]
    [InlineData("sdc", "DiskInGroup")]
    [InlineData("nosuch", "DiskNotFound")]
    [InlineData("$(id)", "DiskNotFound")]
    [InlineData("mirror-0 mirror-1", "DeviceNotRemovable")]
    public void Refused(string disks, string id) =>
        Assert.Equal(id, Assert.Throws<ZfsEsxException>(() => Compare(Mirrors, disks)).Id);

    [Fact]
    public void Raidz_keeps_its_data_disks_and_old_systems_too()
    {
        string raidz = Mirrors.Replace("mirror-0", "raidz1-0", StringComparison.Ordinal);
        Assert.Equal("DeviceNotRemovable", Assert.Throws<ZfsEsxException>(() => Compare(raidz, "mirror-1")).Id);
        Assert.Equal(
            "NotOnThisSystem", Assert.Throws<ZfsEsxException>(() => Compare(Mirrors, "mirror-1", version: 23)).Id);
        Assert.Single(Compare(Mirrors, "sde", version: 23));
        Assert.Equal("NotOnThisSystem", Assert.Throws<ZfsEsxException>(() => Compare(Mirrors, "sde", version: 18)).Id);
        string suspended = Mirrors.Replace("state: ONLINE", "state: SUSPENDED", StringComparison.Ordinal);
        Assert.Equal("PoolNotUsable", Assert.Throws<ZfsEsxException>(() => Compare(suspended, "sde")).Id);
    }

    private static IReadOnlyList<(string Name, Vdev Vdev)> Compare(string status, string disks, int version = 0)
    {
        string text = status.Replace("TAB", "\t", StringComparison.Ordinal);
        IReadOnlyList<Vdev> plain = ZpoolText.Pools("uss1", null, text)[0].Vdevs;
        DiskInventory observed = new(
            [
                .. "abcdefh".Select(c => new ZfsDisk(
                    "uss1", "id-sd" + c, "sd" + c, 1 << 30, "", "", null, null, "", ["id-sd" + c, "sd" + c])),
            ],
            ZpoolText.Pools("uss1", null, text))
        {
            Features = ZpoolFeatures.Parse(Sections.Split(version == 0 ? "" : "\u001efeatures\n1\n" + version + "\n")),
        };
        return ZpoolRemoval.Compare("uss1", observed, "sp1", [.. plain.Select(Plain)], disks.Split(' '));
    }

    // The pool's own names differ from the disks' present ones.
    private static Vdev Plain(Vdev vdev) => vdev.Children.Count == 0
        ? vdev with { Name = "id-" + vdev.Name } : vdev with { Children = [.. vdev.Children.Select(Plain)] };
}
