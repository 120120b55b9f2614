using System.Text;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Esx;

/// <summary>Virtual disks as vSphere describes them, and the disks that the guest sees.</summary>
public sealed class StorageVmDiskTests
{
    [Theory]
    [InlineData("<uuid>6000C29e-7a3b-5c1d-0123-456789abcdef</uuid>", "6000c29e7a3b5c1d0123456789abcdef")]
    [InlineData("", "")]
    public void A_disk_has_the_serial_number_that_its_guest_sees(string uuid, string serial)
    {
        VimObject vm = new(new MoRef("VirtualMachine", "vm-10"));
        vm.Set("config.hardware.device", Body(
            "<v><VirtualDevice xsi:type='VirtualDisk'><key>2000</key>"
                + "<backing><fileName>[local] uss1/uss1.vmdk</fileName>" + uuid + "</backing>"
                + "<capacityInKB>1024</capacityInKB></VirtualDevice></v>"));
        StorageVmDisk disk = Assert.Single(VmFacts.Read(vm).ToResult("vh1", null).Disks);
        Assert.Equal((serial, "local", 1L << 20), (disk.Serial, disk.Datastore, disk.Capacity.Bytes));
    }

    private static VimValue Body(string element)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'"
            + " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
            + "<e:Body>" + element + "</e:Body></e:Envelope>"));
        return VimEnvelope.Read(stream);
    }
}
