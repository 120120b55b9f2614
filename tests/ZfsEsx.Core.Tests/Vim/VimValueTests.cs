using System.Text;
using System.Xml;
using ZfsEsx.Esx;
using ZfsEsx.Vim;

namespace ZfsEsx.Core.Tests.Vim;

public class VimValueTests
{
    [Fact]
    public void Pci_ids_are_unsigned_whatever_the_wire_says()
    {
        VimValue devices = Recorded.Objects("08-RetrievePropertiesEx-pci")[0]["hardware.pciDevice"];
        Assert.Equal(
            ["8086:7190 0600", "8086:8d02 0106", "1000:0087 0107", "144d:a808 0108", "19e3:5801 0180",
                "8086:1528 0200", "8086:1528 0200"],
            devices.Items.Select(d =>
                PciClass.Hex(d["vendorId"].Id16) + ":" + PciClass.Hex(d["deviceId"].Id16) + " "
                    + PciClass.Hex(d["classId"].Id16)));
        Assert.Equal("-32634", devices.Items[0]["vendorId"].Text);
    }

    [Theory]
    [InlineData("<v type='Datastore' xsi:type='ManagedObjectReference'>ds-1</v>")]
    [InlineData("<v xsi:type='vim25:ManagedObjectReference' type='Datastore'>ds-1</v>")]
    [InlineData(
        "<v xmlns:other='http://www.w3.org/2001/XMLSchema-instance' other:type='ManagedObjectReference' "
            + "type='Datastore'>ds-1</v>")]
    public void Types_are_told_apart_by_namespace(string element)
    {
        VimValue value = Body(element);
        Assert.Equal("ManagedObjectReference", value.XsiType);
        Assert.Equal(new MoRef("Datastore", "ds-1"), value.Ref);
    }

    [Fact]
    public void What_is_missing_reads_as_nothing()
    {
        VimValue value = Body("<v><a><b>1</b></a><c/></v>");
        Assert.Equal(1, value["a.b"].Int);
        Assert.False(value["a.x.y"].Exists);
        Assert.Equal((0, false, string.Empty), (value["x"].Int, value["x"].Bool, value["x"].Text));
        Assert.True(value["c"].Exists);
        Assert.Empty(value["x"].Items);
    }

    [Theory]
    [InlineData("02-CurrentTime-not-authenticated", "NotAuthenticated", "NotAuthenticated")]
    [InlineData("03-Login-wrong", "InvalidLogin", "Login failure")]
    [InlineData("34-AddVirtualNic-again", "AlreadyExists", "The specified key, name, or identifier already exists.")]
    public void Faults_carry_their_type_and_text(string recorded, string type, string text)
    {
        VimFaultException fault = Assert.Throws<VimFaultException>(() => Recorded.Answer(recorded));
        Assert.Equal((type, text), (fault.FaultType, fault.Message));
    }

    [Theory]
    [InlineData("<html><body>Not found</body></html>")]
    [InlineData("not even markup")]
    [InlineData("")]
    [InlineData(
        "<!DOCTYPE x [<!ENTITY a 'b'>]><e:Envelope "
            + "xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><v>&a;</v></e:Body></e:Envelope>")]
    [InlineData("<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><v><half>")]
    public void What_is_no_answer_is_refused(string text)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        Assert.Throws<XmlException>(() => VimEnvelope.Read(stream));
    }

    [Fact]
    public void An_echo_is_what_was_read()
    {
        VimValue backing = Recorded.Objects("25-VM-config")[0]["config.hardware.device"].Items
            .First(d => d.Is("VirtualDisk"))["backing"];
        string echo = Recorded.Canonical(Arg.Echo(backing));
        Assert.Contains("backing xsi:VirtualDiskFlatVer2BackingInfo", echo, StringComparison.Ordinal);
        Assert.Contains("datastore ref:Datastore = ", echo, StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_that_XML_lacks_is_refused_before_it_is_sent()
    {
        ZfsEsxException refusal = Assert.Throws<ZfsEsxException>(
            () => VimEnvelope.Write(new MoRef("T", "t"), "M", [Arg.E("name", "a\u0001b")]));
        Assert.Equal("InvalidCharacter", refusal.Id);
    }

    [Fact]
    public void Markup_in_a_value_stays_a_value()
    {
        string sent = Recorded.Canonical(Arg.E("name", "</name><x>&amp;\"'"));
        Assert.EndsWith("name = </name><x>&amp;\"'\n", sent, StringComparison.Ordinal);
    }

    private static VimValue Body(string element)
    {
        string text = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' "
            + "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><e:Body>"
            + element + "</e:Body></e:Envelope>";
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        return VimEnvelope.Read(stream);
    }
}
