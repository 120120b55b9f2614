using System.Text.Json.Nodes;

namespace ZfsEsx.Lab;

/// <summary>From a VM's configuration in the simulator to a guest with exactly those devices.</summary>
internal static class VmConfiguration
{
    private const int LeastMemoryMB = 512;

    /// <summary>Reads the event <c>power-on</c>.</summary>
    public static GuestConfig Read(JsonObject vm, GuestFiles files, LabOptions options)
    {
        string name = (string?)vm["vm"] ?? throw new LabException("The event has no vm.");
        return new GuestConfig
        {
            Name = name,
            HostName = (string?)vm["guestInfo"]?["hostname"] ?? name,
            Uuid = (string?)vm["uuid"] ?? throw new LabException("The event has no uuid."),
            Role = "storage",
            MemoryMB = Math.Max(LeastMemoryMB, (int?)vm["memoryMB"] ?? LeastMemoryMB),
            Cpus = Math.Max(1, (int?)vm["numCpu"] ?? 1),
            Nics = [.. Items(vm, "nics").Select(
                nic => new GuestNic((string?)nic["mac"] ?? "", (string?)nic["network"] ?? ""))],
            // the first disk is the template's system disk, which is the guest's own
            Disks = [.. Items(vm, "disks").Skip(1).Select(disk => DataDisk(disk, files, options)),
                .. Items(vm, "passthrough").Select((device, i) => LogDevice(device, i, files, options))],
        };
    }

    private static GuestDisk DataDisk(JsonNode disk, GuestFiles files, LabOptions options)
    {
        int key = (int?)disk["key"] ?? throw new LabException("A disk has no key.");
        long size = (long?)disk["capacityBytes"] ?? throw new LabException($"Disk {key} has no size.");
        string serial = "vmdk" + key;
        return new GuestDisk(serial, FileOf(files, serial), size, options.DataDiskIops, options.DataDiskBurstIops);
    }

    // a device of its own, whatever VM it is in: its content would move with it, but no two VMs can have it at a time
    private static GuestDisk LogDevice(JsonNode device, int index, GuestFiles files, LabOptions options)
    {
        string name = new([.. ((string?)device["name"] ?? "device").Where(char.IsAsciiLetterOrDigit)]);
        string serial = index == 0 ? Shorten(name, 20) : Shorten(name, 18) + "-" + (index + 1);
        return new GuestDisk(serial, FileOf(files, serial), (long)options.LogDeviceMB << 20, Iops: 0, BurstIops: 0);
    }

    private static string FileOf(GuestFiles files, string serial) => Path.Combine(files.Directory, serial + ".disk");

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..length];

    private static IEnumerable<JsonNode> Items(JsonObject vm, string key) =>
        (vm[key] as JsonArray)?.OfType<JsonNode>() ?? [];
}
