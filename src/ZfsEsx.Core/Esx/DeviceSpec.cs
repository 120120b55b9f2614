using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>Single entries of a VM's ConfigSpec, fields in the order of their types.</summary>
internal static class DeviceSpec
{
    public static Arg Option(string key, string value) =>
        Arg.T("extraConfig", "OptionValue", Arg.E("key", key), Arg.Str("value", value));

    /// <summary>The API does not reserve memory by itself; the vSphere client does.</summary>
    public static Arg Reservation(long megabytes) =>
        Arg.O("memoryAllocation", Arg.E("reservation", megabytes), Arg.E("limit", -1));

    public static Arg Add(Arg device, bool createFile = false) => Arg.T(
        "deviceChange", "VirtualDeviceConfigSpec",
        Arg.E("operation", "add"), createFile ? Arg.E("fileOperation", "create") : null, device);

    public static Arg Edit(Arg device) =>
        Arg.T("deviceChange", "VirtualDeviceConfigSpec", Arg.E("operation", "edit"), device);

    public static Arg Remove(VimValue device) => Arg.T(
        "deviceChange", "VirtualDeviceConfigSpec",
        Arg.E("operation", "remove"), Arg.T("device", device.XsiType!, Arg.E("key", device["key"].Int)));

    public static Arg NewDisk(int key, int controllerKey, int unit, NewDisk disk) => Add(
        Arg.T(
            "device", "VirtualDisk",
            Arg.E("key", key),
            Arg.T(
                "backing", "VirtualDiskFlatVer2BackingInfo",
                // without a name: beside the VM's other files, or in a folder of its own there
                Arg.E("fileName", disk.DatastoreName is null ? string.Empty : "[" + disk.DatastoreName + "]"),
                Arg.E("diskMode", "persistent"),
                Arg.E("thinProvisioned", disk.Thin),
                disk.Thin ? null
                    : Arg.E("eagerlyScrub", disk.Format == VirtualDiskFormat.EagerZeroedThick)),
            Arg.E("controllerKey", controllerKey),
            Arg.E("unitNumber", unit),
            Arg.E("capacityInKB", disk.Size.Bytes / 1024),
            Arg.E("capacityInBytes", disk.Size.Bytes)),
        createFile: true);

    /// <summary>A drive with an installation image, on the IDE controller that every new VM has.</summary>
    public static Arg NewDrive(int key, string image) => Add(Arg.T(
        "device", "VirtualCdrom",
        Arg.E("key", key),
        Arg.T("backing", "VirtualCdromIsoBackingInfo", Arg.E("fileName", image)),
        Arg.O("connectable", Arg.E("startConnected", true), Arg.E("allowGuestControl", true),
            Arg.E("connected", true)),
        Arg.E("controllerKey", 200),
        Arg.E("unitNumber", 0)));

    public static Arg GrownDisk(VimValue disk, ByteSize size) => Edit(Arg.T(
        "device", "VirtualDisk",
        Arg.E("key", disk["key"].Int),
        Arg.Echo(disk["backing"]),
        Arg.E("controllerKey", disk["controllerKey"].Int),
        Arg.E("unitNumber", disk["unitNumber"].Int),
        Arg.E("capacityInKB", size.Bytes / 1024),
        Arg.E("capacityInBytes", size.Bytes)));

    public static Arg NewAdapter(int key, string network, DistributedGroup? group) => Add(Arg.T(
        "device", "VirtualVmxnet3",
        Arg.E("key", key),
        Backing(network, group),
        Arg.O("connectable", Arg.E("startConnected", true), Arg.E("allowGuestControl", true),
            Arg.E("connected", true))));

    /// <summary>The same adapter, with its address, on another port group.</summary>
    public static Arg MovedAdapter(VimValue adapter, string network, DistributedGroup? group) => Edit(Arg.T(
        "device", adapter.XsiType!,
        Arg.E("key", adapter["key"].Int),
        Backing(network, group),
        adapter["connectable"].Exists ? Arg.Echo(adapter["connectable"]) : null,
        adapter["controllerKey"].Exists ? Arg.E("controllerKey", adapter["controllerKey"].Int) : null,
        adapter["unitNumber"].Exists ? Arg.E("unitNumber", adapter["unitNumber"].Int) : null,
        adapter["addressType"].Exists ? Arg.E("addressType", adapter["addressType"].Text) : null,
        Arg.E("macAddress", adapter["macAddress"].Text)));

    /// <summary>The same adapter with its cable pulled, now and at the next start.</summary>
    public static Arg UnpluggedAdapter(VimValue adapter) => Edit(Arg.T(
        "device", adapter.XsiType!,
        Arg.E("key", adapter["key"].Int),
        Arg.Echo(adapter["backing"]),
        Arg.O("connectable", Arg.E("startConnected", false), Arg.E("allowGuestControl", true),
            Arg.E("connected", false)),
        adapter["controllerKey"].Exists ? Arg.E("controllerKey", adapter["controllerKey"].Int) : null,
        adapter["unitNumber"].Exists ? Arg.E("unitNumber", adapter["unitNumber"].Int) : null,
        adapter["addressType"].Exists ? Arg.E("addressType", adapter["addressType"].Text) : null,
        Arg.E("macAddress", adapter["macAddress"].Text)));

    /// <summary>
    /// A device of the host. The id is hexadecimal and unsigned, whatever the documentation says: with a decimal or a
    /// negative one the VM does not start ("The systemId does not match …", govmomi issue 2248).
    /// </summary>
    /// <param name="key">Negative and its own: two devices of one key are refused.</param>
    /// <param name="target">The device as QueryConfigTarget lists it; the only source of systemId.</param>
    /// <param name="dynamic">Any device of its kind; here the ids are unsigned numbers.</param>
    public static Arg NewPassthrough(int key, VimValue target, bool dynamic)
    {
        VimValue pci = target["pciDevice"];
        return Add(Arg.T(
            "device", "VirtualPCIPassthrough",
            Arg.E("key", key),
            dynamic
                ? Arg.T(
                    "backing", "VirtualPCIPassthroughDynamicBackingInfo",
                    Arg.E("deviceName", string.Empty),
                    Arg.O(
                        "allowedDevice",
                        Arg.E("vendorId", pci["vendorId"].Id16),
                        Arg.E("deviceId", pci["deviceId"].Id16)))
                : Arg.T(
                    "backing", "VirtualPCIPassthroughDeviceBackingInfo",
                    Arg.E("deviceName", string.Empty),
                    Arg.E("id", pci["id"].Text),
                    Arg.E("deviceId", pci["deviceId"].Id16.ToString("x", CultureInfo.InvariantCulture)),
                    Arg.E("systemId", target["systemId"].Text),
                    Arg.E("vendorId", pci["vendorId"].Text))));
    }

    public static Arg NewController(string type, int key, int bus) => Add(Arg.T(
        "device", type, Arg.E("key", key), Arg.E("busNumber", bus), Arg.E("sharedBus", "noSharing")));

    private static Arg Backing(string network, DistributedGroup? group) => group is null
        ? Arg.T("backing", "VirtualEthernetCardNetworkBackingInfo", Arg.E("deviceName", network))
        : Arg.T("backing", "VirtualEthernetCardDistributedVirtualPortBackingInfo", Arg.O(
            "port", Arg.E("switchUuid", group.SwitchUuid), Arg.E("portgroupKey", group.Key)));
}
