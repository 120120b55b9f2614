using ZfsEsx.Core.Tests.Zfs;
using ZfsEsx.Os;
using ZfsEsx.Shell;

namespace ZfsEsx.Core.Tests.Os;

public sealed class LinuxTests
{
    [Fact]
    public void The_system_is_recognised()
    {
        HostProbe probe = Probe(ZfsFixture.Text("openzfs-2.3.9/detect.txt"));
        Assert.Equal(
            (HostSystem.Linux, "6.12.107+deb13-cloud-amd64", "root", Elevation.Root, NfsServerState.Running,
                "zfs-2.3.9-0+deb13u1"),
            (probe.System, probe.Release, probe.UserName, probe.Elevation, probe.NfsServer, probe.ZfsVersion));
        Assert.Equal(new ZfsFeatures(true, true, true, true, true, true), probe.Features);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 20, 57, 43, TimeSpan.Zero), probe.Time);
        Assert.Contains("exportfs", probe.Tools);
    }

    [Theory]
    [InlineData("SunOS", "5.11", "snv_134", HostSystem.OpenSolaris)]
    [InlineData("SunOS", "5.11", "omnios-r151050-1", HostSystem.Illumos)]
    [InlineData("SunOS", "5.11", "11.4.0.15.0", HostSystem.OpenSolaris)]
    [InlineData("FreeBSD", "14.1-RELEASE", "FreeBSD 14.1-RELEASE", HostSystem.FreeBsd)]
    public void Other_systems_too(string system, string release, string build, HostSystem expected) =>
        Assert.Equal(expected, Probe($"system {system}\nrelease {release}\nbuild {build}\n").System);

    [Fact]
    public void And_what_is_none_of_them_is_refused() =>
        Assert.Equal(
            "SystemNotSupported", Assert.Throws<ZfsEsxException>(() => Probe("system Darwin\nrelease 23\n")).Id);

    [Theory]
    [InlineData("free", null, null)]
    [InlineData("pool", "pool sp2", "pool sp2 (log)")]
    [InlineData("destroyed", "label of the destroyed pool sp2", "label of the destroyed pool sp2")]
    public void Disks_and_what_uses_them(string state, string? data, string? log)
    {
        DiskInventory found = LinuxDisks.Parse("uss1", ZfsFixture.Text("openzfs-2.3.9/disks-" + state + ".txt"));
        Assert.Equal("abcdefghij".Select(c => "vd" + c), found.Disks.Select(d => d.Device));
        ZfsDisk disk = found.Find("/dev/vdc")!;
        Assert.Equal(
            ("/dev/disk/by-id/virtio-vmdk2001", 314572800L, "vmdk2001", (bool?)true, "0000:00:07.0", "1af4:1001", 512),
            (disk.Name, disk.Size.Bytes, disk.Serial, disk.Rotational, disk.PciAddress, disk.ControllerId,
                disk.SectorSize));
        Assert.Equal(
            [
                "mounted out of sight (erofs)", "mounted out of sight (ext4)", data, "ext4 file system", "swap area",
                null, "used by held1", "held by the system", null, log,
            ],
            found.Disks.Select(d => d.InUse));
        Assert.Same(disk, found.Find("pci-0000:00:07.0"));
        Assert.Null(found.Find("vdc1"));
        Assert.Equal(state == "pool" ? 1 : 0, found.Pools.Count);
        Assert.Equal(state == "destroyed" ? ["uss1", "uss1"] : [], found.Labels.Select(l => l.HostName));
    }

    [Fact]
    public void Mounts_swap_and_volume_managers_are_uses()
    {
        const string text = """
            RSlsblk
            KNAME="sda" PKNAME="" TYPE="disk" MOUNTPOINT="" SIZE="1000" MODEL="Virtual\x20disk" SERIAL="" ROTA="0" RO="0"
            KNAME="sda1" PKNAME="sda" TYPE="part" MOUNTPOINT="/" SIZE="900" MODEL="" SERIAL="" ROTA="0" RO="0"
            KNAME="sdb" PKNAME="" TYPE="disk" MOUNTPOINT="" SIZE="1000" MODEL="" SERIAL="" ROTA="" RO="0"
            KNAME="sdb1" PKNAME="sdb" TYPE="part" MOUNTPOINT="" SIZE="900" MODEL="" SERIAL="" ROTA="" RO="0"
            KNAME="dm-0" PKNAME="sdb1" TYPE="lvm" MOUNTPOINT="/srv/my\x20file\x20system" SIZE="900" MODEL="" SERIAL="" ROTA="" RO="0"
            KNAME="sdc" PKNAME="" TYPE="disk" MOUNTPOINT="[SWAP]" SIZE="1000" MODEL="" SERIAL="" ROTA="1" RO="0"
            KNAME="sdd" PKNAME="" TYPE="disk" MOUNTPOINT="" SIZE="1000" MODEL="" SERIAL="" ROTA="1" RO="0"
            KNAME="sde" PKNAME="" TYPE="disk" MOUNTPOINT="" SIZE="1000" MODEL="" SERIAL="" ROTA="1" RO="0"
            KNAME="zd0" PKNAME="" TYPE="disk" MOUNTPOINT="" SIZE="1000" MODEL="" SERIAL="" ROTA="1" RO="0"
            KNAME="sr0" PKNAME="" TYPE="rom" MOUNTPOINT="" SIZE="1000" MODEL="" SERIAL="" ROTA="1" RO="0"
            RSprobe
            DEVNAME=/dev/sdd
            TYPE=LVM2_member
            DEVNAME=/dev/sde
            PTTYPE=gpt
            """;
        DiskInventory found = LinuxDisks.Parse("uss1", text.Replace("RS", "\u001e", StringComparison.Ordinal));
        Assert.Equal(
            ["mounted on /", "mounted on /srv/my file system", "swap space", "LVM physical volume", "partition table"],
                found.Disks.Select(d => d.InUse));
        Assert.Equal(
            [DiskHold.Used, DiskHold.Used, DiskHold.Used, DiskHold.Used, DiskHold.OldContent],
            found.Disks.Select(d => d.Hold));
        Assert.Equal(("Virtual disk", (bool?)false, (bool?)null),
            (found.Disks[0].Model, found.Disks[0].Rotational, found.Disks[1].Rotational));
        Assert.Equal("/dev/sda", found.Disks[0].Name);
    }

    // What is said of sda1, sda2 and what stands on them. -Force takes old content, and names it; nothing else.
    [Theory]
    [InlineData("1 vfat 2 ext4", DiskHold.OldContent, "vfat file system, ext4 file system")]
    [InlineData("1 vfat 2 crypto_LUKS", DiskHold.Used, "encrypted volume")]
    [InlineData("1 ext4 2 LVM2_member", DiskHold.Used, "LVM physical volume")]
    [InlineData("1 ext4 2 linux_raid_member", DiskHold.Used, "software RAID")]
    [InlineData("1 swap 2 zfs_member", DiskHold.Used, "label of a pool")]
    [InlineData("1 vfat 2 ambivalent", DiskHold.Used, "several contents at once")]
    [InlineData("1 cache 2 exported", DiskHold.PoolNotImported, "pool p1, not imported")]
    [InlineData("1 destroyed 2 exported", DiskHold.PoolNotImported, "pool p1, not imported")]
    [InlineData("1 exported 2 crypto_LUKS", DiskHold.Used, "encrypted volume")]
    [InlineData("1 destroyed 2 vfat", DiskHold.OldContent, "label of the destroyed pool p2, vfat file system")]
    [InlineData("1 destroyed 2 above", DiskHold.Used, "used by held1")]
    [InlineData("1 cache 2 held", DiskHold.Used, "held by the system")]
    [InlineData("1 cache", DiskHold.OldContent, "label of a cache disk")]
    internal void The_most_precious_thing_on_a_disk_is_what_holds_it(string things, DiskHold hold, string use)
    {
        string lsblk = "KNAME=\"sda\" TYPE=\"disk\"\n", probe = "DEVNAME=/dev/sda\nPTTYPE=gpt\n";
        string labels = "", held = "";
        string[] words = things.Split(' ');
        for (int i = 0; i < words.Length; i += 2)
        {
            string part = "sda" + words[i];
            string? state = words[i + 1] switch { "exported" => "1", "destroyed" => "2", "cache" => "4", _ => null };
            string? type = state is not null ? "zfs_member" : words[i + 1] is "above" or "held" ? null : words[i + 1];
            lsblk += $"KNAME=\"{part}\" PKNAME=\"sda\" TYPE=\"part\"\n";
            lsblk += words[i + 1] == "above" ? $"KNAME=\"dm-0\" PKNAME=\"{part}\" TYPE=\"dm\" NAME=\"held1\"\n" : "";
            probe += type is null ? "" : $"DEVNAME=/dev/{part}\nTYPE={type}\n";
            labels += state is null ? "" : $"/dev/{part}\t{state}\t42\t1\tuss9\tp{state}\n";
            held += words[i + 1] == "held" ? $"/dev/{part}\n" : "";
        }

        ZfsDisk disk = Assert.Single(LinuxDisks.Parse(
            "uss1", $"\u001elsblk\n{lsblk}\u001eprobe\n{probe}\u001elabels\n{labels}\u001eheld\n{held}").Disks);
        Assert.Equal((hold, use), (disk.Hold, disk.InUse));
    }

    // blkid ends with 8, and says nothing, where there are marks of several.
    [Theory]
    [InlineData("dash")]
    [InlineData("bash")]
    [InlineData("ksh93")]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task Contents_that_blkid_cannot_tell_are_a_use_and_may_have_the_label_of_a_pool(string shell)
    {
        using SunSystem system = new();
        system.Program("lsblk", """
            for n in a b; do printf 'KNAME="sd%s" PKNAME="" TYPE="disk" MOUNTPOINT="" NAME="sd%s"\n' $n $n; done
            """);
        system.Program("blkid", "exit 8");
        system.Program("zpool", "exit 1");
        system.Program("zdb", """
            [ "$2" = /dev/sdb ] && printf '    name: p1\n    state: 1\n    pool_guid: 42\n'
            """);
        DiskInventory found = LinuxDisks.Parse(
            "uss1", (await system.RunAsync(shell, new LinuxDialect().DisksScript)).Output);
        Assert.Equal(
            ["several contents at once", "several contents at once"], found.Disks.Select(d => d.InUse));
        Assert.Equal("p1", Assert.Single(found.Labels).Pool);
    }

    [Theory]
    [InlineData("/dev/dm-0")]
    [InlineData("/dev/mapper/yank")]
    public void A_pool_on_a_mapped_device_is_known_by_either_name(string name)
    {
        string text = "\u001elsblk\nKNAME=\"sda\" PKNAME=\"\" TYPE=\"disk\" NAME=\"sda\"\n"
            + "KNAME=\"dm-0\" PKNAME=\"sda\" TYPE=\"dm\" NAME=\"yank\"\n\u001estatus\n  pool: a pool\n state: SUSPENDED\nconfig:\n\n"
            + "\tNAME  STATE  READ WRITE CKSUM\n\ta pool  ONLINE  0  0  0\n\t  " + name + "  ONLINE  3  0  0\n";
        DiskInventory found = LinuxDisks.Parse("uss1", text);
        Assert.Equal("pool a pool", Assert.Single(found.Disks).InUse);
        Assert.Equal("sda", Assert.Single(found.Pools[0].Vdevs).Name);
    }

    private static HostProbe Probe(string text) => HostProbe.Parse("uss1", new CommandResult(0, text, ""));
}
