using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZpoolTextTests
{
    [Fact]
    public void A_pool_with_a_log_from_list_and_status()
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(ZfsFixture.Text("openzfs-2.3.9/pools.txt"));
        Zpool pool = Assert.Single(ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status")));
        Assert.Equal(("uss1", "sp2", "ONLINE"), (pool.ZfsHost, pool.Name, pool.State));
        Assert.Equal((8053063680L, 380928L, 8052682752L), (pool.Size.Bytes, pool.Allocated.Bytes, pool.Free.Bytes));
        Assert.Equal((0, 0, 1.0), (pool.Capacity, pool.Fragmentation, pool.DedupRatio));
        Assert.Equal(["virtio-log0"], pool.Log);
        Assert.Equal("No known data errors", pool.Errors);
        Assert.Equal(("", ""), (pool.Scan, pool.Status));
        Assert.Equal(
            ["Data disk virtio-data0 ONLINE", "Log disk virtio-log0 ONLINE"],
                pool.Vdevs.Select(v => $"{v.Role} {v.Type} {v.Name} {v.State}"));
    }

    [Theory]
    [InlineData("15-scrub-running", "mir", "ONLINE", "Data:mirror(/lab/d/m1,/lab/d/m2)")]
    [InlineData("16-degraded", "mir", "DEGRADED", "Data:mirror(/lab/d/m1,/lab/d/m2)")]
    [InlineData("16-resilvering", "mir", "DEGRADED", "Data:mirror(/lab/d/m1,replacing(/lab/d/m2,/lab/d/m3))")]
    [InlineData("17-unavail", "mir", "DEGRADED", "Data:mirror(/lab/d/m1,3747693539830313745)")]
    [InlineData("18-raidz-status", "rz", "ONLINE", "Data:raidz1(/lab/d/m1,/lab/d/m2,/lab/d/m3) Spare:/lab/d/m4")]
    [InlineData("20-log-offline-status", "tank", "DEGRADED", "Data:virtio-data0 Log:virtio-log0")]
    [InlineData("24-suspended", "tank", "SUSPENDED", "Data:virtio-data0 Log:virtio-log0")]
    public void States_and_trees(string file, string name, string state, string tree)
    {
        Zpool pool = Assert.Single(ZpoolText.Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/" + file + ".txt")));
        Assert.Equal((name, state), (pool.Name, pool.State));
        Assert.Equal(tree, string.Join(" ", pool.Vdevs.Select(v => v.Role + ":" + Tree(v))));
    }

    [Fact]
    public void Texts_errors_and_notes()
    {
        Zpool suspended =
            Assert.Single(ZpoolText.Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/24-suspended.txt")));
        Assert.Equal(3, suspended.Vdevs[0].ReadErrors);
        Assert.Equal("3 data errors, use '-v' for a list", suspended.Errors);
        Assert.StartsWith("One or more devices are faulted", suspended.Status, StringComparison.Ordinal);
        Zpool unavail = Assert.Single(ZpoolText.Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/17-unavail.txt")));
        Assert.Equal("was /lab/d/m3", unavail.Vdevs[0].Children[1].Note);
        Assert.StartsWith("scrub repaired 0B in 00:00:01", unavail.Scan, StringComparison.Ordinal);
        Zpool scrub =
            Assert.Single(ZpoolText.Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/15-scrub-running.txt")));
        Assert.EndsWith("0B repaired, 0.00% done, no estimated completion time", scrub.Scan, StringComparison.Ordinal);
    }

    [Fact]
    public void The_older_command_line_is_read_too()
    {
        // zfs-fuse has neither -p nor fragmentation; the column dedupratio was added by hand as it prints it in "zpool
        // list".
        string list = ZfsFixture.Text("zfs-fuse-0.7.0/zpool-list-H.txt")
            .Replace("\tONLINE", "\t1.00x\tONLINE", StringComparison.Ordinal);
        Zpool pool = Assert.Single(ZpoolText.Pools("uss1", list, ZfsFixture.Text("zfs-fuse-0.7.0/zpool-status.txt")));
        Assert.Equal(("tank", "ONLINE", ""), (pool.Name, pool.State, pool.Scan));
        Assert.Equal(
            (1016L << 20, 444L << 10, (int?)null), (pool.Size.Bytes, pool.Allocated.Bytes, pool.Fragmentation));
        Assert.Equal(["/mnt/disks/log"], pool.Log);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-", 0)]
    [InlineData("8053063680", 8053063680)]
    [InlineData("7.50G", 8053063680)]
    [InlineData("456K", 466944)]
    [InlineData("0B", 0)]
    [InlineData("1.5T", 1649267441664)]
    [InlineData("none", 0)]
    [InlineData("soon", 0)]
    public void Sizes(string text, long bytes) => Assert.Equal(bytes, ZfsText.Number(text));

    [Fact]
    public void Properties_of_both_systems()
    {
        IReadOnlyDictionary<string, ZfsProperty> p =
            ZfsText.Properties(string.Join("\n", ZfsFixture.Text("openzfs-2.3.9/07-zfs-get-all-Hp.txt").Split('\n')
                .Where(l => l.Contains('\t', StringComparison.Ordinal))
                    .Select(l => l[(l.IndexOf('\t', StringComparison.Ordinal) + 1)..])));
        Assert.Equal(new ZfsProperty("rw=@10.99.0.0/24,no_root_squash", "local"), p["sharenfs"]);
        Assert.Equal(new ZfsProperty("lz4", "inherited from tank"), p["compression"]);
        Assert.Equal("primary", p["com.example:role"].Value);
    }

    private static string Tree(Vdev vdev) =>
        vdev.Children.Count == 0 ? vdev.Name : vdev.Type + "(" + string.Join(",", vdev.Children.Select(Tree)) + ")";
}
