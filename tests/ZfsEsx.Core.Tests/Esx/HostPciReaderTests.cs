using System.Text;
using ZfsEsx.Core.Tests.Vim;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>What is made of what hosts say about their devices, and of who runs on them.</summary>
public class HostPciReaderTests
{
    private static readonly VimObject s_host = Recorded.Objects("08-RetrievePropertiesEx-pci")[0];

    [Fact]
    public void Ids_are_unsigned_and_functions_that_share_a_reset_are_siblings()
    {
        Dictionary<string, VmDirectPathDevice> devices = HostPciReader.Read([s_host], [s_host.Ref])[0].Devices
            .ToDictionary(d => d.Id);
        Assert.Equal("144d:a808 0108", Ids("0000:03:00.0"));
        Assert.Equal("8086:1528 0200", Ids("0000:05:00.1"));
        Assert.Equal(["0000:05:00.0"], devices["0000:05:00.1"].DependentDevices);
        Assert.Empty(devices["0000:04:00.0"].DependentDevices);

        string Ids(string id) => devices[id].VendorId + ":" + devices[id].DeviceId + " " + devices[id].ClassId;
    }

    [Fact]
    public void A_device_without_a_name_is_looked_up_or_shows_its_ids()
    {
        string[] list =
        [
            "# a list as pci-ids.ucw.cz has it", "",
            "144d  Samsung Electronics Co Ltd", "\ta808  NVMe SSD Controller SM981", "\t\t144d a801  SSD 970 EVO",
            "19e3  DDRdrive, LLC.", "\t5801  DDRdrive X1", "\t\t19e3 dd52  DDRdrive X1 4GB",
            "8086  Intel Corporation", "\ta808  Not this one",
            "C 01  Mass storage controller", "\t08  NVMe",
        ];
        Dictionary<string, string> names = PciIdList.Find(list, ["19e3", "144d"]);
        Assert.Equal(["144d", "144d:a808", "19e3", "19e3:5801"], names.Keys.Order());
        VmDirectPathDevice unnamed = HostPciReader.Read([s_host], [s_host.Ref])[0].Devices
            .First(d => d.DeviceId == "a808") with { Device = "", VendorName = "" };
        Assert.Equal("NVMe SSD Controller SM981", PciIdList.Name(unnamed, names).Device);
        Assert.Equal("Samsung Electronics Co Ltd", PciIdList.Name(unnamed, names).VendorName);
        Assert.Equal("Device 144d:a808", PciIdList.Name(unnamed, []).Device);
        Assert.Equal("Vendor 144d", PciIdList.Name(unnamed, []).VendorName);
        Assert.Equal("As the host says", PciIdList.Name(unnamed with { Device = "As the host says" }, names).Device);
    }

    [Theory]
    [InlineData(0x0100, "", "SCSI storage controller", true)]
    [InlineData(0x0107, "", "Serial attached SCSI controller", true)]
    [InlineData(0x0108, "Host's word", "Non-volatile memory controller", false)]
    [InlineData(0x0180, "", "Mass storage controller", true)]
    [InlineData(0x01ff, "", "Storage controller", true)]
    [InlineData(0x01ff, "Host's word", "Host's word", true)]
    [InlineData(0x0200, "", "Ethernet controller", false)]
    [InlineData(0xff00, "", "Class ff00", false)]
    public void A_class_is_told_in_words_and_decides_about_interrupts(int classId, string host, string words, bool line)
    {
        Assert.Equal(words, PciClass.InWords((ushort)classId, host));
        Assert.Equal(line, PciClass.WantsInterruptLine((ushort)classId));
    }

    [Theory]
    [InlineData("", "", "other", false, "app")]
    [InlineData("VMware vCenter Server", "", "other", false, "app (vCenter Server)")]
    [InlineData("", "10.0.0.9", "other", false, "app (vCenter Server)")] // the address that we are connected to
    [InlineData("", "10.99.0.11", "other", false, "app (storage VM)")] // serves an NFS datastore
    [InlineData("", "", "local", true, "app")] // its disk is on this host only
    public void A_running_VM_has_a_role(string product, string address, string datastore, bool pinned, string words)
    {
        VimObject vm = new(new MoRef("VirtualMachine", "vm-1"));
        vm.Set("name", Value("app"));
        vm.Set("summary.config.product.name", Value(product));
        vm.Set("guest.net", Value("<GuestNicInfo><ipAddress>" + address + "</ipAddress></GuestNicInfo>"));
        vm.Set(
            "datastore", Value("<ManagedObjectReference type='Datastore'>" + datastore + "</ManagedObjectReference>"));
        MoRef[] local = [new MoRef("Datastore", "local")];
        RunningVM running = RunningVM.Read(vm, false, local, ["10.99.0.11"], "10.0.0.9");
        Assert.Equal((words, pinned), (running.ToString(), running.IsPinned));
        Assert.True(RunningVM.Read(vm, true, local, [], "10.0.0.9").IsPinned);
    }

    private static VimValue Value(string inner)
    {
        using System.Xml.XmlReader reader = System.Xml.XmlReader.Create(
            new MemoryStream(Encoding.UTF8.GetBytes("<val>" + inner + "</val>")));
        reader.MoveToContent();
        return VimValue.Read(reader);
    }
}
