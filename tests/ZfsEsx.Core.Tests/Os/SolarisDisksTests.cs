using ZfsEsx.Os;
using ZfsEsx.Zfs;

namespace ZfsEsx.Core.Tests.Os;

/// <summary>Disks of OpenSolaris and illumos: the script under ksh93 over programs that answer as theirs do.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SolarisDisksTests : IDisposable
{
    private readonly SunSystem _sun = new();

    public void Dispose() => _sun.Dispose();

    [Theory]
    [InlineData("ksh93", false)]
    [InlineData("ksh93", true)]
    [InlineData("sh", true)]
    public async Task Disks_and_what_uses_them(string shell, bool illumos)
    {
        DiskInventory found = SolarisDisks.Parse("uss1", await RunAsync(shell, illumos));
        Assert.Equal(["c11t0d0", "c8t0d0", "c8t1d0", "c8t2d0", "c8t3d0"], found.Disks.Select(d => d.Name));
        Assert.Equal(
            ["pool sp1 (log)", "pool rpool", "pool sp1", "pool old, not imported", "ufs file system"],
            found.Disks.Select(d => d.InUse));
        ZfsDisk data = found.Find("/dev/dsk/c8t1d0")!;
        Assert.Equal(
            ("VMware Virtual disk", "6000c29e7a3b5c1d", 274877906944L, "0000:00:10.0"),
            (data.Model, data.Serial, data.Size.Bytes, data.PciAddress));
        ZfsDisk log = found.Find("c11t0d0")!;
        Assert.Equal(
            ("DDRDRIVE X1", "X1-00421", 4155506688L, "", illumos ? false : (bool?)null),
            (log.Model, log.Serial, log.Size.Bytes, log.PciAddress, log.Rotational));
        Assert.Equal(["c8t1d0", "c11t0d0"], found.Pools[1].Vdevs.Select(v => v.Name));
        Assert.Equal("uss9", Assert.Single(found.Labels).HostName);
    }

    [Fact]
    public async Task The_articles_pool_is_known_and_another_is_planned_with_its_commands()
    {
        DiskInventory found = SolarisDisks.Parse("uss1", await RunAsync("ksh93", illumos: false));
        ZpoolRequest article = new()
        {
            Name = "sp1", Data = [new VdevSpec("disk", ["c8t1d0"])], Log = [new VdevSpec("disk", ["c11t0d0"])],
        };
        Assert.Null(ZpoolPlanner.New("uss1", found, article));
        ZpoolRequest other = new() { Name = "sp3", Data = [new VdevSpec("disk", ["c8t3d0"])], Force = true };
        Assert.Equal(
            "zpool create -f sp3 c8t3d0",
            string.Join(" ", ZpoolPlanner.New("uss1", found with { Features = ZpoolFeatures.Parse(
                Sections.Split("\u001eproperties\nsize\n")) }, other)!.Words));
        Assert.Equal("DiskInUse", Assert.Throws<ZfsEsxException>(() => ZpoolPlanner.New(
            "uss1", found, other with { Data = [new VdevSpec("disk", ["c8t2d0"])] })).Id);
    }

    [Fact]
    public async Task A_user_without_rights_sees_disks_by_their_size()
    {
        string text = await RunAsync("ksh93", illumos: false);
        int format = text.IndexOf("\u001eformat", StringComparison.Ordinal);
        int next = text.IndexOf("\u001ediskinfo", StringComparison.Ordinal);
        DiskInventory found = SolarisDisks.Parse("uss1", text[..format] + text[next..]);
        Assert.Equal(5, found.Disks.Count);
        Assert.DoesNotContain(found.Disks, d => d.Name == "c7t0d0");
    }

    // Labels and contents by slice of c8t3d0, which is neither in a pool nor mounted.
    [Theory]
    [InlineData("c8t3d0s1:1", "c8t3d0s1:zfs c8t3d0s0:ufs", DiskHold.PoolNotImported, "pool old1, not imported")]
    [InlineData("c8t3d0s0:2 c8t3d0s5:0", "", DiskHold.PoolNotImported, "pool old0, not imported")]
    [InlineData("c8t3d0s0:4 c8t3d0p2:1", "", DiskHold.PoolNotImported, "pool old1, not imported")]
    [InlineData("", "c8t3d0s0:ufs c8t3d0s4:zfs", DiskHold.Used, "label of a pool")]
    [InlineData("c8t3d0s0:2", "c8t3d0p3:zfs", DiskHold.Used, "label of a pool")]
    [InlineData("", "c8t3d0s0:ufs c8t3d0p1:pcfs", DiskHold.OldContent, "ufs file system, pcfs file system")]
    internal async Task Every_slice_is_looked_into(string labels, string contents, DiskHold hold, string use)
    {
        string text = await RunAsync("ksh93", illumos: false, () =>
        {
            Facts("zdb", "/dev/dsk/", labels, "printf '    name: %s\\n    state: %s\\n' old${a#*:} ${a#*:}");
            Facts("fstyp", "/dev/rdsk/", contents, "echo ${a#*:}");
        });
        ZfsDisk found = SolarisDisks.Parse("uss1", text).Find("c8t3d0")!;
        Assert.Equal((hold, use), (found.Hold, found.InUse));
    }

    [Theory]
    [InlineData("ksh93")]
    [InlineData("dash")]
    public async Task What_uses_a_disk_hides_none_whose_name_it_begins_with(string shell)
    {
        string text = await RunAsync(shell, illumos: false, () =>
        {
            _sun.Program("mount", "echo '/dev/dsk/c8t3d01s0 /dev/rdsk/c8t3d01s0 /a ufs 1 no -'");
            _sun.Program("swap", "echo '/dev/dsk/c8t2d01 30,1 8 4194296 4194296'");
        });
        DiskInventory found = SolarisDisks.Parse("uss1", text);
        Assert.Equal(
            ["pool old, not imported", "ufs file system"], found.Disks.Skip(3).Select(d => d.InUse));
    }

    // A program that knows something of slices: "c8t3d0s1:1 c8t3d0s4:zfs".
    private void Facts(string name, string folder, string facts, string say) => _sun.Program(
        name, "for d; do :; done\nfor a in " + facts + "; do [ \"$d\" = " + folder + "${a%%:*} ] && { " + say
            + "; exit; }; done\nexit 1");

    private async Task<string> RunAsync(string shell, bool illumos, Action? also = null)
    {
        const string Snv = "opensolaris-snv_134/";
        _sun.Answer("iostat", Snv + "iostat-En.txt", "[ \"$*\" = -En ] || exit 2");
        _sun.Answer("format", Snv + "format.txt", "read -r x && exit 2");
        _sun.Answer("zpool", Snv + "zpool-status.txt", "[ \"$1\" = status ] || exit 2");
        if (illumos)
        {
            _sun.Answer("diskinfo", "illumos/diskinfo-Hp.txt", "[ \"$*\" = -Hp ] || exit 2");
        }
        else
        {
            _sun.Program("diskinfo", "exit 127");
        }

        _sun.Program("mount", "[ \"$*\" = -p ] && echo 'rpool/ROOT/opensolaris - / zfs - no rw'");
        _sun.Program(
            "swap", "echo 'swapfile dev swaplo blocks free'; echo '/dev/zvol/dsk/rpool/swap 182,1 8 4194296 4194296'");
        _sun.Program("dumpadm", "echo '      Dump device: /dev/zvol/dsk/rpool/dump (dedicated)'");
        _sun.Program("zdb", """
            [ "$*" = "-l /dev/dsk/c8t2d0s0" ] || { echo 'failed to unpack label 0'; exit 0; }
            printf '    version=22\n    version: 22\n    name: '"'old'"'\n    state: 0\n    pool_guid: 42\n    hostid: 1\n    hostname: '"'uss9'"'\n'
            """);
        _sun.Program("fstyp", "[ \"$1\" = /dev/rdsk/c8t3d0s6 ] && echo ufs");
        _sun.Program(
            "prtvtoc",
            "[ \"$*\" = '-h /dev/rdsk/c8t3d0s0' ] && printf '       2      5    01          0  20964825  20964824\\n'");
        also?.Invoke();
        return (await _sun.RunAsync(shell, new SolarisDialect(HostSystem.OpenSolaris).DisksScript)).Output;
    }
}
