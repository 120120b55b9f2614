using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Zfs;

public sealed class ZpoolImportTests
{
    [Theory]
    [InlineData("import-list", "imp", "ONLINE", false, false)]
    [InlineData("import-foreign", "for1", "ONLINE", true, false)]
    [InlineData("import-missing-log", "for1", "DEGRADED", true, true)]
    [InlineData("import-degraded", "rz", "DEGRADED", false, false)]
    [InlineData("import-unavail", "rz", "UNAVAIL", false, false)]
    public void Real_lists(string file, string name, string state, bool other, bool log)
    {
        ImportableZpool pool = Assert.Single(Read(file));
        Assert.Equal((name, state, other, log), (pool.Name, pool.State, pool.OtherSystem, pool.LogMissing));
    }

    [Fact]
    public void Labels_name_the_system_that_had_it_last()
    {
        ImportableZpool pool = Assert.Single(
            ZpoolImports.Read("uss2", Sections.Split(ZfsFixture.Text("openzfs-2.3.9/imports.txt"))));
        Assert.Equal(("fp", "2090295019301159646", "uss1"), (pool.Name, pool.Id, pool.LastHost));
    }

    [Fact]
    public void Twins_are_told_apart_by_number_only()
    {
        IReadOnlyList<ImportableZpool> all = Read("import-twins");
        ZfsEsxException e = Refused(all, all, new() { Name = "imp" });
        Assert.Equal("PoolNameAmbiguous", e.Id);
        Assert.Contains(
            "17007339147128611553 on virtio-vmdk2007; 14558372030557987475 on virtio-vmdk2004",
            e.Message,
            StringComparison.Ordinal);
        ZpoolImportRequest one = new() { Name = all[1].Id, NewName = "imp2" };
        Assert.Equal(
            "zpool import 14558372030557987475 imp2",
            string.Join(" ", ZpoolImports.Words(ZpoolImports.Accept("uss1", [all[1]], all, one), one)));
    }

    [Fact]
    public void What_another_system_had_takes_force_and_a_missing_log_a_word_of_its_own()
    {
        IReadOnlyList<ImportableZpool> all = [Read("import-missing-log")[0] with { LastHost = "uss9" }];
        ZpoolImportRequest request = new() { Name = "for1" };
        ZfsEsxException e = Refused(all, all, request);
        Assert.Equal(("PoolOfAnotherSystem", FailureKind.InUse), (e.Id, e.Kind));
        Assert.Contains("last used by uss9", e.Message, StringComparison.Ordinal);
        request = request with { Force = true };
        Assert.Equal("PoolLogMissing", Refused(all, all, request).Id);
        request = request with { AllowMissingLog = true };
        Assert.Equal(
            "zpool import -f -m 17989138609461588942",
            string.Join(" ", ZpoolImports.Words(ZpoolImports.Accept("uss1", all, all, request), request)));
    }

    [Fact]
    public void Force_is_not_said_where_it_is_not_needed()
    {
        ImportableZpool pool = Assert.Single(Read("import-list"));
        ZpoolImportRequest request =
            new() { Name = "imp", Force = true, AllowMissingLog = true, ReadOnly = true, SearchPath = ["/mnt/a b"] };
        Assert.Equal(
            ["zpool", "import", "-d", "/mnt/a b", "-o", "readonly=on", pool.Id],
            ZpoolImports.Words(ZpoolImports.Accept("uss1", [pool], [pool], request), request));
    }

    [Fact]
    public void What_cannot_be_imported_says_which_disks_are_missing()
    {
        IReadOnlyList<ImportableZpool> all = Read("import-unavail");
        ZfsEsxException e = Refused(all, all, new() { Name = "rz", Force = true });
        Assert.Equal("PoolNotImportable", e.Id);
        Assert.Contains("virtio-vmdk2001, virtio-vmdk2002", e.Advice, StringComparison.Ordinal);
        Assert.Contains(
            "rz (13118096676996540135)", Refused([], all, new() { Name = "none" }).Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<ImportableZpool> Read(string file) =>
        ZpoolImports.Read(
            "uss1", new Dictionary<string, string> { ["import"] = ZfsFixture.Text("openzfs-2.3.9/" + file + ".txt") });

    private static ZfsEsxException Refused(
        IReadOnlyList<ImportableZpool> found, IReadOnlyList<ImportableZpool> all, ZpoolImportRequest request) =>
        Assert.Throws<ZfsEsxException>(() => ZpoolImports.Accept("uss1", found, all, request));
}
