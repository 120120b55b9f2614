namespace ZfsEsx.Esx;

/// <summary>
/// Names of vendors and devices from the PCI ID list (pci-ids.ucw.cz), for devices whose host knows no name. None is
/// shipped: most systems have one, and without it the ids speak for themselves.
/// </summary>
internal static class PciIdList
{
    private static readonly string[] s_files =
        ["/usr/share/hwdata/pci.ids", "/usr/share/misc/pci.ids", "/usr/share/pci.ids", "/opt/homebrew/share/pci.ids"];

    /// <summary>The devices, each with a name. The list is looked at only when a host has left one out.</summary>
    public static IReadOnlyList<HostPci> Complete(IReadOnlyList<HostPci> hosts)
    {
        VmDirectPathDevice[] unnamed = [.. hosts.SelectMany(h => h.Devices)
            .Where(d => d.Device.Length == 0 || d.VendorName.Length == 0)];
        if (unnamed.Length == 0)
        {
            return hosts;
        }

        Dictionary<string, string> names = [];
        try
        {
            if (s_files.FirstOrDefault(File.Exists) is string file)
            {
                names = Find(File.ReadLines(file), new HashSet<string>(unnamed.Select(d => d.VendorId)));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A list that cannot be read is as none.
        }

        return [.. hosts.Select(h => h with { Devices = [.. h.Devices.Select(d => Name(d, names))] })];
    }

    /// <summary>
    /// Names of the vendors wanted, by <c>vendor</c>, and of all their devices, by <c>vendor:device</c>.
    /// </summary>
    public static Dictionary<string, string> Find(IEnumerable<string> lines, HashSet<string> vendors)
    {
        Dictionary<string, string> names = [];
        string? vendor = null;
        foreach (string line in lines)
        {
            // "19e3  DDRdrive, LLC.", below it "<tab>5801  DDRdrive X1"; subsystems have two tabs.
            if (line.Length < 7 || line[0] == '#' || line.StartsWith("\t\t", StringComparison.Ordinal))
            {
                continue;
            }

            bool isDevice = line[0] == '\t';
            string text = isDevice ? line.Substring(1) : line;
            string id = text.Substring(0, 4).ToLowerInvariant();
            vendor = isDevice ? vendor : vendors.Contains(id) ? id : null;
            if (vendor is not null)
            {
                names[isDevice ? vendor + ":" + id : id] = text.Substring(4).Trim();
            }
        }

        return names;
    }

    /// <summary>The device with names; where none is known, its ids in words.</summary>
    public static VmDirectPathDevice Name(VmDirectPathDevice device, Dictionary<string, string> names)
    {
        string ids = device.VendorId + ":" + device.DeviceId;
        return device with
        {
            Device = Or(device.Device, ids, "Device " + ids),
            VendorName = Or(device.VendorName, device.VendorId, "Vendor " + device.VendorId),
        };

        string Or(string known, string key, string otherwise) =>
            known.Length > 0 ? known : names.TryGetValue(key, out string? name) ? name : otherwise;
    }
}
