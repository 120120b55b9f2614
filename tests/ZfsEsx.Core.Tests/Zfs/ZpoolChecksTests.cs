using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZpoolChecksTests
{
    [Theory]
    [InlineData("memory 805306368\narc_c_max 402653184", ZpoolCheckStatus.Passed, "288 MB are there for it")]
    [InlineData(
        "memory 805306368\narc_c_max 100000", ZpoolCheckStatus.Failed,
        "Give the storage VM 2 GB of memory or more, or raise")]
    [InlineData("", ZpoolCheckStatus.Passed, "144 KB in memory")]
    public void The_table_of_deduplication_against_the_memory(string memory, ZpoolCheckStatus status, string said)
    {
        ZpoolCheck check = Check("Dedup", memory);
        Assert.Equal(("dd", status), (check.Name, check.Status));
        Assert.StartsWith(
            "1024 entries, 144 KB in memory, 156 KB on disk, ratio 3.00; off for what",
            check.Found,
            StringComparison.Ordinal);
        Assert.Contains(said, check.Wanted + " " + check.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Existing_data_can_be_simulated()
    {
        ZpoolCheck check = Check("DedupSimulation", "memory 4294967296\narc_c_max 2147483648");
        Assert.Equal(ZpoolCheckStatus.Passed, check.Status);
        Assert.StartsWith("1024 entries, 320 KB in memory, ratio 5.00", check.Found, StringComparison.Ordinal);
        Assert.Null(DedupMemory.Simulated("zdb: can't open 'sp1': No such file or directory"));
    }

    // The line of OpenZFS before 2.3, illumos and snv_134 gives the size of one entry.
    [Theory]
    [InlineData("DDT entries 1024, size 156K on disk, 144K in core", 1024, 147456)]
    [InlineData("DDT entries 1000000, size 311 on disk, 190 in core", 1000000, 190000000)]
    [InlineData("DDT entries 3, size 1K on disk, 320 in core", 3, 320)]
    [InlineData(
        "DDT entries 9223372036854775807, size 311 on disk, 190 in core", 9223372036854775807, 9223372036854775807)]
    public void Tables_of_all_systems(string text, long entries, long core)
    {
        DedupTable table = DedupMemory.Table(text, 1)!;
        Assert.Equal((entries, core), (table.Entries, table.InCore.Bytes));
    }

    [Theory]
    [InlineData("no DDT entries")]
    [InlineData("")]
    [InlineData("DDT entries 0, size 0 on disk, 0 in core")]
    public void No_table(string text) => Assert.Null(DedupMemory.Table(text, 1));

    [Fact]
    public void Switching_it_on_warns_with_figures()
    {
        Assert.Null(DedupMemory.Warning("sp1", "off"));
        Assert.Contains("2.5 GB per TB", DedupMemory.Warning("sp1", "on"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "memory 4294967296\narc_c_max 2147483648", 0,
        "no entries yet; with the pool full of data that is all different, in blocks of 128 KB, it takes 2.5 GB in "
            + "memory; 1.5 GB are there for it. Give the storage VM 5 GB")]
    [InlineData(
        "memory 68719476736\narc_c_max 51539607552", 1000,
        "1000 entries, 312.5 KB in memory, ratio 2.50; with the pool full of data that is all different, in blocks of "
            + "128 KB, it takes 2.5 GB in memory; 36 GB are there for it.")]
    [InlineData("", 0, "it takes 2.5 GB in memory.")]
    public void Deduplication_in_figures_of_this_storage_vm(string memory, long entries, string said)
    {
        string figures = DedupMemory.Figures(
            "uss1", "sp1", entries == 0 ? null : new DedupTable(entries, entries * DedupMemory.EntrySize, 0, 2.5),
            HostMemory.Parse(memory.Split('\n')), 1L << 40, DedupMemory.RecordSize);
        Assert.StartsWith("The table of sp1 on uss1 has ", figures, StringComparison.Ordinal);
        Assert.Contains(said, figures, StringComparison.Ordinal);
    }

    // zpool still sees a quarter or a twentieth free, and no file system can write any more.
    [Theory]
    [InlineData("openzfs-2.3.9", 128)]
    [InlineData("zfs-fuse-0.7.0", 31)]
    public void A_full_pool_is_known_by_what_file_systems_may_take(string system, long free)
    {
        IReadOnlyDictionary<string, string> parts = Sections.Split(ZfsFixture.Text(system + "/pools-full.txt"));
        Zpool pool = Assert.Single(
            ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status"), "", parts.Get("space")));
        Assert.InRange(pool.Free.Bytes >> 20, free - 30, free + 10);
        Assert.Equal((100, 0L), (pool.Capacity, pool.Available!.Value.Bytes));
        Assert.Contains("the VMs cannot write any more", pool.Advice, StringComparison.Ordinal);
        ZpoolCheck check = Assert.Single(ZpoolChecks.Judge("uss1", parts, null), c => c.Check == "Capacity");
        Assert.Equal((ZpoolCheckStatus.Failed, "100 %, 0 B left for file systems"), (check.Status, check.Found));
        Assert.True(Assert.Single(ZpoolText.Pools("uss1", parts.Get("list"), parts.Get("status"))).Capacity < 100);
    }

    [Theory]
    [InlineData(8L << 30, ZpoolCheckStatus.Warning, "Too little is left")]
    [InlineData(6L << 30, ZpoolCheckStatus.Passed, "")]
    [InlineData(2L << 30, ZpoolCheckStatus.Warning, "It may have more of the memory. Set-ZfsArc -ZfsHost uss1")]
    public void The_limit_of_the_ARC_against_the_memory(long max, ZpoolCheckStatus status, string advice)
    {
        ZpoolCheck check = Check("Arc", "memory 8589934592\narc_c_max " + max);
        Assert.Equal(status, check.Status);
        Assert.StartsWith(advice, check.Advice, StringComparison.Ordinal);
    }

    // A schedule of once a month has 31 days between, and a scrub takes a while.
    [Theory]
    [InlineData("scrub repaired 0B in 00:00:01 with 0 errors on Sun Nov 22 11:40:39 2026", "2026-11-22 12:00:00", true,
        "scrub finished, today")]
    [InlineData("scrub repaired 0B in 2 days 01:02:03 with 0 errors on Sun Nov 22 11:40:39 2026", "2026-12-26 12:00:00",
        true, "scrub finished, 34 days ago")]
    [InlineData("scrub repaired 0B in 00:00:01 with 0 errors on Sun Nov 22 11:40:39 2026", "2026-12-31 12:00:00", false,
        "scrub finished, 39 days ago")]
    [InlineData("scrub completed after 0h0m with 0 errors on Sun Nov 22 11:40:39 2026", "2027-11-22 12:00:00", false,
        "scrub finished, 365 days ago")]
    [InlineData("scrub in progress since Sun Nov 22 11:40:36 2026, 10.00% done", "2026-11-23 12:00:00", true,
        "scrub running at 10 %, begun 1 day ago")]
    [InlineData("scrub in progress since Sun Nov 22 11:40:36 2026, 10.00% done", "2027-03-01 12:00:00", false,
        "scrub running at 10 %, begun 99 days ago")]
    [InlineData("resilvered 62.2M in 00:00:09 with 0 errors on Sun Nov 22 16:51:12 2026", "2026-11-23 12:00:00", false,
        "resilver finished, today")]
    [InlineData("scrub paused since Sun Nov 22 16:52:21 2026", "2026-11-22 17:00:00", false, "scrub paused, today")]
    [InlineData("scrub canceled on Sun Nov 22 16:50:54 2026", "2026-11-22 17:00:00", false, "scrub canceled, today")]
    [InlineData("scrub repaired 0B in 00:00:01 with 0 errors on Sun Nov 22 11:40:39 2026", "", false,
        "scrub finished, at a time that it does not tell")]
    [InlineData("none requested", "2026-11-22 12:00:00", false, "never")]
    public void A_scrub_counts_for_a_month_and_a_resilver_is_none(string scan, string now, bool passed, string found)
    {
        ZpoolCheck check = Assert.Single(ZpoolChecks.Judge(
            "uss1",
            new Dictionary<string, string>
            {
                ["list"] = "sp1\t268435456\t9479127\t258956329\t3\t3.00\tONLINE\t6\n",
                ["status"] = "  pool: sp1\n state: ONLINE\n  scan: " + scan + "\nconfig:\n",
                ["now"] = now + "\n",
            },
            null), c => c.Check == "Scrub");
        Assert.Equal((passed ? ZpoolCheckStatus.Passed : ZpoolCheckStatus.Warning, found), (check.Status, check.Found));
        Assert.Equal(
            scan.StartsWith("resilver", StringComparison.Ordinal),
            check.Advice.Contains("not known", StringComparison.Ordinal));
    }

    [Fact]
    public void A_storage_VM_without_any_pool_fails()
    {
        ZpoolCheck check = Assert.Single(ZpoolChecks.Judge("uss1", new Dictionary<string, string>(), null));
        Assert.Equal(("", ZpoolCheckStatus.Failed, "no pool"), (check.Name, check.Status, check.Found));
        Assert.Contains("Import-EncapsulatedZpool", check.Advice, StringComparison.Ordinal);
    }

    private static ZpoolCheck Check(string name, string memory) => Assert.Single(ZpoolChecks.Judge(
        "uss1",
        new Dictionary<string, string>
        {
            ["list"] = "dd\t268435456\t9479127\t258956329\t3\t3.00\tONLINE\t6\n",
            ["status"] = ZfsFixture.Text("openzfs-2.3.9/status-D.txt"),
            ["dedup"] = ZfsFixture.Text("openzfs-2.3.9/status-D.txt"),
            ["datasets"] = "dd\toff\n",
            ["memory"] = memory,
            ["simulated"] = ZfsFixture.Text("openzfs-2.3.9/zdb-S.txt"),
        },
        "dd"), c => c.Check == name);
}
