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
        Assert.Equal((268435456L, true), (pool.Size.Bytes, pool.Allocated.Bytes + pool.Free.Bytes == pool.Size.Bytes));
        Assert.Equal((0, 1.0), (pool.Capacity, pool.DedupRatio));
        Assert.Equal(["virtio-DDRdriveX1"], pool.Log);
        Assert.Equal("No known data errors", pool.Errors);
        Assert.Equal(("", ""), (pool.Scan, pool.Status));
        Assert.Equal(
            ["Data disk virtio-vmdk2001 ONLINE", "Log disk virtio-DDRdriveX1 ONLINE"],
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

    public static TheoryData<string, string, string, string> Real => new()
    {
        { "layout-all", "ONLINE", "", "" },
        { "name-with-blank", "ONLINE", "", "" },
        { "scrub-running", "ONLINE", "scrub running at 71 %", "" },
        { "scrub-paused", "ONLINE", "scrub paused at 50.1 %", "" },
        { "scrub-canceled", "ONLINE", "scrub canceled", "" },
        {
            "offline", "DEGRADED", "scrub canceled",
            "The disk slowd was taken offline: bring it back on the storage VM with zpool online mir slowd."
        },
        {
            "resilvering", "DEGRADED", "resilver running at 85.4 %, 00:00:00 to go",
            "The disk slowd is being replaced. Wait for the resilver running at 85.4 %, 00:00:00 to go; "
                + "take no other disk away until then."
        },
        { "resilvered", "ONLINE", "resilver finished", "" },
        {
            "faulted", "DEGRADED", "scrub finished",
            "The disk slowe is FAULTED (too many errors): bring it back, "
                + "or replace it on the storage VM with zpool replace mir slowe NEW,"
        },
        {
            "checksum-repaired", "ONLINE", "scrub finished",
            "Errors were counted on slowd: look at its cable and health."
        },
        {
            "data-errors", "ONLINE", "scrub finished",
            "Data is damaged: bring these files back from a replica or a backup"
        },
        { "removing", "ONLINE", "", "" },
        {
            "suspended", "SUSPENDED", "",
            "Reading and writing stand still, because disks do not answer slowc: bring them back"
        },
        {
            "log-missing", "DEGRADED", "",
            "The log disk 8974127214677677127 (was /dev/mapper/lind) is UNAVAIL: bring it back, or take it out"
        },
    };

    [Theory]
    [MemberData(nameof(Real))]
    public void Real_states_their_progress_and_advice(string file, string state, string progress, string advice)
    {
        IReadOnlyDictionary<string, string> parts =
            Sections.Split(ZfsFixture.Text("openzfs-2.3.9/pool-" + file + ".txt"));
        Zpool pool = Assert.Single(ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status")));
        Assert.Equal((state, progress), (pool.State, pool.Progress?.ToString() ?? ""));
        Assert.Equal(advice.Length == 0, pool.Advice.Length == 0);
        Assert.Contains(advice, pool.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_a_pool_can_be_made_of()
    {
        string Of(string file) => string.Join(" ", ZpoolText
            .Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/pool-" + file + ".txt"))
            .SelectMany(p => p.Vdevs)
            .Select(v => v.Role + ":" + Tree(v)));
        Assert.Equal(
            "Data:mirror(virtio-vmdk2001,virtio-vmdk2002) Log:virtio-vmdk2003 Cache:virtio-vmdk2005 "
                + "Spare:virtio-vmdk2006 Special:virtio-vmdk2004",
            Of("layout-all"));
        Assert.Equal(
            "Data:mirror(virtio-vmdk2001,virtio-vmdk2002) Data:mirror(virtio-vmdk2003,virtio-vmdk2004)",
            Of("name-with-blank"));
    }

    [Fact]
    public void A_removal_says_how_far_it_is()
    {
        Zpool Read(string file) =>
            Assert.Single(ZpoolText.Pools("uss1", null, ZfsFixture.Text("openzfs-2.3.9/pool-" + file + ".txt")));
        Assert.Equal(100, ZpoolRemoval.Percent(Read("removing").Removal));
        Assert.Null(ZpoolRemoval.Percent(Read("removed").Removal));
        Assert.Equal("slowc", Assert.Single(Read("removed").Vdevs).Name);
    }

    // OpenZFS 2.3.9 and zfs-fuse 0.7.0 as captured; the others as the sources of illumos (print_scan_status) and snv_134 write them.
    [Theory]
    [InlineData(
        "scrub repaired 0B in 00:00:08 with 0 errors on Sun Nov 22 16:50:37 2026",
        "scrub finished", 0L, "2026-11-22 16:50:37")]
    [InlineData("resilver in progress since Sun Nov  2 16:51:03 2026 1G / 2G scanned at 1M/s, 52.1M / 61.0M issued at 10.4M/s 39.5M resilvered, 5.37% done, 2 days 01:02:03 to go", "resilver running at 5.4 %, 2.01:02:03 to go", null, "2026-11-02 16:51:03")]
    [InlineData("scrub in progress since Mon Jan  5 10:00:00 2015 1.23G scanned out of 2.34T at 12M/s, 55h12m to go 0 repaired, 12.34% done", "scrub running at 12.3 %, 2.07:12:00 to go", null, "2015-01-05 10:00:00")]
    [InlineData(
        "scrub in progress for 0h5m, 12.34% done, 0h35m to go",
        "scrub running at 12.3 %, 00:35:00 to go", null, null)]
    [InlineData(
        "scrub completed after 0h0m with 3 errors on Sun Nov 22 16:49:29 2026",
        "scrub finished", 3L, "2026-11-22 16:49:29")]
    [InlineData(
        "scrub stopped after 0h1m with 0 errors on Sun Nov 22 16:49:29 2026",
        "scrub canceled", 0L, "2026-11-22 16:49:29")]
    [InlineData("scrub in progress since Sun Nov 22 16:50:29 2026 0B repaired, 0.00% done, 99999999999999999 days 00:00:00 to go", "scrub running at 0 %", null, "2026-11-22 16:50:29")]
    public void Progress_of_all_systems(string text, string said, long? errors, string? time)
    {
        ZpoolScan scan = ZpoolScan.Parse(text)!;
        Assert.Equal(
            (said, errors, time),
            (scan.ToString(), scan.Errors,
                scan.Time?.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Damaged_files_are_named()
    {
        Zpool pool = Assert.Single(ZpoolText.Pools(
            "uss1", null, ZfsFixture.Text("openzfs-2.3.9/pool-data-errors.txt"),
            "mir\t        /mir/a b/c$(x)\nother\t  /x\n"));
        Assert.Equal(["/mir/a b/c$(x)"], pool.DamagedFiles);
        Assert.Contains("Data is damaged (/mir/a b/c$(x))", pool.Advice, StringComparison.Ordinal);
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
