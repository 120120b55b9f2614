using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

// What users see of it.
internal sealed partial record VmFacts
{
    public EncapsulatedStorageVm ToResult(string hostName, int? startOrder) => new()
    {
        Name = Name,
        VMId = Ref.Id,
        VMHost = hostName,
        VMHostId = Host.Id,
        PowerState = PowerState,
        ConnectionState = ConnectionState,
        Tools = Without("guestTools", Tools),
        GuestId = GuestId,
        Firmware = Firmware,
        StartOrder = startOrder,
        NumCpu = NumCpu,
        Memory = (long)MemoryMB << 20,
        MemoryReservation = ReservationMB << 20,
        MemoryReserved = MemoryReserved,
        Disks = Disks.Select(ToDisk).ToArray(),
        Adapters = Adapters.Select(a => new StorageVmAdapter(
            a["deviceInfo"]["label"].Text, Without("Virtual", a.XsiType ?? string.Empty), Mac(a),
            GroupNames.TryGetValue(Network(a), out string? group) ? group : Network(a))
        {
            IPAddress = Addresses[Mac(a)].ToArray(),
        }).ToArray(),
        DirectPath = AttachedDevice.Of(this).Select(p => new StorageVmDirectPath(
            p.Id, p.VendorId, p.DeviceId, MsiDisabled(p.Key), p.Key)).ToArray(),
        GuestInfo = ExtraConfig.Where(o => o.Key.StartsWith(GuestInfo, StringComparison.Ordinal))
            .ToDictionary(o => o.Key.Substring(GuestInfo.Length), o => o.Value),
    };

    public static VirtualDiskFormat FormatOf(VimValue disk) =>
        disk["backing"]["thinProvisioned"].Bool ? VirtualDiskFormat.Thin
            : disk["backing"]["eagerlyScrub"].Bool ? VirtualDiskFormat.EagerZeroedThick
            : VirtualDiskFormat.Thick;

    /// <summary>The datastore in a path: <c>local</c> of <c>[local] uss1/uss1.vmdk</c>.</summary>
    public static string DatastoreOf(string path)
    {
        int end = path.IndexOf(']');
        return path.StartsWith("[", StringComparison.Ordinal) && end > 0 ? path.Substring(1, end - 1) : string.Empty;
    }

    private StorageVmDisk ToDisk(VimValue disk)
    {
        string file = disk["backing"]["fileName"].Text;
        return new StorageVmDisk(
            disk["deviceInfo"]["label"].Text, disk["key"].Int, Capacity(disk), file,
            disk["backing"]["thinProvisioned"].Bool)
        {
            Format = FormatOf(disk), Datastore = DatastoreOf(file), DeviceNode = AddressOf(disk),
            Serial = disk["backing"]["uuid"].Text.Replace("-", string.Empty).ToLowerInvariant(),
        };
    }

    private string AddressOf(VimValue disk)
    {
        VimValue controller = Devices.FirstOrDefault(d => d["key"].Int == disk["controllerKey"].Int) ?? VimValue.None;
        string kind = controller.XsiType switch
        {
            "VirtualAHCIController" => "SATA",
            "VirtualNVMEController" => "NVMe",
            "VirtualIDEController" => "IDE",
            _ => "SCSI",
        };
        return string.Format(
            CultureInfo.InvariantCulture, "{0} {1}:{2}", kind, controller["busNumber"].Int, disk["unitNumber"].Int);
    }

    private static string Mac(VimValue adapter) => adapter["macAddress"].Text.ToLowerInvariant();

    private static string Without(string prefix, string text) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text.Substring(prefix.Length) : text;
}
