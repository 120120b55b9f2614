using System.Globalization;
using ZfsEsx.Vim;

namespace ZfsEsx.Esx;

/// <summary>A VM's configuration as it was read.</summary>
internal sealed partial record VmFacts
{
    /// <summary>Key of a VM's first passed-through device; <c>pciPassthruN</c> belongs to this key plus N.</summary>
    public const int FirstPassthroughKey = 13000;

    private const string GuestInfo = "guestinfo.";

    public static readonly string[] Paths =
    [
        "name", "parent", "runtime.powerState", "runtime.host", "config.template", "config.hardware.numCPU",
        "config.hardware.memoryMB",
        "config.hardware.device", "config.extraConfig", "config.memoryReservationLockedToMax",
        "config.memoryAllocation.reservation",
        "guest.toolsRunningStatus", "guest.net", "runtime.connectionState", "config.guestId", "config.firmware",
    ];

    public required MoRef Ref { get; init; }

    public required string Name { get; init; }

    public MoRef Parent { get; init; }

    public MoRef Host { get; init; }

    public string PowerState { get; init; } = "poweredOff";

    public bool IsTemplate { get; init; }

    public int NumCpu { get; init; }

    public int MemoryMB { get; init; }

    public bool ReservationLocked { get; init; }

    public long ReservationMB { get; init; }

    public string Tools { get; init; } = string.Empty;

    public string ConnectionState { get; init; } = string.Empty;

    public string GuestId { get; init; } = string.Empty;

    public string Firmware { get; init; } = string.Empty;

    /// <summary>Addresses by MAC address, as Tools tell them.</summary>
    public ILookup<string, string> Addresses { get; init; } = Array.Empty<string>().ToLookup(a => a);

    public IReadOnlyList<VimValue> Devices { get; init; } = [];

    public IReadOnlyDictionary<string, string> ExtraConfig { get; init; } = new Dictionary<string, string>();

    public bool ToolsRunning => Tools == "guestToolsRunning";

    public bool IsOff => PowerState == "poweredOff";

    /// <summary>Whether the memory is reserved as passed-through devices need it.</summary>
    public bool MemoryReserved => ReservationLocked && ReservationMB >= MemoryMB;

    public IReadOnlyList<VimValue> Disks => [.. Devices.Where(d => d.Is("VirtualDisk")).OrderBy(d => d["key"].Int)];

    // All adapters have an address, and nothing else has one.
    public IReadOnlyList<VimValue> Adapters =>
        [.. Devices.Where(d => d["macAddress"].Exists).OrderBy(d => d["key"].Int)];

    public IReadOnlyList<VimValue> Passthrough =>
        [.. Devices.Where(d => d.Is("VirtualPCIPassthrough")).OrderBy(d => d["key"].Int)];

    /// <summary>Names of distributed port groups by key, as far as they were read.</summary>
    public IReadOnlyDictionary<string, string> GroupNames { get; init; } = new Dictionary<string, string>();

    public static VmFacts Read(VimObject vm) => new()
    {
        Ref = vm.Ref,
        Name = vm.Name,
        Parent = vm["parent"].Ref,
        Host = vm["runtime.host"].Ref,
        PowerState = vm["runtime.powerState"].Text,
        IsTemplate = vm["config.template"].Bool,
        NumCpu = vm["config.hardware.numCPU"].Int,
        MemoryMB = vm["config.hardware.memoryMB"].Int,
        ReservationLocked = vm["config.memoryReservationLockedToMax"].Bool,
        ReservationMB = vm["config.memoryAllocation.reservation"].Long,
        Tools = vm["guest.toolsRunningStatus"].Text,
        ConnectionState = vm["runtime.connectionState"].Text,
        GuestId = vm["config.guestId"].Text,
        Firmware = vm["config.firmware"].Text,
        Addresses = vm["guest.net"].Items
            .SelectMany(n => n.All("ipAddress"), (n, a) => (Mac: n["macAddress"].Text.ToLowerInvariant(), a.Text))
            .ToLookup(n => n.Mac, n => n.Text),
        Devices = vm["config.hardware.device"].Items,
        ExtraConfig = vm["config.extraConfig"].Items
            .GroupBy(o => o["key"].Text).ToDictionary(g => g.Key, g => g.Last()["value"].Text),
    };

    public static string PassthroughId(VimValue device) =>
        device["backing"]["id"].Exists ? device["backing"]["id"].Text : device["backing"]["assignedId"].Text;

    public static string MsiKey(int key) =>
        string.Format(CultureInfo.InvariantCulture, "pciPassthru{0}.msiEnabled", key - FirstPassthroughKey);

    public static bool IsFalse(string? value) => string.Equals(value, "FALSE", StringComparison.OrdinalIgnoreCase);

    public static ByteSize Capacity(VimValue disk) =>
        disk["capacityInBytes"].Exists ? disk["capacityInBytes"].Long : disk["capacityInKB"].Long * 1024;

    /// <summary>The port group of an adapter; a distributed one is known by its key only.</summary>
    public static string Network(VimValue adapter) =>
        adapter["backing"]["deviceName"].Exists ? adapter["backing"]["deviceName"].Text
            : adapter["backing"]["port"]["portgroupKey"].Text;

    public bool MsiDisabled(int key) => ExtraConfig.TryGetValue(MsiKey(key), out string? value) && IsFalse(value);
}
