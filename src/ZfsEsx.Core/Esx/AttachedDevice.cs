using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A passed-through device in a VM's configuration.</summary>
/// <param name="Device">As it was read.</param>
/// <param name="Key">Its device key.</param>
/// <param name="Id">The host's PCI address; empty for a dynamic one of a VM that is off.</param>
/// <param name="VendorId">Four hexadecimal digits.</param>
/// <param name="DeviceId">Four hexadecimal digits.</param>
/// <param name="SystemId">The host that it is of; empty for a dynamic one.</param>
internal sealed record AttachedDevice(
    VimValue Device, int Key, string Id, string VendorId, string DeviceId, string SystemId)
{
    /// <summary>Vendor and device: <c>19e3:5801</c>.</summary>
    public string Kind => VendorId + ":" + DeviceId;

    public bool IsDynamic => Device["backing"].Is("VirtualPCIPassthroughDynamicBackingInfo");

    public static AttachedDevice Read(VimValue device)
    {
        VimValue backing = device["backing"];
        VimValue kind = backing["allowedDevice"].Exists ? backing["allowedDevice"] : backing;
        return new AttachedDevice(
            device, device["key"].Int, VmFacts.PassthroughId(device), PciClass.Hex(kind["vendorId"].Id16),
            backing["allowedDevice"].Exists ? PciClass.Hex(kind["deviceId"].Id16)
                : backing["deviceId"].Text.Replace("0x", string.Empty).PadLeft(4, '0'),
            backing["systemId"].Text);
    }

    public static IReadOnlyList<AttachedDevice> Of(VmFacts vm) => [.. vm.Passthrough.Select(Read)];

    /// <summary>Whether it is what a user calls so: its address; its kind, where it has no address.</summary>
    public bool IsCalled(string text) =>
        string.Equals(Id.Length > 0 ? Id : Kind, text, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Id.Length > 0 ? Id : Kind;
}
