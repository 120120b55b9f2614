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
        Assert.Equal(new ZfsFeatures(true, true, true, true, true), probe.Features);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 14, 25, 19, TimeSpan.Zero), probe.Time);
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
            (disk.Name, disk.Size.Bytes, disk.Serial, disk.Rotational, disk.PciAddress, disk.ControllerId, disk.SectorSize));
        Assert.Equal(
            [
                "mounted out of sight (erofs)", "mounted out of sight (ext4)", data, "ext4 file system", "swap area", null,
                "used by held1", "held by the system", null, log,
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

    [Fact]
    public void Interfaces_and_the_one_we_came_by()
    {
        NetworkState state = Network();
        Assert.Equal(["eth0 True", "eth1 False"], state.Interfaces.Select(i => i.Interface + " " + i.Management));
        ZfsHostNetwork nic = state.Interfaces[1];
        Assert.Equal(("52:54:00:99:00:01", "10.99.0.11", 9000, true), (nic.Mac, nic.Address, nic.Mtu, nic.Up));
        Assert.Equal("eth0", state.DefaultRoute);
        Assert.Equal(["ifupdown"], state.Managers);
    }

    [Fact]
    public void What_is_so_now_and_after_a_restart_needs_nothing() => Assert.Empty(LinuxNetwork.Compare(
        "uss1", Network(),
            new HostNetworkRequest { Address = "10.99.0.11/24", Mac = "52-54-00-99-00-01", Mtu = 9000 }));

    [Fact]
    public void Another_address_is_kept_and_set()
    {
        IReadOnlyList<NetworkStep> steps = LinuxNetwork.Compare(
            "uss1", Network(), new HostNetworkRequest { Address = "10.99.0.12/24", Interface = "eth1", Mtu = 1500 });
        Assert.Equal("/etc/network/interfaces.d/eth1", steps[0].File);
        Assert.EndsWith(
            "auto eth1\niface eth1 inet static\n    address 10.99.0.12/24\n    mtu 1500\n", steps[0].Content,
                StringComparison.Ordinal);
        Assert.Equal("Set eth1 to 10.99.0.12/24, MTU 1500 instead of 10.99.0.11/24 with MTU 9000", steps[1].Action);
        Assert.Equal(ChangeRisk.Disruptive, steps[1].Risk);
    }

    [Fact]
    public void A_main_file_that_reads_no_others_gets_a_line_and_keeps_the_rest()
    {
        NetworkState state = Network() with
        {
            Files = new Dictionary<string, string> { ["/etc/network/interfaces"] = "auto lo\niface lo inet loopback" },
        };
        NetworkStep step = LinuxNetwork.Compare(
            "uss1", state, new HostNetworkRequest { Address = "10.99.0.11/24", Interface = "eth1" })[0];
        Assert.Equal("auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n", step.Content);
    }

    [Fact]
    public void What_could_lock_out_or_belongs_to_others_is_refused()
    {
        HostNetworkRequest ok = new() { Address = "10.99.0.12/24", Interface = "eth1" };
        string Id(NetworkState s, HostNetworkRequest r) =>
            Assert.Throws<ZfsEsxException>(() => LinuxNetwork.Compare("uss1", s, r)).Id;
        NetworkState state = Network();
        Assert.Equal("ManagementInterface", Id(state, ok with { Interface = "eth0" }));
        Assert.Equal("InterfaceNotFound", Id(state, ok with { Interface = "eth7" }));
        Assert.Equal("InterfaceNotFound", Id(state, ok with { Interface = null, Mac = "00:50:56:00:00:01" }));
        Assert.Equal("AddressInUse", Id(state, ok with { Address = "10.0.2.15/24" }));
        Assert.Equal("DefaultRouteExists", Id(state, ok with { Gateway = "10.99.0.1" }));
        Assert.Equal("NetworkManagerNotSupported", Id(state with { Managers = ["NetworkManager", "ifupdown"] }, ok));
        Assert.Equal("NetworkManagerNotSupported", Id(state with { Managers = [] }, ok));
        Dictionary<string, string> files = new(state.Files) { ["/etc/network/interfaces"] = "iface eth1 inet dhcp\n" };
        Assert.Equal("InterfaceConfiguredElsewhere", Id(state with { Files = files }, ok));
    }

    public static TheoryData<string, string?, string?, int?, string?> BadRequests => new()
    {
        { "10.99.0.11", "eth1", null, null, null },
        { "10.99.0.11/33", "eth1", null, null, null },
        { "10.99.0.256/24", "eth1", null, null, null },
        { "010.99.0.1/24", "eth1", null, null, null },
        { "10.99.0.11/24", null, null, null, null },
        { "10.99.0.11/24", "eth1", "00:50:56:00:00:01", null, null },
        { "10.99.0.11/24", "eth1;reboot", null, null, null },
        { "10.99.0.11/24", "../x", null, null, null },
        { "10.99.0.11/24", null, "00:50:56", null, null },
        { "10.99.0.11/24", "eth1", null, 100, null },
        { "10.99.0.11/24", "eth1", null, null, "10.98.0.1" },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void Bad_requests(string address, string? nic, string? mac, int? mtu, string? gateway) => Assert.Equal(
        "InvalidAddress",
        Assert.Throws<ZfsEsxException>(() => LinuxNetwork.Check(
            new HostNetworkRequest { Address = address, Interface = nic, Mac = mac, Mtu = mtu, Gateway = gateway }))
                .Id);

    private static NetworkState Network() => LinuxNetwork.Parse("uss1", ZfsFixture.Text("openzfs-2.3.9/network.txt"));

    private static HostProbe Probe(string text) => HostProbe.Parse("uss1", new CommandResult(0, text, ""));
}
